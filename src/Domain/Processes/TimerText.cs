using System.Globalization;
using System.Text.Json;

namespace Countersign.Domain.Processes;

/// <summary>When a timer is due.</summary>
/// <param name="Remaining">Firings left, this one included; null = fires once, -1 = without end.</param>
/// <param name="Interval">ISO 8601 duration between firings, or a cron expression; null = fires once.</param>
internal readonly record struct TimerDue(DateTimeOffset At, int? Remaining, string? Interval);

/// <summary>Dates, durations and cycles as timers have them.</summary>
internal static class TimerText
{
    private const int Endless = -1;
    private static readonly TimeSpan ShortestCycle = TimeSpan.FromSeconds(1);

    /// <summary>When a timer with this value is due; a sentence when the value cannot be used.</summary>
    public static string? DueAt(TimerKind kind, JsonElement value, DateTimeOffset now, out TimerDue due)
    {
        due = default;
        return value.ValueKind == JsonValueKind.String
            ? DueAt(kind, value.GetString()!, now, out due)
            : $"{(kind == TimerKind.Date ? "a date and time" : "a duration")} is a text like {Example(kind)}.";
    }

    /// <summary>When a timer with this text is due; a sentence when the text cannot be used.</summary>
    public static string? DueAt(TimerKind kind, string text, DateTimeOffset now, out TimerDue due)
    {
        due = default;
        text = text.Trim();
        switch (kind)
        {
            case TimerKind.Date when TryDate(text, out var at):
                due = new TimerDue(at, null, null);
                return null;
            case TimerKind.Duration when IsoDuration.TryParse(text, out var duration):
                due = new TimerDue(now + duration, null, null);
                return null;
            case TimerKind.Cycle:
                return Cycle(text, now, out due);
            default:
                return $"'{Short(text)}' is not {(kind == TimerKind.Date ? "a date and time with a zone" : "a duration up to 100 years")} like {Example(kind)}.";
        }
    }

    /// <summary>
    /// When a timer that fires again is due next: counted from when it was due, so that lateness does not add up. Null when there is no such time: the calendar ends with the year 9999.
    /// </summary>
    public static DateTimeOffset? NextAfter(DateTimeOffset due, string? interval)
    {
        if (IsoDuration.TryParse(interval, out var duration))
            return due + duration is var next && next < DateTimeOffset.MaxValue ? next : null;
        return interval is not null && CronText.Parse(interval, out var cron) is null ? cron!.Next(due) : null;
    }

    /// <summary>The first time of a series behind both its last one and another time, and how many steps of the series lead there; no time when there is none.</summary>
    public static (DateTimeOffset? At, long Steps) NextBehind(DateTimeOffset due, string interval, DateTimeOffset now)
    {
        if (!IsoDuration.TryParse(interval, out var duration))
            return (NextAfter(due > now ? due : now, interval), 1);
        // Reckoned, not walked: a cycle of a second may have missed a million times.
        if (duration.Months == 0 && now >= due)
        {
            var steps = ((now - due).Ticks / duration.Time.Ticks) + 1;
            return (due + (duration.Time * steps), steps);
        }

        var (at, count) = (due + duration, 1L);
        while (at <= now)
            (at, count) = (at + duration, count + 1);
        return (at < DateTimeOffset.MaxValue ? at : null, count);
    }

    private static string? Cycle(string text, DateTimeOffset now, out TimerDue due)
    {
        due = default;
        if (CronText.Looks(text))
        {
            if (CronText.Parse(text, out var cron) is { } wrong)
                return wrong;
            due = new TimerDue(cron!.Next(now) ?? now, Endless, text);
            return null;
        }

        var parts = text.Split('/');
        if (parts.Length is < 2 or > 3 || parts[0].Length == 0 || parts[0][0] != 'R')
            return $"'{Short(text)}' is neither a cycle like {Example(TimerKind.Cycle)} nor a cron expression like 0 0 8 * * MON-FRI.";
        var remaining = Endless;
        if (parts[0].Length > 1 && (!int.TryParse(parts[0].AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out remaining) || remaining < 1))
            return $"'{Short(text)}' must repeat at least once.";
        var start = now;
        if (parts.Length == 3 && !TryDate(parts[1], out start))
            return $"'{Short(parts[1])}' is not a date and time with a zone like {Example(TimerKind.Date)}.";
        if (!IsoDuration.TryParse(parts[^1], out var interval))
            return $"'{Short(parts[^1])}' is not a duration up to 100 years like {Example(TimerKind.Duration)}.";
        if (interval.Months == 0 && interval.Time < ShortestCycle)
            return "a cycle repeats at most once a second.";
        due = new TimerDue(parts.Length == 3 ? start : start + interval, remaining, parts[^1]);
        return null;
    }

    private static bool TryDate(string text, out DateTimeOffset at) =>
        DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out at);

    private static string Example(TimerKind kind) => kind switch
    {
        TimerKind.Date => "2026-01-31T09:00:00Z",
        TimerKind.Duration => "PT15M",
        _ => "R3/PT1H",
    };

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
