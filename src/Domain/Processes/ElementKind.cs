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

    /// <summary>Start event that a message triggers.</summary>
    MessageStart,

    /// <summary>Start event that a time triggers.</summary>
    TimerStart,

    /// <summary>Start event that a signal triggers.</summary>
    SignalStart,

    /// <summary>Start event that a condition triggers.</summary>
    ConditionalStart,

    /// <summary>Start event of an event sub-process that catches a BPMN error.</summary>
    ErrorStart,

    /// <summary>Start event of an event sub-process that catches an escalation.</summary>
    EscalationStart,

    /// <summary>Start event of an event sub-process that undoes its sub-process.</summary>
    CompensationStart,

    /// <summary>Start event with several triggers.</summary>
    MultipleStart,

    /// <summary>End event that throws an escalation.</summary>
    EscalationEnd,

    /// <summary>End event that broadcasts a signal.</summary>
    SignalEnd,

    /// <summary>End event that cancels its transaction.</summary>
    CancelEnd,

    /// <summary>End event that undoes what was done.</summary>
    CompensationEnd,

    /// <summary>End event that throws several events.</summary>
    MultipleEnd,

    /// <summary>Intermediate event that broadcasts a signal.</summary>
    SignalThrow,

    /// <summary>Intermediate event that throws an escalation.</summary>
    EscalationThrow,

    /// <summary>Intermediate event that undoes what was done.</summary>
    CompensationThrow,

    /// <summary>Intermediate event that throws several events.</summary>
    MultipleThrow,

    /// <summary>Waits for a signal.</summary>
    SignalCatch,

    /// <summary>Waits until a condition holds.</summary>
    ConditionalCatch,

    /// <summary>Waits for one of several events, or for all of them.</summary>
    MultipleCatch,

    /// <summary>Signal on an activity.</summary>
    SignalBoundary,

    /// <summary>Catches an escalation of an activity.</summary>
    EscalationBoundary,

    /// <summary>Condition on an activity.</summary>
    ConditionalBoundary,

    /// <summary>Where a cancelled transaction goes on.</summary>
    CancelBoundary,

    /// <summary>Names what undoes an activity.</summary>
    CompensationBoundary,

    /// <summary>Several events on an activity.</summary>
    MultipleBoundary,

    /// <summary>Sub-process that an event starts while the scope around it runs.</summary>
    EventSubProcess,

    /// <summary>Sub-process that can be cancelled and undone as a whole.</summary>
    Transaction,

    /// <summary>Sub-process whose steps have no given order.</summary>
    AdHocSubProcess,

    /// <summary>Runs another process as an instance of its own.</summary>
    CallActivity,
}

/// <summary>Groups of kinds that checks and behaviours ask for.</summary>
internal static class ElementKinds
{
    public static bool IsStart(ElementKind kind) => kind is ElementKind.NoneStart || IsTriggeredStart(kind);

    public static bool IsTriggeredStart(ElementKind kind) => kind is ElementKind.MessageStart or ElementKind.TimerStart or ElementKind.SignalStart or ElementKind.ConditionalStart
        or ElementKind.ErrorStart or ElementKind.EscalationStart or ElementKind.CompensationStart or ElementKind.MultipleStart;

    public static bool IsEnd(ElementKind kind) => kind is ElementKind.NoneEnd or ElementKind.TerminateEnd or ElementKind.ErrorEnd or ElementKind.MessageEnd or ElementKind.EscalationEnd
        or ElementKind.SignalEnd or ElementKind.CancelEnd or ElementKind.CompensationEnd or ElementKind.MultipleEnd;

    public static bool IsBoundary(ElementKind kind) => kind is ElementKind.TimerBoundary or ElementKind.MessageBoundary or ElementKind.ErrorBoundary or ElementKind.SignalBoundary
        or ElementKind.EscalationBoundary or ElementKind.ConditionalBoundary or ElementKind.CancelBoundary or ElementKind.CompensationBoundary or ElementKind.MultipleBoundary;

    /// <summary>Intermediate events that wait, and may stand behind an event-based gateway.</summary>
    public static bool IsCatch(ElementKind kind) => kind is ElementKind.TimerCatch or ElementKind.MessageCatch or ElementKind.SignalCatch or ElementKind.ConditionalCatch or ElementKind.MultipleCatch;

    /// <summary>Sub-processes that a token enters.</summary>
    public static bool IsScope(ElementKind kind) => kind is ElementKind.SubProcess or ElementKind.Transaction or ElementKind.AdHocSubProcess;

    public static bool IsTask(ElementKind kind) => kind is ElementKind.UndefinedTask or ElementKind.ManualTask or ElementKind.ServiceTask or ElementKind.SendTask or ElementKind.ReceiveTask
        or ElementKind.UserTask or ElementKind.BusinessRuleTask or ElementKind.ScriptTask;

    public static bool IsActivity(ElementKind kind) => IsTask(kind) || IsScope(kind) || kind == ElementKind.CallActivity;
}
