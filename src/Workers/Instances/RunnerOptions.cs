using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Bounds of the instance runner of one node; <c>Countersign:Runner:*</c>.</summary>
public sealed record RunnerOptions
{
    /// <summary>Writers, each with a queue, a cache and one transaction at a time; one more is for quiet tenants beside a crowd. 1 to 16, default 2.</summary>
    public int Writers { get; init; } = 2;

    /// <summary>Commands in one transaction at most. Default 100.</summary>
    public int BatchCommands { get; init; } = 100;

    /// <summary>Commands of one tenant in one transaction at most: so long, no longer, does a tenant with a crowd hold up the next one; with more than that under way it is a crowd. Default 32.</summary>
    public int BatchOfTenant { get; init; } = 32;

    /// <summary>Bytes of command variables in one transaction at most, unless a single command is larger. Default 4 MB.</summary>
    public int BatchBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Commands that may wait at one writer; more are refused with 429. Default 2,000.</summary>
    public int Waiting { get; init; } = 2_000;

    /// <summary>Commands of one tenant that may wait at one writer, so that one cannot fill the queue. Default 1,000.</summary>
    public int WaitingOfTenant { get; init; } = 1_000;

    /// <summary>Instance states kept by one writer. Default 5,000.</summary>
    public int CachedStates { get; init; } = 5_000;

    /// <summary>Estimated bytes of the states kept by one writer. Default 64 MB.</summary>
    public long CachedBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Events after which an instance's state is stored as a snapshot. Default 100.</summary>
    public int SnapshotEvery { get; init; } = 100;

    /// <summary>Facts of one instance, as stored; at four fifths it warns, at the limit it stops with an incident. 100 to 90,000, default 50,000.</summary>
    public int InstanceFacts { get; init; } = DecideLimits.Default.Events;

    /// <summary>Size of the facts of one instance, as JSON, at which it stops with an incident. 1 to 500 MB, default 50 MB.</summary>
    public long InstanceBytes { get; init; } = DecideLimits.Default.StoredBytes;

    /// <summary>How often a command is tried again from fresh state, after a lost race or a broken connection. Default 5.</summary>
    public int Attempts { get; init; } = 5;
}
