using System.Collections.Immutable;
using System.Globalization;

namespace Countersign.Domain.Processes;

/// <content>Events with other triggers than time and messages, repetition, calls, ad-hoc order, compensation.</content>
internal sealed partial class GraphCompiler
{
    /// <summary>Longest list of a standard loop or of a quantity of tokens.</summary>
    private const int MostTokens = 1_000;

    private SignalDetail? Signal(ModelNode n)
    {
        if (!string.IsNullOrWhiteSpace(n.SignalName))
            return Expression(n.SignalName, n.Id, "The signal name", n.Line) is { } name ? new SignalDetail(name) : null;
        findings.Error("signal.name", n.Id, $"'{n.Title}' names no signal.", "Choose a signal and give it a name.", n.Line);
        return null;
    }

    private ConditionDetail? Conditional(ModelNode n)
    {
        if (!string.IsNullOrWhiteSpace(n.Condition))
            return Condition(n.Condition, n, "The condition") is { } condition ? new ConditionDetail(condition) : null;
        findings.Error("condition.missing", n.Id, $"The conditional event '{n.Title}' has no condition.", "Write one in FEEL with a leading '='.", n.Line);
        return null;
    }

    private CompensationDetail Compensation(ModelNode n)
    {
        var activity = n.CompensateRef is { } reference ? _nodes.GetValueOrDefault(reference) : null;
        if (n.CompensateRef is not null && (activity is null || !ElementKinds.IsActivity(activity.Kind)))
            findings.Error("compensation.activity", n.Id, $"'{n.Title}' undoes '{n.CompensateRef}', which is no activity of this process.", "Name an activity, or none to undo all.", n.Line);
        return new CompensationDetail(activity, n.WaitForCompletion);
    }

    private MessageDetail WithKey(ProcessExpression name, ProcessExpression? key) =>
        new(name, key) { PersonalKey = key is null ? null : model.DataClasses.Find(d => d.IsPersonal && d.IsIn(key))?.Variable };

    private MultipleDetail Multiple(ModelNode n) => new([.. n.Parts.Select(Detail).OfType<NodeDetail>()], n.ParallelMultiple);

    /// <summary>Without a job type the message itself is published.</summary>
    private NodeDetail? Throwing(ModelNode n) => n.JobType is null && n.MessageName is not null ? Message(n) : Job(n);

