using System.Collections.Immutable;

namespace Countersign.Domain.Processes;

/// <summary>What one kind of node needs to know beyond its flows.</summary>
internal abstract record NodeDetail;

/// <summary>Work for a worker.</summary>
internal sealed record JobDetail(ProcessExpression Type, ProcessExpression Retries, ImmutableDictionary<string, string> Headers) : NodeDetail;

/// <summary>A question to a person.</summary>
/// <param name="SeparateFrom"><c>initiator</c> and ids of earlier user tasks.</param>
/// <param name="VerdictVariable">Variable that takes the answer when there is no output mapping; null = none.</param>
/// <param name="Countersigns">Element id of the decision it countersigns; null = none.</param>
internal sealed record UserTaskDetail(ProcessExpression? Assignee, ProcessExpression? Groups, ProcessExpression? Users, ProcessExpression? DueDate,
    ProcessExpression? Priority, string? FormId, ImmutableArray<string> SeparateFrom, ProcessExpression? Why, ImmutableArray<string> Verdicts,
    string? VerdictVariable, string? Countersigns) : NodeDetail;

/// <summary>A policy's gate.</summary>
/// <param name="ProposalFrom">Element whose model proposed; null = none.</param>
internal sealed record PolicyDetail(string PolicyId, string ResultVariable, string? ProposalFrom) : NodeDetail;

/// <summary>A decision table of this version.</summary>
internal sealed record DecisionDetail(ProcessDecision Decision, string ResultVariable) : NodeDetail;

/// <summary>A FEEL expression.</summary>
internal sealed record ScriptDetail(ProcessExpression Expression, string? ResultVariable) : NodeDetail;

/// <summary>When a timer is due.</summary>
internal sealed record TimerDetail(TimerKind Kind, ProcessExpression Text) : NodeDetail;

/// <summary>Which message is waited for.</summary>
internal sealed record MessageDetail(ProcessExpression Name, ProcessExpression? CorrelationKey) : NodeDetail
{
    /// <summary>The personal variable that the key is made of, or null.</summary>
    public string? PersonalKey { get; init; }
}

/// <summary>Which error is thrown or caught.</summary>
/// <param name="Code">Error code; null catches all.</param>
internal sealed record ErrorDetail(string? Code) : NodeDetail;

/// <summary>Which signal is thrown or waited for.</summary>
internal sealed record SignalDetail(ProcessExpression Name) : NodeDetail;

/// <summary>What must hold.</summary>
internal sealed record ConditionDetail(ProcessExpression Condition) : NodeDetail;

/// <summary>Which escalation is thrown or caught.</summary>
/// <param name="Code">Escalation code; null catches all.</param>
internal sealed record EscalationDetail(string? Code) : NodeDetail;

/// <summary>What a compensation event undoes.</summary>
/// <param name="Activity">One activity; null = everything that was completed in the scope.</param>
/// <param name="Wait">Whether the token goes on only when all is undone.</param>
internal sealed record CompensationDetail(GraphNode? Activity, bool Wait) : NodeDetail;

/// <summary>Several triggers of one event.</summary>
/// <param name="All">Whether all must happen (parallel multiple).</param>
internal sealed record MultipleDetail(ImmutableArray<NodeDetail> Parts, bool All) : NodeDetail;

/// <summary>Which process is called.</summary>
/// <param name="Version">Version number or tag, by the binding; null = latest.</param>
internal sealed record CallDetail(ProcessExpression Process, CallBinding Binding, string? Version, bool AllIn, bool AllOut) : NodeDetail;

/// <summary>How the steps of an ad-hoc sub-process run.</summary>
/// <param name="Steps">Steps that nothing leads to.</param>
/// <param name="Active">Gives the ids of the steps to start; null = all.</param>
internal sealed record AdHocDetail(ImmutableArray<GraphNode> Steps, bool Sequential, bool CancelRemaining, ProcessExpression? CompletionCondition, ProcessExpression? Active) : NodeDetail;

/// <summary>How an activity is repeated.</summary>
/// <param name="IsLoop">A standard loop; otherwise a multi-instance.</param>
/// <param name="Condition">Loop: keeps it going. Multi-instance: ends it early.</param>
/// <param name="Throws">Boundary event that each (or the first) completing instance throws to; null = none.</param>
internal sealed record RepeatDetail(bool IsLoop, bool Sequential, ProcessExpression? Cardinality, ProcessExpression? Collection, string? Element, string? OutputCollection,
    ProcessExpression? OutputElement, ProcessExpression? Condition, bool TestBefore, int? Maximum, RepeatBehaviour Behaviour, GraphNode? Throws);

/// <summary>When a multi-instance activity throws an event to its boundary (BPMN 2.0.2, 10.3.8).</summary>
internal enum RepeatBehaviour
{
    All,
    None,
    One,
}

/// <summary>Where a link goes on.</summary>
internal sealed record LinkDetail(GraphNode Target) : NodeDetail;

/// <summary>One variable mapping.</summary>
/// <param name="Target">Variable name, or a dotted path into one.</param>
internal sealed record VariableMapping(ProcessExpression Source, ImmutableArray<string> Target);

/// <summary>Which of the three ways a timer is written.</summary>
internal enum TimerKind
{
    Date,
    Duration,
    Cycle,
}

/// <summary>Which version of a called process runs.</summary>
public enum CallBinding
{
    /// <summary>The newest at the time of the call.</summary>
    Latest,

    /// <summary>A version number.</summary>
    Version,

    /// <summary>The newest with a tag.</summary>
    Tag,
}
