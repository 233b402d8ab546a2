namespace Countersign.Workers.Trail;

/// <summary>How the trail is kept. See docs/reference/trail-format.md.</summary>
public sealed record TrailOptions
{
    /// <summary><c>Countersign:Trail:Host</c>. First part of every log's origin; stands in every checkpoint, so it is chosen once. Default: <c>countersign.local</c>.</summary>
    public string Host { get; init; } = "countersign.local";

    /// <summary>
    /// <c>Countersign:Trail:SecondPlace</c>. Folder for signed checkpoints outside the database, best on storage that lets nobody change files. Default: <c>trail</c> in the data folder.
    /// </summary>
    public required string SecondPlace { get; init; }

    /// <summary><c>Countersign:Trail:KeyFile</c>. Private signing keys, readable by the service's user alone. Default: <c>keys/trail.key</c> in the data folder.</summary>
    public required string KeyFile { get; init; }

    /// <summary>
    /// <c>Countersign:Trail:Keys</c>. The lines of the key file themselves, separated by line breaks or semicolons, where a secret store gives them to every node.
    /// Unset: <see cref="KeyFile"/>.
    /// </summary>
    public string? Keys { get; init; }

    /// <summary>Leaves after which a checkpoint is signed at the latest; at least 1, default 256.</summary>
    public int CheckpointLeaves { get; init; } = 256;

    /// <summary>Time after which new leaves are under a signed checkpoint at the latest, measured from the last one; default 60 seconds.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the log is looked at while an open transaction holds it up; default 500 ms.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the log is looked at when nothing holds it up: every append wakes it; default 10 seconds.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Events of one append at most; at least 1, default 1,000.</summary>
    public int Batch { get; init; } = 1000;

    /// <summary>
    /// How long a transaction may hold up the log before it goes on without it; default 90 seconds, longer than the database lets an event writer live. What it commits
    /// afterwards comes in late and raises an alarm.
    /// </summary>
    public TimeSpan GapPatience { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>
    /// <c>Countersign:Trail:Restore:Reason</c> and <c>:Operator</c>. Set after the database was restored to an earlier state, and only then: allows the log to go on in a
    /// new epoch that states what was lost. Unset: nothing is signed for a tenant whose log is shorter than what was published.
    /// </summary>
    public RestoreWord? Restore { get; init; }
}

/// <summary>An operator's word that a restore happened.</summary>
/// <param name="Reason">Why, for auditors.</param>
/// <param name="Operator">Who says so.</param>
public sealed record RestoreWord(string Reason, string Operator);
