using System.Collections.Immutable;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Batches;

/// <summary>A fact in the stream of one batch (<c>batch/&lt;id&gt;</c>).</summary>
public interface IBatchEvent;

/// <summary>What a batch does to each instance.</summary>
public enum BatchKind
{
    /// <summary>Cancels it.</summary>
    Cancel,

    /// <summary>Suspends it.</summary>
    Suspend,

    /// <summary>Lets it go on.</summary>
    Resume,

    /// <summary>Moves its tokens.</summary>
    Modify,

    /// <summary>Sets variables.</summary>
    SetVariables,

    /// <summary>Lets it run another version.</summary>
    Migrate,

    /// <summary>Retries an incident.</summary>
    Retry,

    /// <summary>Skips an incident.</summary>
    Skip,
}

/// <summary>What is to be done to each instance. Values of variables are no part of it: they may be personal, and stand (sealed) in the instances' own facts.</summary>
/// <param name="ProcessVersionId">The version to run, for <see cref="BatchKind.Migrate"/>.</param>
/// <param name="Mapping">Old element id to new, for <see cref="BatchKind.Migrate"/>.</param>
/// <param name="Move">For <see cref="BatchKind.Modify"/>.</param>
/// <param name="End">For <see cref="BatchKind.Modify"/>: elements.</param>
/// <param name="Begin">For <see cref="BatchKind.Modify"/>.</param>
/// <param name="VariableNames">Names of variables set or handed on.</param>
public sealed record BatchOrder(BatchKind Kind, string? ProcessVersionId, ImmutableDictionary<string, string> Mapping, ImmutableArray<TokenMove> Move, ImmutableArray<string> End,
    ImmutableArray<TokenPlace> Begin, ImmutableArray<string> VariableNames);

/// <summary>How the parts of a batch went.</summary>
/// <param name="Done">Carried out; in a dry run: could be.</param>
/// <param name="Unchanged">Nothing had to be done.</param>
/// <param name="Refused">Refused, each with its reason.</param>
/// <param name="Failed">Given up after several tries.</param>
/// <param name="Open">Not reached.</param>
public sealed record BatchCounts(int Done, int Unchanged, int Refused, int Failed, int Open);

/// <summary>Somebody asked for an act on many instances.</summary>
/// <param name="BatchId">Id of the batch.</param>
/// <param name="Order">What is done to each.</param>
/// <param name="DryRun">True judges only: no instance is changed.</param>
/// <param name="Selection">How they were chosen, in words.</param>
/// <param name="Total">How many instances or incidents were chosen.</param>
/// <param name="Reason">Why, as typed.</param>
/// <param name="By">Actor id.</param>
/// <param name="ByKind">Person or key: with what that actor may do at the time, the batch is carried out.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record BatchRequested(Guid BatchId, BatchOrder Order, bool DryRun, string Selection, int Total, string Reason, string By, ActorKind ByKind, DateTimeOffset At) : IBatchEvent;

/// <summary>Somebody asked for the end of a batch; what is under way is still finished.</summary>
/// <param name="By">Actor id.</param>
/// <param name="Reason">Why, as typed.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record BatchCancelAsked(string By, string Reason, DateTimeOffset At) : IBatchEvent;

/// <summary>Every part of a batch was reached.</summary>
/// <param name="Counts">How they went.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record BatchCompleted(BatchCounts Counts, DateTimeOffset At) : IBatchEvent;

/// <summary>A batch ended early because somebody asked for it.</summary>
/// <param name="Counts">How the parts went that were reached.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record BatchCancelled(BatchCounts Counts, DateTimeOffset At) : IBatchEvent;
