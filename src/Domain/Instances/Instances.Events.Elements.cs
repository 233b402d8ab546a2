using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances;

/// <summary>What a subscription waits for.</summary>
public enum SubscriptionKind
{
    /// <summary>A message with a name and a key, for one instance.</summary>
    Message,

    /// <summary>A signal with a name, for everybody who waits.</summary>
    Signal,

    /// <summary>A condition over variables.</summary>
    Condition,
}

/// <summary>What was thrown out of an instance.</summary>
public enum ThrownKind
{
    /// <summary>A message, to one instance that waits for its name and key.</summary>
    Message,

    /// <summary>A signal, to everybody who waits.</summary>
    Signal,

    /// <summary>An escalation that nothing inside caught, to the caller.</summary>
    Escalation,

    /// <summary>An error that nothing inside caught, to the caller.</summary>
    Error,
}

/// <summary>How a called instance fared.</summary>
public enum CallReport
{
    /// <summary>It completed.</summary>
    Completed,

    /// <summary>It raised an escalation and goes on.</summary>
    Escalation,

    /// <summary>It ended with a BPMN error.</summary>
    Error,

    /// <summary>It was cancelled, or could not be started.</summary>
    Failed,
}

/// <summary>The call that started an instance.</summary>
/// <param name="InstanceId">The calling instance.</param>
/// <param name="CallId">The call inside it.</param>
/// <param name="Depth">How many calls stand one inside the other, this one included; 1 also where it was written before it was counted.</param>
public sealed record CallLink(Guid InstanceId, string CallId, int Depth = 1)
{
    /// <summary>Calls that may stand one inside the other: a process that calls itself without end is a mistake, and each call is an instance.</summary>
    public const int MostDepth = 50;

    /// <summary>The link of a call that an instance makes.</summary>
    /// <param name="caller">The calling instance.</param>
    /// <param name="callId">The call inside it.</param>
    public static CallLink From(InstanceState caller, string callId)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return new CallLink(caller.Id, callId, (caller.Parent?.Depth ?? 0) + 1);
    }
}

/// <summary>
/// Instances that started one another by messages and signals, with nothing from outside between them. Two processes that start each other without end are a mistake, and each start is an
/// instance; one that starts its successor for the next day or quarter of an hour is none. So starts are counted within an hour.
/// </summary>
/// <param name="Starts">Starts since then, that of this instance included.</param>
/// <param name="Since">When the first of them was made.</param>
public sealed record StartChain(int Starts, DateTimeOffset Since)
{
    /// <summary>Starts of one chain within <see cref="Window"/>.</summary>
    public const int Most = 100;

    /// <summary>How long starts are counted together: one hour.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>The chain of an instance that another one starts.</summary>
    /// <param name="thrower">The chain of the one that throws; null when it was started from outside.</param>
    /// <param name="at">When it throws.</param>
    public static StartChain After(StartChain? thrower, DateTimeOffset at) => thrower is null || at - thrower.Since >= Window ? new StartChain(1, at) : thrower with { Starts = thrower.Starts + 1 };

    /// <summary>Whether a chain has no place for one more start.</summary>
    /// <param name="thrower">The chain of the one that throws.</param>
    /// <param name="at">When it throws.</param>
    public static bool IsFull(StartChain? thrower, DateTimeOffset at) => thrower is { Starts: >= Most } && at - thrower.Since < Window;
}

/// <summary>Repetitions of a multi-instance that one instance of their own works through.</summary>
/// <param name="From">The first, from 1.</param>
/// <param name="Count">How many.</param>
public sealed record RepetitionSlice(int From, int Count);

/// <summary>What an instance begins with that works through a slice of a multi-instance for another of the same version.</summary>
/// <param name="ElementId">The multi-instance.</param>
/// <param name="From">First repetition, from 1.</param>
/// <param name="Count">How many.</param>
/// <param name="Called">Whether the instance it works for was itself called.</param>
/// <param name="Completers">Who has completed tasks of that instance, by element.</param>
public sealed record SliceStart(string ElementId, int From, int Count, bool Called, ImmutableDictionary<string, ImmutableArray<string>> Completers);

/// <summary>Something was thrown for others: a signal, a message, or to the caller what nothing here caught.</summary>
/// <param name="ThrowId">Names this throw; receivers take it once.</param>
/// <param name="Name">Name of the message or signal, code of the error or escalation; null = without a code.</param>
/// <param name="CorrelationKey">Key of a message; empty otherwise.</param>
/// <param name="Variables">What the event's input mapping gives; empty without one.</param>
public sealed record EventThrown(string ThrowId, string ElementId, ThrownKind Kind, string? Name, string CorrelationKey, ImmutableDictionary<string, JsonElement> Variables,
    DateTimeOffset At) : IInstanceEvent;

