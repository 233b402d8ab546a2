using System.Globalization;

namespace Countersign.Domain.Processes;

/// <summary>An ISO 8601 duration: calendar months and an exact time, each added in its own way.</summary>
/// <param name="Months">Years and months, in months.</param>
/// <param name="Time">Weeks, days, hours, minutes and seconds.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct IsoDuration(int Months, TimeSpan Time)
{
    /// <summary>Longest accepted: 100 years. A longer wait is a mistake.</summary>
    private const int MaximumYears = 100;

    public bool IsZero => Months == 0 && Time == TimeSpan.Zero;

    /// <summary>The time that lies this much later; the calendar ends with the year 9999, and so does every wait.</summary>
    public static DateTimeOffset operator +(DateTimeOffset start, IsoDuration duration)
    {
        // The longest duration is a hundred years each way, and a hundred and one more than cover both.
        if (start.Year < DateTimeOffset.MaxValue.Year - (2 * MaximumYears) - 1)
            return start.AddMonths(duration.Months) + duration.Time;
        var months = ((DateTimeOffset.MaxValue.Year - start.Year) * 12) + DateTimeOffset.MaxValue.Month - start.Month;
        if (duration.Months > months)
            return DateTimeOffset.MaxValue;
        var at = start.AddMonths(duration.Months);
        return DateTimeOffset.MaxValue - at < duration.Time ? DateTimeOffset.MaxValue : at + duration.Time;
    }

    /// <summary>Reads <c>P[n]Y[n]M[n]W[n]DT[n]H[n]M[n]S</c>; the seconds may have a fraction; 0 to 100 years.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IsoDuration duration)
    {
        duration = default;
        if (text.Length < 3 || text[0] != 'P')
            return false;
        decimal months = 0, seconds = 0;
        var order = 0;
        var inTime = false;
        var rest = text[1..];
        while (!rest.IsEmpty)
        {
            if (rest[0] == 'T')
            {
                if (inTime || rest.Length == 1)
                    return false;
                inTime = true;
                order = 4;
                rest = rest[1..];
                continue;
            }

            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || digits > 12 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            if (Unit(rest[digits], inTime) is not { } unit || unit.Order < order || (unit.Order != 6 && decimal.Truncate(number) != number))
                return false;
            order = unit.Order + 1;
            months += number * unit.Months;
            seconds += number * unit.Seconds;
            rest = rest[(digits + 1)..];
        }

        if (months > MaximumYears * 12 || seconds > MaximumYears * 366L * 86_400)
            return false;
        duration = new IsoDuration((int)months, TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)));
        return true;
    }

    private static (int Order, int Months, int Seconds)? Unit(char letter, bool inTime) => (letter, inTime) switch
    {
        ('Y', false) => (0, 12, 0),
        ('M', false) => (1, 1, 0),
        ('W', false) => (2, 0, 7 * 86_400),
        ('D', false) => (3, 0, 86_400),
        ('H', true) => (4, 0, 3_600),
        ('M', true) => (5, 0, 60),
        ('S', true) => (6, 0, 1),
        _ => null,
    };
}
