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
internal sealed record MessageDetail(ProcessExpression Name, ProcessExpression? CorrelationKey) : NodeDetail;

/// <summary>Which error is thrown or caught.</summary>
/// <param name="Code">Error code; null catches all.</param>
internal sealed record ErrorDetail(string? Code) : NodeDetail;

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