/// <summary>Another process was called; it runs as an instance of its own.</summary>
/// <param name="CallId">The call, <c>instance-sequence</c>.</param>
/// <param name="ProcessKey">Process called.</param>
/// <param name="Binding">Which of its versions.</param>
/// <param name="Version">Version number or tag, by the binding.</param>
/// <param name="ChildId">Instance that runs it; derived from instance and call, so a repeated start is the same instance.</param>
/// <param name="Variables">Input variables after mapping; empty without a mapping.</param>
/// <param name="AllVariables">Whether the called instance gets every visible variable.</param>
/// <param name="Slice">The repetitions of this very activity that it is for; null where another process is called.</param>
public sealed record CallStarted(string CallId, string TokenId, string ElementId, string ProcessKey, CallBinding Binding, string? Version, Guid ChildId,
    ImmutableDictionary<string, JsonElement> Variables, bool AllVariables, DateTimeOffset At, RepetitionSlice? Slice = null) : IInstanceEvent;

/// <summary>The called instance completed, failed or raised something.</summary>
/// <param name="ReportId">Names this report; it counts once.</param>
/// <param name="Code">Code of the error or escalation, or of the failure.</param>
/// <param name="Message">One sentence about a failure; null otherwise.</param>
public sealed record CallReported(string CallId, CallReport Report, string ReportId, string? Code, string? Message, DateTimeOffset At) : IInstanceEvent;

/// <summary>The called instance is no longer wanted.</summary>
public sealed record CallCancelled(string CallId, string Cause) : IInstanceEvent;

/// <summary>A loop or multi-instance began.</summary>
/// <param name="TokenId">The activity's token; each repetition is a token inside it.</param>
/// <param name="Count">Number of repetitions; null = until a condition says.</param>
/// <param name="SliceSize">Repetitions handed to each instance of their own; null where they run in this one.</param>
public sealed record RepetitionStarted(string TokenId, string ElementId, int? Count, int? SliceSize = null) : IInstanceEvent;

/// <summary>The instance that a slice of the repetitions was handed to has done them.</summary>
/// <param name="TokenId">The activity's token.</param>
/// <param name="From">First repetition, from 1.</param>
/// <param name="Count">How many.</param>
/// <param name="Variables">Their part of the output collection, a list in their order under the collection's name; empty without one.</param>
/// <param name="Completers">Who completed tasks in it, by element: duties hold across instances.</param>
public sealed record RepetitionSliceFinished(string TokenId, int From, int Count, ImmutableDictionary<string, JsonElement> Variables,
    ImmutableDictionary<string, ImmutableArray<string>> Completers) : IInstanceEvent;

/// <summary>One repetition finished.</summary>
/// <param name="Iteration">Which, from 1.</param>
/// <param name="Variables">Its part of the output collection, under the collection's name; empty without one.</param>
public sealed record RepetitionAdvanced(string TokenId, int Iteration, ImmutableDictionary<string, JsonElement> Variables) : IInstanceEvent;

/// <summary>A finished activity can be undone from now on.</summary>
/// <param name="TokenId">Its finished stay.</param>
/// <param name="ScopeId">Scope in which it was done.</param>
public sealed record CompensationArmed(string TokenId, string ElementId, string ScopeId) : IInstanceEvent;

/// <summary>Finished activities are being undone, in the order given.</summary>
/// <param name="TokenId">The token that waits for it, or null when none does.</param>
/// <param name="ElementId">The event that asked for it.</param>
/// <param name="Items">Finished stays, the latest first.</param>
public sealed record CompensationStarted(string CompensationId, string? TokenId, string ElementId, string ScopeId, ImmutableArray<string> Items, DateTimeOffset At) : IInstanceEvent;

/// <summary>One finished activity was undone.</summary>
/// <param name="TokenId">Its finished stay.</param>
public sealed record CompensationHandled(string CompensationId, string TokenId, string ElementId) : IInstanceEvent;

/// <summary>All that was to be undone is undone.</summary>
public sealed record CompensationFinished(string CompensationId, DateTimeOffset At) : IInstanceEvent;

/// <summary>An operator stopped the instance for a while: timers stand still and nobody is asked; results of work under way are kept.</summary>
public sealed record InstanceSuspended(string By, string Reason, DateTimeOffset At) : IInstanceEvent;

/// <summary>The instance goes on; what was due later is due later by the time it stood still.</summary>
public sealed record InstanceResumed(string By, string Reason, DateTimeOffset At) : IInstanceEvent;

/// <summary>An operator moved tokens; the facts of each follow.</summary>
/// <param name="Ended">Tokens ended.</param>
/// <param name="Begun">Elements where a token was put.</param>
public sealed record InstanceModified(string By, string Reason, ImmutableArray<string> Ended, ImmutableArray<string> Begun, DateTimeOffset At) : IInstanceEvent;

/// <summary>From here on the instance runs another version of its process.</summary>
/// <param name="FromVersion">Version left.</param>
/// <param name="Version">Version entered.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Mapping">Old element id to new, where they differ.</param>
/// <param name="Pinned">Policy id to pinned version id, of both versions.</param>
public sealed record InstanceMigrated(string By, string Reason, int FromVersion, int Version, string Hash, ImmutableDictionary<string, string> Mapping,
    ImmutableDictionary<string, string> Pinned, DateTimeOffset At) : IInstanceEvent;
