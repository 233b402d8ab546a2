using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Domain.Instances;

/// <summary>
/// When the next attempt of a job is due: 5 seconds, doubling, at most an hour, each 20 % more or less. The jitter comes from a hash of
/// job and attempt, so that many jobs that failed together do not come back together, and a replay gives the same time.
/// </summary>
internal static class RetrySchedule
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestAsked = TimeSpan.FromHours(24);

    /// <summary>Time from the failure of an attempt to the next.</summary>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="asked">What the other side asked for (at most 24 hours are granted); never come back earlier.</param>
    public static TimeSpan Delay(string jobId, int attempt, TimeSpan? asked)
    {
        var doubled = attempt > 20 ? Longest : TimeSpan.FromTicks(Math.Min(First.Ticks << (attempt - 1), Longest.Ticks));
        var delay = TimeSpan.FromTicks((long)(doubled.Ticks * (0.8 + (0.4 * Share(jobId, attempt)))));
        return asked is { } wanted && wanted > delay ? (wanted < LongestAsked ? wanted : LongestAsked) : delay;
    }

    private static double Share(string jobId, int attempt)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(jobId + "/" + attempt.ToString(CultureInfo.InvariantCulture)), hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash) / (double)uint.MaxValue;
    }
}
