using System.Collections.Immutable;
using Countersign.Domain;
using Countersign.Domain.Instances;

namespace Countersign.Testing;

/// <summary>What kind of thing happened in one step.</summary>
public enum TestStepKind
{
    /// <summary>An instance was started.</summary>
    Start,

    /// <summary>A person answered a task, or tried to.</summary>
    Person,

    /// <summary>A worker answered a job.</summary>
    Worker,

    /// <summary>A timer fired.</summary>
    Timer,

    /// <summary>A message or signal was handed over, kept or lost.</summary>
    Message,

    /// <summary>A called process was started, reported, or was no longer wanted.</summary>
    Call,

    /// <summary>An operator intervened.</summary>
    Operator,
}

/// <summary>One step: one thing that came from outside, and all that the process did because of it.</summary>
/// <param name="Number">From 1, in the order of the run.</param>
/// <param name="At">Simulated time (UTC).</param>
/// <param name="Kind">What kind of thing it was.</param>
/// <param name="InstanceId">The instance; empty when none was concerned.</param>
/// <param name="ElementId">Where in the drawing; null when nowhere in particular.</param>
/// <param name="Sentence">What happened, for a person.</param>
/// <param name="Refusal">Why the engine refused it; null when it did not.</param>
/// <param name="Facts">The facts that followed, in order; empty when it was refused or changed nothing.</param>
public sealed record TestStep(int Number, DateTimeOffset At, TestStepKind Kind, Guid InstanceId, string? ElementId, string Sentence, Refusal? Refusal,
    ImmutableArray<IInstanceEvent> Facts)
{
    /// <summary>The facts as sentences, with the names of the drawing.</summary>
    public ImmutableArray<string> Details { get; init; } = [];
}

/// <summary>A place where a process cannot go on by what is scripted.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="ElementId">Where it waits.</param>
/// <param name="Sentence">Why, and what to add to the test.</param>
public sealed record TestStall(Guid InstanceId, string ElementId, string Sentence);
