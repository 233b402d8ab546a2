using System.Text.Json;
using Countersign.Client.Instances;

namespace Countersign.Client.Batches;

/// <summary>What a batch does to each instance or incident.</summary>
public enum BatchKind
{
    /// <summary>Cancels each instance.</summary>
    Cancel,

    /// <summary>Suspends each instance.</summary>
    Suspend,

    /// <summary>Lets each suspended instance go on.</summary>
    Resume,

    /// <summary>Moves tokens in each instance.</summary>
    Modify,

    /// <summary>Sets variables of each instance.</summary>
    SetVariables,

    /// <summary>Lets each instance run another version.</summary>
    Migrate,

    /// <summary>Retries each incident.</summary>
    Retry,

    /// <summary>Skips each incident.</summary>
    Skip,
}

/// <summary>Which instances or incidents; all members that are given must fit, and a process, an incident code or ids must be among them. At most 10,000 fit.</summary>
/// <param name="Process">Process key.</param>
/// <param name="Version">Version that is run.</param>
/// <param name="Status">Running or suspended; both when null. Not with ids alone.</param>
/// <param name="IncidentCode">Those with an open incident of this code.</param>
/// <param name="IncidentElementId">Those with an open incident at this element.</param>
/// <param name="StartedBefore">Started before (UTC).</param>
/// <param name="Instances">Ids of instances, at most 10,000.</param>
public sealed record BatchSelection(string? Process = null, int? Version = null, InstanceStatus? Status = null, string? IncidentCode = null, string? IncidentElementId = null,
    DateTimeOffset? StartedBefore = null, IReadOnlyList<Guid>? Instances = null);

/// <summary>Asks for an act on many instances.</summary>
/// <param name="Kind">What is done to each.</param>
/// <param name="Selection">Which; chosen when the batch is asked for, and no more afterwards.</param>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail of the batch and of each instance.</param>
/// <param name="DryRun">True judges each only: nothing is changed.</param>
/// <param name="TargetVersion">Version to run, for <see cref="BatchKind.Migrate"/>; the selection then names the process.</param>
/// <param name="Mapping">Old element id to new, where they differ, for <see cref="BatchKind.Migrate"/>.</param>
/// <param name="Move">Tokens that go on elsewhere, for <see cref="BatchKind.Modify"/>.</param>
/// <param name="End">Elements whose tokens end, for <see cref="BatchKind.Modify"/>.</param>
/// <param name="Begin">Elements at which a token is put, for <see cref="BatchKind.Modify"/>.</param>
/// <param name="Variables">Values for <see cref="BatchKind.SetVariables"/> and <see cref="BatchKind.Skip"/>, at most 64 KB.</param>
public sealed record CreateBatchRequest(BatchKind Kind, BatchSelection Selection, string Reason, bool DryRun = false, int? TargetVersion = null, IReadOnlyDictionary<string, string>? Mapping = null,
    IReadOnlyList<TokenMove>? Move = null, IReadOnlyList<string>? End = null, IReadOnlyList<TokenPlace>? Begin = null, IReadOnlyDictionary<string, JsonElement>? Variables = null);

/// <summary>Asks for the end of a batch; what is under way is finished, and what was done stays.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record CancelBatchRequest(string Reason);

/// <summary>Where a batch stands.</summary>
public enum BatchStatus
{
    /// <summary>Waits for its turn.</summary>
    Queued,

    /// <summary>Is carried out.</summary>
    Running,

    /// <summary>Its end was asked for.</summary>
    Cancelling,

    /// <summary>Every part was reached.</summary>
    Completed,

    /// <summary>Ended early.</summary>
    Cancelled,
}

/// <summary>How one part went.</summary>
public enum BatchOutcome
{
    /// <summary>Not reached yet.</summary>
    Open,

    /// <summary>Carried out; in a dry run: it could be.</summary>
    Done,

    /// <summary>Nothing had to be done.</summary>
    Unchanged,

    /// <summary>Refused; code and sentence say why.</summary>
    Refused,

    /// <summary>Given up after several tries.</summary>
    Failed,
}

/// <summary>A batch.</summary>
/// <param name="Selection">How its parts were chosen, in words.</param>
/// <param name="Progress">0 to 1.</param>
/// <param name="Sentence">Where it stands, in words.</param>
/// <param name="Total">Instances or incidents in all.</param>
public sealed record BatchView(Guid Id, BatchKind Kind, bool DryRun, BatchStatus Status, double Progress, string Sentence, string Selection, string Reason, string RequestedBy,
    DateTimeOffset RequestedAt, DateTimeOffset? EndedAt, int Total, int Done, int Unchanged, int Refused, int Failed);

/// <summary>One part of a batch.</summary>
/// <param name="Number">Its place, from 1.</param>
/// <param name="IncidentId">The incident, for kinds that act on one; null otherwise.</param>
/// <param name="Code">Code of the refusal, or null.</param>
/// <param name="Sentence">How it went, in words; null before.</param>
/// <param name="At">When (UTC); null before.</param>
public sealed record BatchItem(int Number, Guid InstanceId, string? IncidentId, BatchOutcome Outcome, string? Code, string? Sentence, DateTimeOffset? At);
