namespace Countersign.Domain.Processes;

/// <summary>What a flow node is. One behaviour belongs to each kind.</summary>
public enum ElementKind
{
    /// <summary>Start event without a trigger.</summary>
    NoneStart,

    /// <summary>End event that only ends its token.</summary>
    NoneEnd,

    /// <summary>End event that ends everything in its scope.</summary>
    TerminateEnd,

    /// <summary>End event that throws a BPMN error.</summary>
    ErrorEnd,

    /// <summary>End event that sends a message (a job).</summary>
    MessageEnd,

    /// <summary>Task without a type: passes.</summary>
    UndefinedTask,

    /// <summary>Manual task: passes.</summary>
    ManualTask,

    /// <summary>Service task: a job.</summary>
    ServiceTask,

    /// <summary>Send task: a job.</summary>
    SendTask,

    /// <summary>Receive task: waits for a message.</summary>
    ReceiveTask,

    /// <summary>User task: waits for a person.</summary>
    UserTask,

    /// <summary>Business rule task: a policy, a decision table, or a job.</summary>
    BusinessRuleTask,

    /// <summary>Script task: a FEEL expression, or a job.</summary>
    ScriptTask,

    /// <summary>Exclusive gateway: one flow goes on.</summary>
    ExclusiveGateway,

    /// <summary>Parallel gateway: waits for all, goes on by all.</summary>
    ParallelGateway,

    /// <summary>Inclusive gateway: all flows whose condition holds; joins what can still arrive.</summary>
    InclusiveGateway,

    /// <summary>Event-based gateway: the first event decides.</summary>
    EventBasedGateway,

    /// <summary>Intermediate event without a trigger: passes.</summary>
    NoneThrow,

    /// <summary>Intermediate event that sends a message (a job).</summary>
    MessageThrow,

    /// <summary>Goes on at the link catch event of the same name.</summary>
    LinkThrow,

    /// <summary>Where links of its name go on.</summary>
    LinkCatch,

    /// <summary>Waits for a time.</summary>
    TimerCatch,

    /// <summary>Waits for a message.</summary>
    MessageCatch,

    /// <summary>Timer on an activity.</summary>
    TimerBoundary,

    /// <summary>Message on an activity.</summary>
    MessageBoundary,

    /// <summary>Catches a BPMN error of an activity.</summary>
    ErrorBoundary,

    /// <summary>Embedded sub-process.</summary>
    SubProcess,
}
