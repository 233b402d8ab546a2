using System.Collections.Immutable;
using Countersign.Domain.Policies;

namespace Countersign.Domain.Instances;

/// <summary>What lies outside the stream and was looked up before deciding. Whatever Decide uses of it is written into the event.</summary>
/// <param name="Policies">Compiled policies by <c>key:number</c>: those pinned by the instance, or, at a start, the active ones.</param>
/// <param name="ActivePolicies">Policy key to active version id, used at a start to pin.</param>
/// <param name="Limits">Bounds of one command.</param>
/// <param name="TraceId">W3C trace id of the command, 32 hex digits, or null.</param>
public sealed record DecideContext(ImmutableDictionary<string, CompiledPolicy> Policies, ImmutableDictionary<string, string> ActivePolicies, DecideLimits Limits,
    string? TraceId)
{
    /// <summary>The version that a migration leads to; null for every other command.</summary>
    public Countersign.Domain.Processes.ProcessGraph? Target { get; init; }

    /// <summary>Size of the facts that the instance has so far, in bytes as UTF-8 JSON; 0 before a start.</summary>
    public long StoredBytes { get; init; }

    /// <summary>The running instance that holds the business key of a start; null when it is free or need not be unique.</summary>
    public Guid? KeyHolder { get; init; }

    /// <summary>An attempt that somebody works on now; looked up for a continuation only, null when there is none.</summary>
    public OpenAttempt? Held { get; init; }

    /// <summary>Nothing looked up, default limits.</summary>
    public static DecideContext Empty { get; } = new(ImmutableDictionary<string, CompiledPolicy>.Empty, ImmutableDictionary<string, string>.Empty, DecideLimits.Default, null);
}

/// <summary>An attempt of a job under a lease.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Until">End of the lease (UTC).</param>
public sealed record OpenAttempt(string JobId, DateTimeOffset Until);

/// <summary>Bounds of one command; beyond them the instance stops with an incident.</summary>
/// <param name="Steps">Flow-node entries per command.</param>
/// <param name="FeelSteps">FEEL evaluation steps per expression.</param>
/// <param name="Events">Facts per instance as stored: the version of its stream. Operators may raise it for one instance (<see cref="RaiseInstanceLimit"/>).</param>
/// <param name="VariableBytes">Size of all variables of one command as UTF-8 JSON, in bytes.</param>
public sealed record DecideLimits(int Steps, int FeelSteps, int Events, int VariableBytes)
{
    /// <summary>1,000 steps, 100,000 FEEL steps, 50,000 events, 2 MB.</summary>
    public static DecideLimits Default { get; } = new(1_000, 100_000, 50_000, 2 * 1024 * 1024);

    /// <summary>Size of the facts of one instance, in bytes as UTF-8 JSON, beyond which it stops with an incident: 50 MB unless said otherwise.</summary>
    public long StoredBytes { get; init; } = 50 * 1024 * 1024;

    /// <summary>FEEL evaluation steps of all expressions of one command: some half a second. A thousand expressions may each stay within their own bound.</summary>
    public long CommandFeelSteps { get; init; } = 10_000_000;

    /// <summary>Repetitions of one multi-instance that run in one instance; more run in instances of their own. 1,000.</summary>
    public int Repetitions { get; init; } = 1_000;

    /// <summary>The highest limit of facts that an instance can be given: as many as are loaded in under a second without a snapshot, at 108 ms for 10,000 (docs/reference/performance.md).</summary>
    public const int MostEvents = 90_000;

    /// <summary>From how many facts on an instance warns: four fifths of its limit.</summary>
    /// <param name="limit">Its limit.</param>
    public static int WarningAt(int limit) => (int)(limit * 4L / 5);
}
