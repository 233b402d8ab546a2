using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Countersign.Feel.Values;

/// <summary>A duration in days, hours, minutes and seconds, to the nanosecond.</summary>
public sealed class FeelDaysDuration : FeelValue
{
    internal const long NanosPerSecond = 1_000_000_000;

    // About 10^12 days: far beyond every date, far inside 128 bits.
    private static readonly Int128 Largest = (Int128)1_000_000_000_000 * 86_400 * NanosPerSecond;

    internal FeelDaysDuration(Int128 nanoseconds)
        : base(FeelKind.DaysAndTimeDuration) => Nanoseconds = nanoseconds;

    /// <summary>The whole duration in nanoseconds.</summary>
    public Int128 Nanoseconds { get; }

    internal Int128 TotalSeconds => Nanoseconds / NanosPerSecond;

    /// <summary>A duration of a number of nanoseconds; false beyond 10^12 days.</summary>
    public static bool TryCreate(Int128 nanoseconds, [NotNullWhen(true)] out FeelDaysDuration? duration)
    {
        duration = Int128.Abs(nanoseconds) <= Largest ? new FeelDaysDuration(nanoseconds) : null;
        return duration is not null;
    }

    /// <summary>Reads <c>P1DT2H3M4.5S</c>, with a leading minus for negative ones.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out FeelDaysDuration? duration)
    {
        duration = null;
        var negative = text.Length > 0 && text[0] == '-';
        if (negative)
            text = text[1..];
        if (text.Length < 3 || text[0] != 'P')
            return false;
        text = text[1..];
        Int128 total = 0;
        var inTime = false;
        var last = 0;
        while (text.Length > 0)
        {
            if (text[0] == 'T')
            {
                if (inTime || text.Length == 1)
                    return false;
                inTime = true;
                text = text[1..];
            }
            var digits = 0;
            while (digits < text.Length && char.IsAsciiDigit(text[digits]))
                digits++;
            if (!FeelDate.TryDigits(text[..digits], out var amount))
                return false;
            var rest = text[digits..];
            var nanosecond = 0;
            var fraction = rest.Length > 0 && rest[0] == '.';
            if (fraction && rest.Length > 1 && rest[1] == 'S')
                rest = rest[1..];
            else if (!FeelTime.TryFraction(ref rest, out nanosecond))
                return false;
            if (rest.Length == 0)
                return false;
            var (rank, seconds) = (rest[0], inTime) switch
            {
                ('D', false) => (1, 86_400L),
                ('H', true) => (2, 3_600L),
                ('M', true) => (3, 60L),
                ('S', true) => (4, 1L),
                _ => (0, 0L),
            };
            if (rank <= last || (fraction && rank != 4))
                return false;
            last = rank;
            total += ((Int128)amount * seconds * NanosPerSecond) + nanosecond;
            text = rest[1..];
        }
        return TryCreate(negative ? -total : total, out duration);
    }

    /// <inheritdoc />
    public override bool Equals(FeelValue? other) => other is FeelDaysDuration duration && duration.Nanoseconds == Nanoseconds;

    /// <inheritdoc />
    public override int GetHashCode() => Nanoseconds.GetHashCode();

    internal string Format()
    {
        if (Nanoseconds == 0)
            return "PT0S";
        var size = Int128.Abs(Nanoseconds);
        var seconds = (long)(size / NanosPerSecond);
        var nanosecond = (long)(size % NanosPerSecond);
        var text = new StringBuilder(Nanoseconds < 0 ? "-P" : "P");
        if (seconds >= 86_400)
            text.Append(CultureInfo.InvariantCulture, $"{seconds / 86_400}D");
        if (seconds % 86_400 == 0 && nanosecond == 0)
            return text.ToString();
        text.Append('T');
        if (seconds / 3600 % 24 != 0)
            text.Append(CultureInfo.InvariantCulture, $"{seconds / 3600 % 24}H");
        if (seconds / 60 % 60 != 0)
            text.Append(CultureInfo.InvariantCulture, $"{seconds / 60 % 60}M");
        if (seconds % 60 != 0 || nanosecond != 0)
        {
            text.Append(seconds % 60);
            if (nanosecond != 0)
                text.Append('.').Append(nanosecond.ToString("000000000", CultureInfo.InvariantCulture).TrimEnd('0'));
            text.Append('S');
        }
        return text.ToString();
    }
}

/// <summary>A duration in years and months.</summary>
public sealed class FeelMonthsDuration : FeelValue
{
    private const long Largest = 100_000_000_000;

    internal FeelMonthsDuration(long months)
        : base(FeelKind.YearsAndMonthsDuration) => Months = months;

    /// <summary>The whole duration in months.</summary>
    public long Months { get; }

    /// <summary>A duration of a number of months; false beyond 10^11 months.</summary>
    public static bool TryCreate(Int128 months, [NotNullWhen(true)] out FeelMonthsDuration? duration)
    {
        duration = Int128.Abs(months) <= Largest ? new FeelMonthsDuration((long)months) : null;
        return duration is not null;
    }

    /// <summary>Reads <c>P1Y2M</c>, with a leading minus for negative ones.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out FeelMonthsDuration? duration)
    {
        duration = null;
        var negative = text.Length > 0 && text[0] == '-';
        if (negative)
            text = text[1..];
        if (text.Length < 3 || text[0] != 'P')
            return false;
        text = text[1..];
        Int128 total = 0;
        var last = 0;
        while (text.Length > 0)
        {
            var digits = 0;
            while (digits < text.Length && char.IsAsciiDigit(text[digits]))
                digits++;
            if (!FeelDate.TryDigits(text[..digits], out var amount) || digits == text.Length)
                return false;
            var (rank, months) = text[digits] switch { 'Y' => (1, 12), 'M' => (2, 1), _ => (0, 0) };
            if (rank <= last)
                return false;
            last = rank;
            total += (Int128)amount * months;
            text = text[(digits + 1)..];
        }
        return TryCreate(negative ? -total : total, out duration);
    }

    /// <inheritdoc />
    public override bool Equals(FeelValue? other) => other is FeelMonthsDuration duration && duration.Months == Months;

    /// <inheritdoc />
    public override int GetHashCode() => Months.GetHashCode();

    internal string Format()
    {
        if (Months == 0)
            return "P0M";
        var size = Math.Abs(Months);
        var text = new StringBuilder(Months < 0 ? "-P" : "P");
        if (size >= 12)
            text.Append(CultureInfo.InvariantCulture, $"{size / 12}Y");
        if (size % 12 != 0)
            text.Append(CultureInfo.InvariantCulture, $"{size % 12}M");
        return text.ToString();
    }
}
