namespace Countersign.Domain.Processes;

/// <summary>A timer start event of a published process, and when it starts the process next.</summary>
/// <param name="ElementId">The start event.</param>
/// <param name="Name">The start event's name in the drawing, or its id.</param>
/// <param name="Timer">The date, duration or cycle as it was when the version was published: what two versions are compared by.</param>
/// <param name="Restarts">Whether a new version counts it anew (a duration); otherwise a timer that stays as it was goes on.</param>
/// <param name="DueAt">The next start (UTC); null when there is none any more.</param>
/// <param name="Remaining">Starts left, the next one included; null = starts once, -1 = without end.</param>
/// <param name="Interval">ISO 8601 duration or cron expression between two starts; null = starts once.</param>
public sealed record TimerStart(string ElementId, string Name, string Timer, bool Restarts, DateTimeOffset? DueAt, int? Remaining, string? Interval)
{
    /// <summary>
    /// The timer behind a start: its next time lies after <paramref name="now"/>. Times that were missed are not made up for; of a counted cycle they are used up.
    /// </summary>
    /// <param name="now">The time now (UTC).</param>
    public TimerStart After(DateTimeOffset now)
    {
        if (DueAt is not { } due || Interval is null || Remaining is not { } remaining)
            return this with { DueAt = null, Remaining = null };
        var (next, steps) = TimerText.NextBehind(due, Interval, now);
        if (remaining < 0)
            return this with { DueAt = next };
        return next is null || steps >= remaining ? this with { DueAt = null, Remaining = 0 } : this with { DueAt = next, Remaining = remaining - (int)steps };
    }
}