    private CallDetail? Call(ModelNode n)
    {
        if (n.Call is not { Process: { Length: > 0 } process } call)
        {
            findings.Error("call.process", n.Id, $"'{n.Title}' names no process to call.", "Set calledElement, or zeebe:calledElement processId.", n.Line);
            return null;
        }

        var wrong = call.Binding switch
        {
            CallBinding.Version => !int.TryParse(call.Version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1,
            CallBinding.Tag => string.IsNullOrWhiteSpace(call.Version),
            _ => false,
        };
        if (wrong)
            findings.Error("call.version", n.Id, $"'{n.Title}' does not say which {(call.Binding == CallBinding.Tag ? "version tag" : "version")} it calls.", "Give one, or bind to the latest.", n.Line);
        return Expression(process, n.Id, "The called process", n.Line) is { } key ? new CallDetail(key, call.Binding, call.Version, call.AllIn, call.AllOut) : null;
    }

    private AdHocDetail AdHoc(ModelNode n)
    {
        var steps = _index.Inside(n.Id).Where(m => ElementKinds.IsActivity(m.Kind) && !IsHandler(m) && !_index.IsEntered(m.Id)).Select(m => _nodes[m.Id]);
        return new AdHocDetail([.. steps], n.AdHoc!.Sequential, n.AdHoc.CancelRemaining, n.AdHoc.CompletionCondition is { } text ? Condition(text, n, "The completion condition") : null,
            Optional(n.AdHoc.ActiveElements, n, "The list of active elements"));
    }

    private RepeatDetail? Repeat(ModelNode n)
    {
        if (n.Repeat is not { } r)
            return null;
        var condition = r.Condition is null ? null : Condition(r.Condition, n, r.IsLoop ? "The loop condition" : "The completion condition");
        if (r.IsLoop)
            return new RepeatDetail(true, true, null, null, null, null, null, condition, r.TestBefore, Maximum(n, r, condition), RepeatBehaviour.All, null);
        if (r.Cardinality is null == r.Collection is null)
            findings.Error("multi-instance.count", n.Id, $"The multi-instance '{n.Title}' says {(r.Cardinality is null ? "neither a number nor a collection" : "both a number and a collection")}.", "Give an input collection, or a cardinality.", n.Line);
        if (r.Cardinality is { } number && !ExpressionText.IsComputed(number) && (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > MostTokens))
            findings.Error("multi-instance.count", n.Id, $"'{number}' cannot be the cardinality of '{n.Title}'.", "Give a whole number from 0 to 1000, or FEEL with a leading '='.", n.Line);
        if (r.Collection is { } collection && !ExpressionText.IsComputed(collection))
            findings.Error("multi-instance.collection", n.Id, $"The input collection of '{n.Title}' is not FEEL.", "Write it with a leading '='.", n.Line);
        foreach (var name in new[] { r.Element, r.OutputCollection }.OfType<string>().Where(v => !VariableName().IsMatch(v)))
            findings.Error("variable.name", n.Id, $"'{name}' cannot be a variable name.", "Use letters, digits and '_', beginning with a letter.", n.Line);
        return new RepeatDetail(false, r.Sequential, Optional(r.Cardinality, n, "The cardinality"), Optional(r.Collection, n, "The input collection"), r.Element, r.OutputCollection,
            Optional(r.OutputElement, n, "The output element"), condition, false, null, r.Behaviour, Throws(n, r));
    }

    private GraphNode? Throws(ModelNode n, ModelRepeat r)
    {
        if (r.Behaviour == RepeatBehaviour.All)
            return null;
        var boundary = _index.AttachedTo(n.Id).FirstOrDefault(b => r.Throws is { } thrown ? b.Kind == thrown.Kind && (b.SignalName ?? b.EscalationCode) == thrown.Name : b.Kind == ElementKind.SignalBoundary);
        if (boundary is not null)
            return _nodes[boundary.Id];
        findings.Error("multi-instance.behavior", n.Id, $"Nothing on the border of '{n.Title}' catches what its completing instances throw.", "Attach a boundary event for the same signal or escalation, or use the behaviour All.", n.Line);
        return null;
    }

    private int? Maximum(ModelNode n, ModelRepeat r, ProcessExpression? condition)
    {
        if (r.Maximum is null)
        {
            if (condition is null)
                findings.Error("loop.endless", n.Id, $"The loop '{n.Title}' has neither a condition nor a maximum, so it would never end.", "Give one.", n.Line);
            return null;
        }

        if (int.TryParse(r.Maximum, NumberStyles.None, CultureInfo.InvariantCulture, out var maximum) && maximum > 0)
            return maximum;
        findings.Error("loop.maximum", n.Id, $"'{r.Maximum}' cannot be the maximum of the loop '{n.Title}'.", "Give a whole number from 1.", n.Line);
        return null;
    }

    private int Quantity(string text, ModelNode n, string what)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var quantity) && quantity is >= 1 and <= MostTokens)
            return quantity;
        findings.Error("activity.quantity", n.Id, $"The {what} quantity of '{n.Title}' is '{text}'.", "Give a whole number from 1 to 1000.", n.Line);
        return 1;
    }

    /// <summary>A boundary event for compensation names, by an association, what undoes its activity.</summary>
    private void JoinHandlers()
    {
        foreach (var boundary in model.Nodes.Where(n => n.Kind == ElementKind.CompensationBoundary))
        {
            var handler = HandlerOf(boundary);
            if (handler is null)
                findings.Error("compensation.handler", boundary.Id, $"Nothing is associated with '{boundary.Title}', so its activity could not be undone.", "Draw an association from it to the activity that undoes.", boundary.Line);
            else
                _nodes[boundary.AttachedTo!].Handler = _nodes[handler.Id];
        }

        foreach (var handler in model.Nodes.Where(IsHandler))
        {
            _nodes[handler.Id].IsHandler = true;
            if (_index.Touching(handler.Id) is { } flow)
                findings.Error("compensation.flow", flow.Id, $"A sequence flow touches '{handler.Title}', which only undoes another activity.", "Remove the flow.", flow.Line);
        }
    }

    private ModelNode? HandlerOf(ModelNode boundary) => _index.AssociatedWith(boundary.Id).Select(_index.Node)
        .FirstOrDefault(n => n is not null && n.Parent == boundary.Parent && ElementKinds.IsActivity(n.Kind));

    private bool IsHandler(ModelNode n) => n.IsForCompensation || (_handlers ??= Associated()).Contains(n.Id);

    private HashSet<string> Associated()
    {
        var boundaries = model.Nodes.Where(b => b.Kind == ElementKind.CompensationBoundary).Select(b => b.Id).ToHashSet(StringComparer.Ordinal);
        return model.Associations.Where(a => boundaries.Contains(a.Source)).Select(a => a.Target).ToHashSet(StringComparer.Ordinal);
    }

    private ProcessExpression? Condition(string text, ModelNode n, string what)
    {
        var trimmed = text.Trim();
        if (trimmed is "true" or "false")
            trimmed = "=" + trimmed;
        if (ExpressionText.IsComputed(trimmed))
            return Expression(trimmed, n.Id, what, n.Line);
        findings.Error("condition.language", n.Id, $"{what} of '{n.Title}' is not FEEL.", "Write it in FEEL with a leading '='.", n.Line);
        return null;
    }
}
