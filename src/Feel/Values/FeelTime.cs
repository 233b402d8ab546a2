using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Countersign.Feel.Values;

/// <summary>A time of day to the nanosecond, local or with an offset or zone.</summary>
public sealed class FeelTime : FeelValue
{
    internal const long SecondsPerDay = 86_400;

    /// <summary>Creates a time.</summary>
    /// <param name="secondOfDay">0 to 86,399.</param>
    /// <param name="nanosecond">0 to 999,999,999.</param>
    /// <param name="zone">The zone; null for a local time.</param>
    public FeelTime(int secondOfDay, int nanosecond, FeelZone? zone)
        : base(FeelKind.Time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(secondOfDay);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(secondOfDay, (int)SecondsPerDay);
        SecondOfDay = secondOfDay;
        Nanosecond = nanosecond;
        Zone = zone;
    }

    /// <summary>0 to 86,399.</summary>
    public int SecondOfDay { get; }

    /// <summary>0 to 999,999,999.</summary>
    public int Nanosecond { get; }

    /// <summary>The zone; null for a local time.</summary>
    public FeelZone? Zone { get; }

    /// <summary>0 to 23.</summary>
    public int Hour => SecondOfDay / 3600;

    /// <summary>0 to 59.</summary>
    public int Minute => SecondOfDay / 60 % 60;

    /// <summary>0 to 59, without the fraction.</summary>
    public int Second => SecondOfDay % 60;

    /// <summary>Reads <c>10:30:00</c> with an optional fraction and zone.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out FeelTime? time)
    {
        time = null;
        if (text.Length > 0 && text[0] == 'T')
            text = text[1..];
        if (text.Length < 8 || text[2] != ':' || text[5] != ':' || !FeelDate.TryDigits(text[..2], out var hour)
            || !FeelDate.TryDigits(text.Slice(3, 2), out var minute) || !FeelDate.TryDigits(text.Slice(6, 2), out var second)
            || hour > 24 || minute > 59 || second > 59 || (hour == 24 && minute + second > 0))
            return false;
        var rest = text[8..];
        if (!TryFraction(ref rest, out var nanosecond) || (hour == 24 && nanosecond > 0))
            return false;
        FeelZone? zone = null;
        if (rest.Length > 0 && !FeelZone.TryParse(rest, out zone))
            return false;
        time = new FeelTime((int)(((hour % 24) * 3600) + (minute * 60) + second), nanosecond, zone);
        return true;
    }

    /// <inheritdoc />
    public override bool Equals(FeelValue? other) => other is FeelTime time && time.SecondOfDay == SecondOfDay && time.Nanosecond == Nanosecond && Equals(time.Zone, Zone);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(SecondOfDay, Nanosecond, Zone);

    internal string Format(FeelDate? onDate = null, bool withZone = true)
    {
        _ = onDate;
        var text = string.Create(CultureInfo.InvariantCulture, $"{Hour:00}:{Minute:00}:{Second:00}");
        if (Nanosecond != 0)
            text += "." + Nanosecond.ToString("000000000", CultureInfo.InvariantCulture).TrimEnd('0');
        return Zone is null || !withZone ? text : text + Zone.Format();
    }

    // Nanoseconds of the day in UTC; a named zone without a date counts by its offset today's rules cannot give, so as local.
    internal long UtcNanoOfDay()
    {
        var offset = Zone?.OffsetAt(null, SecondOfDay) ?? 0;
        return ((SecondOfDay - (long)offset) * 1_000_000_000) + Nanosecond;
    }

    internal static bool TryFraction(ref ReadOnlySpan<char> rest, out int nanosecond)
    {
        nanosecond = 0;
        if (rest.Length == 0 || rest[0] != '.')
            return true;
        var length = 1;
        while (length < rest.Length && char.IsAsciiDigit(rest[length]))
            length++;
        if (length == 1)
            return false;
        var scale = 100_000_000;
        for (var i = 1; i < length && scale > 0; i++, scale /= 10)
            nanosecond += (rest[i] - '0') * scale;
        rest = rest[length..];
        return true;
    }
}
