using System.Globalization;

namespace Countersign.Domain.Processes;

/// <content>Events beyond time and messages, sub-processes, repetition, compensation, calls.</content>
public sealed partial class GraphBuilder
{
    /// <summary>A signal that is thrown and passed.</summary>
    public GraphBuilder ThrowSignal(string id, string signal) => Add(new ModelNode(id, ElementKind.SignalThrow) { Parent = _parent, SignalName = signal });

    /// <summary>An intermediate event that waits for a signal.</summary>
    public GraphBuilder Signal(string id, string signal) => Add(new ModelNode(id, ElementKind.SignalCatch) { Parent = _parent, SignalName = signal });

    /// <summary>A signal on an activity.</summary>
    public GraphBuilder BoundarySignal(string id, string on, string signal, bool interrupting = true) =>
        Add(new ModelNode(id, ElementKind.SignalBoundary) { Parent = _parent, AttachedTo = on, Interrupting = interrupting, SignalName = signal });

    /// <summary>An intermediate event that waits until a condition holds.</summary>
    public GraphBuilder Condition(string id, string condition) => Add(new ModelNode(id, ElementKind.ConditionalCatch) { Parent = _parent, Condition = condition });

    /// <summary>A condition on an activity.</summary>
    public GraphBuilder BoundaryCondition(string id, string on, string condition, bool interrupting = true) =>
        Add(new ModelNode(id, ElementKind.ConditionalBoundary) { Parent = _parent, AttachedTo = on, Interrupting = interrupting, Condition = condition });

    /// <summary>An escalation that is thrown and passed.</summary>
    public GraphBuilder ThrowEscalation(string id, string code) => Add(new ModelNode(id, ElementKind.EscalationThrow) { Parent = _parent, EscalationCode = code });

    /// <summary>Catches an escalation of an activity; without a code every escalation.</summary>
    public GraphBuilder BoundaryEscalation(string id, string on, string? code = null, bool interrupting = true) =>
        Add(new ModelNode(id, ElementKind.EscalationBoundary) { Parent = _parent, AttachedTo = on, Interrupting = interrupting, EscalationCode = code });

    /// <summary>A transaction.</summary>
    public GraphBuilder Transaction(string id, Action<GraphBuilder> inside) => Scope(new ModelNode(id, ElementKind.Transaction) { Parent = _parent }, inside);

    /// <summary>An end event that cancels its transaction.</summary>
    public GraphBuilder CancelEnd(string id) => Add(new ModelNode(id, ElementKind.CancelEnd) { Parent = _parent });

    /// <summary>Where a cancelled transaction goes on.</summary>
    public GraphBuilder BoundaryCancel(string id, string on) => Add(new ModelNode(id, ElementKind.CancelBoundary) { Parent = _parent, AttachedTo = on });

    /// <summary>A service task that undoes an activity.</summary>
    public GraphBuilder Undo(string id, string of, string type)
    {
        var boundary = id + "-on-" + of;
        Add(new ModelNode(boundary, ElementKind.CompensationBoundary) { Parent = _parent, AttachedTo = of });
        Add(new ModelNode(id, ElementKind.ServiceTask) { Parent = _parent, JobType = type, IsForCompensation = true });
        _model.Associations.Add((boundary, id));
        return this;
    }

    /// <summary>An intermediate event that undoes one activity, or all that completed in its scope.</summary>
    public GraphBuilder Compensate(string id, string? activity = null, bool wait = true) =>
        Add(new ModelNode(id, ElementKind.CompensationThrow) { Parent = _parent, CompensateRef = activity, WaitForCompletion = wait });

    /// <summary>An event sub-process; its start event is what <paramref name="start"/> makes.</summary>
    /// <param name="start">Kind of the start event.</param>
    /// <param name="what">Message or signal name, error or escalation code, condition, or ISO 8601 duration or cycle.</param>
    public GraphBuilder On(string id, ElementKind start, string? what, bool interrupting, Action<GraphBuilder> inside) => Scope(new ModelNode(id, ElementKind.EventSubProcess) { Parent = _parent }, b =>
    {
        var node = new ModelNode(id + "-start", start) { Parent = id, Interrupting = interrupting };
        switch (start)
        {
            case ElementKind.MessageStart:
                node.MessageName = what;
                break;
            case ElementKind.SignalStart:
                node.SignalName = what;
                break;
            case ElementKind.ErrorStart:
                node.ErrorCode = what;
                break;
            case ElementKind.EscalationStart:
                node.EscalationCode = what;
                break;
            case ElementKind.ConditionalStart:
                node.Condition = what;
                break;
            case ElementKind.TimerStart:
                (node.TimerKind, node.TimerText) = (what!.StartsWith('R') ? TimerKind.Cycle : TimerKind.Duration, what);
                break;
        }

        Add(node);
        inside(b);
    });

    /// <summary>An ad-hoc sub-process.</summary>
    public GraphBuilder AdHoc(string id, bool sequential, Action<GraphBuilder> inside, string? until = null) => Scope(
        new ModelNode(id, ElementKind.AdHocSubProcess) { Parent = _parent, AdHoc = new ModelAdHoc { Sequential = sequential, CompletionCondition = until } }, inside);

    /// <summary>A call of another process.</summary>
    public GraphBuilder Call(string id, string process) => Add(new ModelNode(id, ElementKind.CallActivity) { Parent = _parent, Call = new ModelCall { Process = process } });

    /// <summary>Makes the activity with this id a multi-instance over a list (FEEL).</summary>
    /// <param name="collection">The list; for a number give <paramref name="count"/> instead.</param>
    /// <param name="outputs">Name of the list of results, and what each repetition gives to it.</param>
    public GraphBuilder ForEach(string id, string? collection, bool sequential = false, string? element = "item", (string Collection, string Element)? outputs = null, string? until = null, string? count = null)
    {
        _model.Nodes.First(n => n.Id == id).Repeat = new ModelRepeat
        {
            Sequential = sequential,
            Collection = collection,
            Cardinality = count,
            Element = collection is null ? null : element,
            OutputCollection = outputs?.Collection,
            OutputElement = outputs?.Element,
            Condition = until,
        };
        return this;
    }

    /// <summary>Makes the activity with this id a standard loop.</summary>
    /// <param name="condition">Keeps it going (FEEL).</param>
    public GraphBuilder While(string id, string? condition, bool testBefore = false, int? most = null)
    {
        _model.Nodes.First(n => n.Id == id).Repeat = new ModelRepeat { IsLoop = true, Sequential = true, Condition = condition, TestBefore = testBefore, Maximum = most?.ToString(CultureInfo.InvariantCulture) };
        return this;
    }

    private GraphBuilder Scope(ModelNode scope, Action<GraphBuilder> inside)
    {
        Add(scope);
        var outer = _parent;
        _parent = scope.Id;
        inside(this);
        _parent = outer;
        return this;
    }
}
