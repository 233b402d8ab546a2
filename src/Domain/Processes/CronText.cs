using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace Countersign.Domain.Processes;

/// <summary>
/// A cron expression in UTC: second, minute, hour, day of month, month, day of week, and optionally a year that must be <c>*</c>. Fields are lists of <c>*</c>, numbers, ranges and steps.
/// Days of the week are named, because tools count them differently.
/// </summary>
internal sealed class CronText
{
    private const int LongestGapInYears = 8;
    private const int LongestText = 500;
    private static readonly ImmutableArray<string> Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly ImmutableArray<string> Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    // A set bit at n = the field holds n.
    private readonly ulong _seconds, _minutes, _hours, _days, _months, _weekdays;

    private CronText(ulong[] fields) => (_seconds, _minutes, _hours, _days, _months, _weekdays) = (fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]);

    /// <summary>Whether a text has the shape of a cron expression, right or wrong.</summary>
    public static bool Looks(string text) => Fields(text).Length is >= 5 and <= 7;

    /// <summary>Reads an expression; a sentence when it cannot be used.</summary>
    public static string? Parse(string text, out CronText? cron)
    {
        cron = null;
        if (text.Length > LongestText)
            return $"a cron expression has at most {LongestText.ToString(CultureInfo.InvariantCulture)} characters.";
        var fields = Fields(text);
        if (fields.Length is not (6 or 7) || (fields.Length == 7 && fields[6] is not ("*" or "?")))
            return "a cron expression has six fields: second, minute, hour, day of month, month, day of week, like 0 0 8 * * MON-FRI.";
        var sets = new ulong[6];
        (int From, int To, ImmutableArray<string> Names)[] limits = [(0, 59, []), (0, 59, []), (0, 23, []), (1, 31, []), (1, 12, Months), (0, 6, Days)];
        for (var i = 0; i < sets.Length; i++)
        {
            if (!TryField(fields[i], limits[i].From, limits[i].To, limits[i].Names, i == 5, out sets[i]))
                return i == 5 ? $"'{fields[i]}' is no day of the week; name them, like MON-FRI." : $"'{fields[i]}' cannot be field {(i + 1).ToString(CultureInfo.InvariantCulture)} of a cron expression.";
        }

        var read = new CronText(sets);
        if (read.Next(DateTimeOffset.UnixEpoch) is null)
            return "no day is like that.";
        cron = read;
        return null;
    }

    /// <summary>The first time after this one; null when there is none within eight years.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var from = new DateTimeOffset(after.UtcDateTime.Ticks - (after.UtcDateTime.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero).AddSeconds(1);
        var last = from.AddYears(LongestGapInYears);
        for (var day = from.UtcDateTime.Date; day <= last.UtcDateTime; day = day.AddDays(1))
        {
            if (!Has(_months, day.Month) || !Has(_days, day.Day) || !Has(_weekdays, (int)day.DayOfWeek))
                continue;
            var earliest = day == from.UtcDateTime.Date ? from.TimeOfDay : TimeSpan.Zero;
            if (TimeOfDay(earliest) is { } time)
                return new DateTimeOffset(day, TimeSpan.Zero) + time;
        }

        return null;
    }

    private TimeSpan? TimeOfDay(TimeSpan earliest)
    {
        for (var hour = From(_hours, earliest.Hours); hour is { } h; hour = From(_hours, h + 1))
        {
            for (var minute = From(_minutes, h == earliest.Hours ? earliest.Minutes : 0); minute is { } m; minute = From(_minutes, m + 1))
            {
                if (From(_seconds, h == earliest.Hours && m == earliest.Minutes ? earliest.Seconds : 0) is { } s)
                    return new TimeSpan(h, m, s);
            }
        }

        return null;
    }

    /// <summary>The first member that is at least n.</summary>
    private static int? From(ulong set, int n)
    {
        var rest = n > 63 ? 0 : set >> n << n;
        return rest == 0 ? null : BitOperations.TrailingZeroCount(rest);
    }

    private static bool Has(ulong set, int n) => (set >> n & 1) == 1;

    private static bool TryField(string text, int from, int to, ImmutableArray<string> names, bool namedOnly, out ulong set)
    {
        set = 0;
        foreach (var part in text.Split(','))
        {
            var step = part.Split('/');
            var every = 1;
            if (step.Length > 2 || (step.Length == 2 && (!int.TryParse(step[1], NumberStyles.None, CultureInfo.InvariantCulture, out every) || every < 1)))
                return false;
            var range = step[0] is "*" or "?" ? [] : step[0].Split('-');
            int first = from, last = to;
            if (range.Length > 2 || (range.Length > 0 && !TryValue(range[0], from, to, names, namedOnly, out first)) || (range.Length == 2 && !TryValue(range[1], from, to, names, namedOnly, out last)))
                return false;
            // A single value with a step runs on to the end of the field: 0/15.
            if (range.Length == 1 && step.Length == 1)
                last = first;
            for (var n = first; n <= last; n += every)
                set |= 1UL << n;
        }

        return set != 0;
    }

    private static bool TryValue(string text, int from, int to, ImmutableArray<string> names, bool namedOnly, out int value)
    {
        value = names.IndexOf(text.ToUpperInvariant());
        if (value >= 0)
        {
            value += from;
            return true;
        }

        return !namedOnly && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= from && value <= to;
    }

    private static string[] Fields(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
