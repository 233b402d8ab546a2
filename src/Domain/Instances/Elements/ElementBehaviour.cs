using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>
/// How one kind of flow node behaves. Behaviours have no state of their own; they look at the execution's state and add facts to it.
/// </summary>
internal abstract class ElementBehaviour
{
    /// <summary>A token came by a sequence flow.</summary>
    public virtual void Arrive(Execution x, GraphFlow flow, PendingFlow arrival) => Enter(x, new Arrival(flow.Target, arrival.ScopeId, flow.Self));

    /// <summary>A token enters.</summary>
    public abstract void Enter(Execution x, Arrival at);

    /// <summary>An operator asks to try again what raised an incident on a token that rests here.</summary>
    public abstract void Retry(Execution x, GraphNode node, string tokenId, string incidentCode);

    /// <summary>A timer or message for which a token rests here came.</summary>
    /// <param name="source">The node that caught it: this node itself, or for an event-based gateway one behind it.</param>
    public virtual void Triggered(Execution x, GraphNode node, string tokenId, GraphNode source, ImmutableDictionary<string, JsonElement> results) =>
        Completion.Finish(x, node, tokenId, results, ImmutableDictionary<string, JsonElement>.Empty);

    /// <summary>All tokens inside have ended (sub-processes).</summary>
    public virtual void InsideDone(Execution x, GraphNode node, string tokenId)
    {
    }

    /// <summary>A token inside has ended and others go on (ad-hoc sub-processes).</summary>
    public virtual void StepEnded(Execution x, GraphNode node, string tokenId)
    {
    }

    /// <summary>The next of several steps may begin (repetitions, ad-hoc sub-processes).</summary>
    public virtual void Continue(Execution x, GraphNode node, string tokenId)
    {
    }

    /// <summary>What this token asked to undo is undone.</summary>
    public virtual void Undone(Execution x, GraphNode node, string tokenId)
    {
    }

    /// <summary>Why a token rests here, in one sentence. What never waits by itself rests here only where an operator put it or something failed.</summary>
    public virtual string WaitReason(GraphNode node, InstanceState state, string tokenId) => Stopped(node);

    /// <summary>A token that rests where it should not.</summary>
    protected static string Stopped(GraphNode node) => $"Stopped at '{node.Title}' until an operator lets it go on.";
}

/// <summary>Which behaviour belongs to which kind.</summary>
internal static class ElementBehaviours
{
    private static readonly ElementBehaviour Passing = new PassingEvent();
    private static readonly ElementBehaviour Nothing = new PassingTask();
    private static readonly ElementBehaviour Job = new JobTask();
    private static readonly ElementBehaviour User = new UserTask();
    private static readonly ElementBehaviour Receive = new ReceiveTask();
    private static readonly ElementBehaviour Policy = new PolicyTask();
    private static readonly ElementBehaviour Script = new ScriptTask();
    private static readonly ElementBehaviour Exclusive = new ExclusiveGateway();
    private static readonly ElementBehaviour Parallel = new ParallelGateway();
    private static readonly ElementBehaviour Inclusive = new InclusiveGateway();
    private static readonly ElementBehaviour EventBased = new EventBasedGateway();
    private static readonly ElementBehaviour Catching = new CatchingEvent();
    private static readonly ElementBehaviour Link = new LinkThrow();
    private static readonly ElementBehaviour Terminating = new TerminateEnd();
    private static readonly ElementBehaviour Failing = new ErrorEnd();
    private static readonly ElementBehaviour Inner = new SubProcess();
    private static readonly ElementBehaviour Throwing = new ThrowingEvent();
    private static readonly ElementBehaviour Sending = new SendingTask();
    private static readonly ElementBehaviour Undoing = new CompensationEvent();
    private static readonly ElementBehaviour Cancelling = new CancelEnd();
    private static readonly ElementBehaviour OnEvent = new EventSubProcess();
    private static readonly ElementBehaviour AdHoc = new AdHocSubProcess();
    private static readonly ElementBehaviour Calling = new CallActivity();

    /// <summary>The behaviour of a node.</summary>
    public static ElementBehaviour Of(GraphNode node) => node.Kind switch
    {
        ElementKind.NoneEnd or ElementKind.NoneThrow or ElementKind.LinkCatch => Passing,
        _ when ElementKinds.IsStart(node.Kind) || ElementKinds.IsBoundary(node.Kind) => Passing,
        ElementKind.TerminateEnd => Terminating,
        ElementKind.ErrorEnd => Failing,
        ElementKind.MessageEnd or ElementKind.MessageThrow => node.Detail is JobDetail ? Job : Throwing,
        ElementKind.SignalThrow or ElementKind.SignalEnd or ElementKind.EscalationThrow or ElementKind.EscalationEnd or ElementKind.MultipleThrow or ElementKind.MultipleEnd => Throwing,
        ElementKind.CompensationThrow or ElementKind.CompensationEnd => Undoing,
        ElementKind.CancelEnd => Cancelling,
        ElementKind.EventSubProcess => OnEvent,
        ElementKind.AdHocSubProcess => AdHoc,
        ElementKind.CallActivity => Calling,
        ElementKind.UndefinedTask or ElementKind.ManualTask => Nothing,
        ElementKind.ServiceTask => Job,
        ElementKind.SendTask => node.Detail is JobDetail ? Job : Sending,
        ElementKind.ReceiveTask => Receive,
        ElementKind.UserTask => User,
        ElementKind.BusinessRuleTask => node.Detail is PolicyDetail ? Policy : node.Detail is JobDetail ? Job : Script,
        ElementKind.ScriptTask => node.Detail is JobDetail ? Job : Script,
        ElementKind.ExclusiveGateway => Exclusive,
        ElementKind.ParallelGateway => Parallel,
        ElementKind.InclusiveGateway => Inclusive,
        ElementKind.EventBasedGateway => EventBased,
        ElementKind.LinkThrow => Link,
        _ when ElementKinds.IsCatch(node.Kind) => Catching,
        ElementKind.SubProcess or ElementKind.Transaction => Inner,
        _ => throw new ArgumentOutOfRangeException(nameof(node), node.Kind, "A kind of node without a behaviour: the compiler must not let it through."),
    };
}
