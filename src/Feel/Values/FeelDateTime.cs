using System.Diagnostics.CodeAnalysis;

namespace Countersign.Feel.Values;

/// <summary>A date with a time of day, local or with an offset or zone.</summary>
public sealed class FeelDateTime(FeelDate date, FeelTime time) : FeelValue(FeelKind.DateTime)
{
    /// <summary>The local date.</summary>
    public FeelDate Date { get; } = date;

    /// <summary>The local time with the zone, if any.</summary>
    public FeelTime Time { get; } = time;

    /// <summary>The zone; null for a local date and time.</summary>
    public FeelZone? Zone => Time.Zone;

    /// <summary>The offset from UTC in seconds; null for a local date and time.</summary>
    public int? Offset => Zone?.OffsetAt(Date, Time.SecondOfDay);

    /// <summary>Seconds since 1970-01-01; for a local date and time as if it were UTC.</summary>
    internal long EpochSecond => (Date.EpochDay * FeelTime.SecondsPerDay) + Time.SecondOfDay - (Offset ?? 0);

    internal Int128 EpochNano => ((Int128)EpochSecond * 1_000_000_000) + Time.Nanosecond;

    /// <summary>The moment of a clock, with its offset.</summary>
    public static FeelDateTime From(DateTimeOffset moment)
    {
        _ = FeelDate.TryCreate(moment.Year, moment.Month, moment.Day, out var date);
        var zone = FeelZone.FromOffset((long)moment.Offset.TotalSeconds);
        var nanosecond = (int)(moment.TimeOfDay.Ticks % TimeSpan.TicksPerSecond) * 100;
        return new FeelDateTime(date!, new FeelTime((int)(moment.TimeOfDay.Ticks / TimeSpan.TicksPerSecond), nanosecond, zone));
    }

    /// <summary>Reads <c>2026-11-22T10:30:00</c> with an optional fraction and zone; a date alone means midnight.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out FeelDateTime? value)
    {
        value = null;
        var split = text.IndexOf('T');
        if (split < 0)
        {
            if (!FeelDate.TryParse(text, out var midnight))
                return false;
            value = new FeelDateTime(midnight, new FeelTime(0, 0, null));
            return true;
        }
        if (!FeelDate.TryParse(text[..split], out var date) || split + 1 >= text.Length || text[split + 1] == 'T' || !FeelTime.TryParse(text[(split + 1)..], out var time))
            return false;
        // 24:00:00 is the next day's beginning.
        if (text[split + 1] == '2' && text[split + 2] == '4' && !FeelDate.TryFromEpochDay(date.EpochDay + 1, out date))
            return false;
        value = new FeelDateTime(date, time);
        return true;
    }

    /// <summary>The date and time a number of nanoseconds later on the time line, in the same zone.</summary>
    internal bool TryAddNanos(Int128 nanos, [NotNullWhen(true)] out FeelDateTime? value)
    {
        value = null;
        var total = EpochNano + nanos;
        var second = Int128.DivRem(total, 1_000_000_000).Quotient;
        var nano = (int)(total - (second * 1_000_000_000));
        if (nano < 0)
        {
            nano += 1_000_000_000;
            second--;
        }
        if (Int128.Abs(second) > (Int128)FeelDate.MaxYear * 366 * FeelTime.SecondsPerDay)
            return false;
        var local = (long)second + (Zone?.OffsetAtInstant((long)second) ?? 0);
        var day = FeelDate.FloorDiv(local, FeelTime.SecondsPerDay);
        if (!FeelDate.TryFromEpochDay(day, out var date))
            return false;
        value = new FeelDateTime(date, new FeelTime((int)(local - (day * FeelTime.SecondsPerDay)), nano, Zone));
        return true;
    }

    /// <inheritdoc />
    public override bool Equals(FeelValue? other) => other is FeelDateTime value && value.Date.Equals(Date) && value.Time.Equals(Time);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Date, Time);

    internal string Format() => Date.Format() + "T" + Time.Format(Date);
}
