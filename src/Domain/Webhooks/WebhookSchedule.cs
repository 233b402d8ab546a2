using System.Collections.Immutable;

namespace Countersign.Domain.Webhooks;

/// <summary>When a delivery is tried again: at 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h after the attempt before, each within 20 % (about three days in all).</summary>
public static class WebhookSchedule
{
    /// <summary>Longest pause a receiver can ask for.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    /// <summary>An endpoint without a success for this long is switched off.</summary>
    public static readonly TimeSpan DisableAfter = TimeSpan.FromDays(5);

    /// <summary>Pauses between attempts; the first attempt has none.</summary>
    public static readonly ImmutableArray<TimeSpan> Pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10),
        TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>Attempts in all.</summary>
    public static int Attempts => Pauses.Length + 1;

    /// <summary>When the next attempt is due, or null when the last one is over.</summary>
    /// <param name="attempts">Attempts made, 1 or more.</param>
    /// <param name="now">End of the last one.</param>
    /// <param name="jitter">Anything from 0 to 1; 0.5 is exactly on time.</param>
    /// <param name="retryAfter">What the receiver asked for, or null; never makes the pause shorter.</param>
    public static DateTimeOffset? Next(int attempts, DateTimeOffset now, double jitter, TimeSpan? retryAfter)
    {
        if (attempts < 1 || attempts > Pauses.Length)
            return null;
        var pause = Pauses[attempts - 1] * (0.8 + (0.4 * Math.Clamp(jitter, 0, 1)));
        if (retryAfter is { } asked && asked > pause)
            pause = asked < LongestRetryAfter ? asked : LongestRetryAfter;
        return now + pause;
    }
}
