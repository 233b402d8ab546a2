using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Countersign.Feel.Values;

/// <summary>A date of the proleptic Gregorian calendar, years -999,999,999 to 999,999,999.</summary>
public sealed class FeelDate : FeelValue
{
    internal const int MaxYear = 999_999_999;

    private FeelDate(int year, int month, int day)
        : base(FeelKind.Date)
    {
        Year = year;
        Month = month;
        Day = day;
    }

    /// <summary>The year; 0 is the year before 1.</summary>
    public int Year { get; }

    /// <summary>1 to 12.</summary>
    public int Month { get; }

    /// <summary>1 to 31.</summary>
    public int Day { get; }

    /// <summary>Days since 1970-01-01.</summary>
    public long EpochDay => ToEpochDay(Year, Month, Day);

    /// <summary>1 for Monday to 7 for Sunday.</summary>
    public int Weekday => (int)(Mod(EpochDay + 3, 7) + 1);

    /// <summary>1 to 366.</summary>
    public int DayOfYear => (int)(EpochDay - ToEpochDay(Year, 1, 1)) + 1;

    /// <summary>The week by ISO 8601: weeks begin on Monday, week 1 has the first Thursday.</summary>
    public int WeekOfYear
    {
        get
        {
            var week = (DayOfYear - Weekday + 10) / 7;
            if (week < 1)
                return WeeksIn(Year - 1);
            return week > WeeksIn(Year) ? 1 : week;
        }
    }

    /// <summary>Makes a date; false when there is no such day.</summary>
    public static bool TryCreate(long year, long month, long day, [NotNullWhen(true)] out FeelDate? date)
    {
        date = null;
        if (Math.Abs(year) > MaxYear || month is < 1 or > 12 || day < 1 || day > DaysIn((int)year, (int)month))
            return false;
        date = new FeelDate((int)year, (int)month, (int)day);
        return true;
    }

    /// <summary>The date a number of days after 1970-01-01; false when its year is out of range.</summary>
    public static bool TryFromEpochDay(long epochDay, [NotNullWhen(true)] out FeelDate? date)
    {
        date = null;
        if (Math.Abs(epochDay) > 366L * (MaxYear + 2000L))
            return false;
        // Days counted from 0000-03-01 make the leap day the last one of a year, and 400 years a fixed number of days.
        var days = epochDay + 719_468;
        var era = Math.DivRem(days, 146_097, out var dayOfEra);
        if (dayOfEra < 0)
        {
            era--;
            dayOfEra += 146_097;
        }
        var yearOfEra = (dayOfEra - (dayOfEra / 1_460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shiftedMonth = ((5 * dayOfYear) + 2) / 153;
        var day = dayOfYear - (((153 * shiftedMonth) + 2) / 5) + 1;
        var month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
        var year = yearOfEra + (era * 400) + (month <= 2 ? 1 : 0);
        return TryCreate(year, month, day, out date);
    }

    /// <summary>Reads <c>2026-11-22</c>; years beyond four digits without plus sign, years before 0 with minus.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out FeelDate? date)
    {
        date = null;
        var negative = text.Length > 0 && text[0] == '-';
        if (negative)
            text = text[1..];
        var dash = text.IndexOf('-');
        if (dash is < 4 or > 9 || (dash > 4 && text[0] == '0') || text.Length != dash + 6 || text[dash + 3] != '-')
            return false;
        return TryDigits(text[..dash], out var year) && TryDigits(text.Slice(dash + 1, 2), out var month) && TryDigits(text.Slice(dash + 4, 2), out var day)
            && TryCreate(negative ? -year : year, month, day, out date);
    }

    /// <summary>The date some months later; the day is cut to the length of the month.</summary>
    public bool TryAddMonths(long months, [NotNullWhen(true)] out FeelDate? date)
    {
        date = null;
        if (Math.Abs(months) > 30_000_000_000)
            return false;
        var total = (Year * 12L) + (Month - 1) + months;
        var year = FloorDiv(total, 12);
        if (Math.Abs(year) > MaxYear)
            return false;
        var month = (int)(total - (year * 12)) + 1;
        return TryCreate(year, month, Math.Min(Day, DaysIn((int)year, month)), out date);
    }

    /// <summary>Negative, 0 or positive as this day lies before, on or after the other.</summary>
    public int OrderTo(FeelDate other) => (Year, Month, Day).CompareTo((other.Year, other.Month, other.Day));

    /// <inheritdoc />
    public override bool Equals(FeelValue? other) => other is FeelDate date && OrderTo(date) == 0;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Year, Month, Day);

    /// <summary>Whole months from this date to another, towards zero.</summary>
    internal static long MonthsBetween(FeelDate from, FeelDate to)
    {
        var months = ((to.Year - (long)from.Year) * 12) + to.Month - from.Month;
        if (months > 0 && to.Day < from.Day)
            months--;
        else if (months < 0 && to.Day > from.Day)
            months++;
        return months;
    }

    internal string Format()
    {
        var year = Math.Abs((long)Year).ToString("0000", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{(Year < 0 ? "-" : "")}{year}-{Month:00}-{Day:00}");
    }

    internal static bool TryDigits(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c) || value > 1_000_000_000_000)
                return false;
            value = (value * 10) + (c - '0');
        }
        return text.Length > 0;
    }

    internal static long FloorDiv(long value, long divisor)
    {
        var quotient = Math.DivRem(value, divisor, out var remainder);
        return remainder < 0 ? quotient - 1 : quotient;
    }

    internal static int DaysIn(int year, int month) => month switch
    {
        2 => IsLeap(year) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    private static bool IsLeap(int year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    private static long Mod(long value, long divisor)
    {
        var remainder = value % divisor;
        return remainder < 0 ? remainder + divisor : remainder;
    }

    private static int WeeksIn(int year)
    {
        // A year has 53 weeks when it begins on a Thursday, or on a Wednesday and is a leap year.
        var first = (int)(Mod(ToEpochDay(year, 1, 1) + 3, 7) + 1);
        return first == 4 || (first == 3 && IsLeap(year)) ? 53 : 52;
    }

    private static long ToEpochDay(long year, int month, int day)
    {
        var shifted = month <= 2 ? year - 1 : year;
        var era = FloorDiv(shifted, 400);
        var yearOfEra = shifted - (era * 400);
        var dayOfYear = ((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5 + day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146_097) + dayOfEra - 719_468;
    }
}
