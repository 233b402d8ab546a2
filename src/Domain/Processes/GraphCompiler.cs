using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Countersign.Domain.Processes;

/// <summary>Makes the graph of a model that passed <see cref="ModelLint"/>: compiles expressions, joins nodes and flows, prepares joins.</summary>
internal sealed partial class GraphCompiler(ProcessModel model, string hash, ProcessLibrary library, FindingList findings)
{
    private const string DefaultRetries = "3";
    private readonly Dictionary<string, GraphNode> _nodes = new(StringComparer.Ordinal);
    private readonly List<ExpressionUse> _uses = [];
    private readonly ModelIndex _index = new(model);
    private HashSet<string>? _handlers;

    /// <summary>Every FEEL expression of the graph with its place, in the order they were read.</summary>
    public IReadOnlyList<ExpressionUse> Uses => _uses;

    public ProcessGraph Compile()
    {
        var nodes = model.Nodes.Select((n, i) => new GraphNode(n.Id, n.Name, n.Kind, i)).ToImmutableArray();
        foreach (var node in nodes)
            _nodes.Add(node.Id, node);
        var flows = model.Flows.Select(f => new GraphFlow(f.Id, f.Name, _nodes[f.SourceRef], _nodes[f.TargetRef], Expression(f.Condition, f.Id, "The condition", f.Line))).ToImmutableArray();
        var (coming, going) = (flows.ToLookup(f => f.Target), flows.ToLookup(f => f.Source));
        for (var i = 0; i < nodes.Length; i++)
            Join(nodes[i], model.Nodes[i], coming[nodes[i]], going[nodes[i]]);
        JoinBoundaries(nodes);
        JoinHandlers();
        var (inside, events) = Scopes(nodes);
        JoinScopes(nodes, inside, events);
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i].Detail = Detail(model.Nodes[i]);
            nodes[i].Repeat = Repeat(model.Nodes[i]);
        }

        foreach (var links in nodes.Where(n => n.Detail is LinkDetail).GroupBy(n => ((LinkDetail)n.Detail!).Target))
            links.Key.LinkedFrom = [.. links];
        return new ProcessGraph(model.Id, model.Name, hash, nodes, flows)
        {
            VersionTag = model.VersionTag,
            UniqueBusinessKey = model.UniqueBusinessKey,
            Starts = StartsIn([.. inside[null]]),
            Triggers = [.. nodes.Where(n => n.Parent is null && IsTrigger(n)).SelectMany(n => n.Kind == ElementKind.EventBasedGateway ? n.Outgoing.Select(f => f.Target) : [n])],
            EventStarts = [.. events[null]],
            Calls = Distinct(nodes, n => n.Detail is CallDetail { Process.IsFeel: false } call ? call.Process.Text : null),
            InclusiveJoins = [.. nodes.Where(n => n.Kind == ElementKind.InclusiveGateway && n.Incoming.Length > 1)],
            DataClasses = [.. model.DataClasses],
            Policies = Distinct(nodes, n => (n.Detail as PolicyDetail)?.PolicyId),
            Forms = Distinct(nodes, n => (n.Detail as UserTaskDetail)?.FormId),
            JobTypes = Distinct(nodes, n => n.Detail is JobDetail { Type.IsFeel: false } job ? job.Type.Text : null),
        };
    }

    private void Join(GraphNode node, ModelNode source, IEnumerable<GraphFlow> coming, IEnumerable<GraphFlow> going)
    {
        node.Parent = source.Parent is null ? null : _nodes[source.Parent];
        node.AttachedTo = source.AttachedTo is null ? null : _nodes[source.AttachedTo];
        node.Interrupting = source.Interrupting;
        node.Instantiates = source.Instantiate;
        node.StartQuantity = Quantity(source.StartQuantity, source, "start");
        node.CompletionQuantity = Quantity(source.CompletionQuantity, source, "completion");
        node.Incoming = [.. coming];
        node.Outgoing = [.. going];
        node.IncomingIds = [.. node.Incoming.Select(f => f.Id)];
        node.OutgoingIds = node.CompletionQuantity == 1
            ? [.. node.Outgoing.Select(f => f.Id)]
            : [.. node.Outgoing.SelectMany(f => Enumerable.Repeat(f.Id, node.CompletionQuantity))];
        node.Default = source.DefaultFlow is null ? null : node.Outgoing.First(f => f.Id == source.DefaultFlow);
        node.Inputs = Mappings(source.Inputs, source, "input");
        node.Outputs = Mappings(source.Outputs, source, "output");
    }

    private static void JoinBoundaries(ImmutableArray<GraphNode> nodes)
    {
        foreach (var attached in nodes.Where(n => n.AttachedTo is not null).GroupBy(n => n.AttachedTo!))
            attached.Key.Boundaries = [.. attached];
    }

    /// <summary>What stands directly in each scope, and the starts of the event sub-processes directly in it; the process itself is the scope null.</summary>
    private static (ILookup<GraphNode?, GraphNode> Inside, ILookup<GraphNode?, GraphNode> Events) Scopes(ImmutableArray<GraphNode> nodes) =>
        (nodes.ToLookup(n => n.Parent), nodes.Where(n => n.Parent is { Kind: ElementKind.EventSubProcess } && ElementKinds.IsTriggeredStart(n.Kind)).ToLookup(n => n.Parent!.Parent));

    private static void JoinScopes(ImmutableArray<GraphNode> nodes, ILookup<GraphNode?, GraphNode> inside, ILookup<GraphNode?, GraphNode> events)
    {
        foreach (var scope in nodes.Where(n => ElementKinds.IsScope(n.Kind) || n.Kind == ElementKind.EventSubProcess))
        {
            scope.InnerStarts = scope.Kind == ElementKind.EventSubProcess ? [.. inside[scope].Where(n => ElementKinds.IsStart(n.Kind))]
                : scope.Kind == ElementKind.AdHocSubProcess ? [] : StartsIn([.. inside[scope]]);
            scope.EventStarts = [.. events[scope]];
        }
    }

    /// <summary>Where a scope begins: at its start event, or, without one, at everything that nothing leads to (BPMN 2.0.2, 10.5.2).</summary>
    private static ImmutableArray<GraphNode> StartsIn(List<GraphNode> inside)
    {
        if (inside.Find(n => n.Kind == ElementKind.NoneStart) is { } start)
            return [start];
        return inside.Exists(n => IsTrigger(n)) ? [] : [.. inside.Where(n => n.Incoming.IsEmpty && !n.IsHandler && n.AttachedTo is null && n.Kind is not (ElementKind.EventSubProcess or ElementKind.LinkCatch))];
    }

    private static bool IsTrigger(GraphNode n) => ElementKinds.IsTriggeredStart(n.Kind) || n.Instantiates;

    private NodeDetail? Detail(ModelNode n) => n.Kind switch
    {
        ElementKind.ServiceTask => Job(n),
        ElementKind.SendTask or ElementKind.MessageThrow or ElementKind.MessageEnd => Throwing(n),
        ElementKind.UserTask => User(n),
        ElementKind.BusinessRuleTask => n.PolicyId is not null ? Policy(n) : n.DecisionId is not null ? Decision(n) : Job(n),
        ElementKind.ScriptTask => n.JobType is not null ? Job(n) : Script(n),
        ElementKind.ReceiveTask or ElementKind.MessageCatch or ElementKind.MessageBoundary or ElementKind.MessageStart => Message(n),
        ElementKind.TimerCatch or ElementKind.TimerBoundary or ElementKind.TimerStart => Timer(n),
        ElementKind.SignalThrow or ElementKind.SignalEnd or ElementKind.SignalCatch or ElementKind.SignalBoundary or ElementKind.SignalStart => Signal(n),
        ElementKind.ConditionalCatch or ElementKind.ConditionalBoundary or ElementKind.ConditionalStart => Conditional(n),
        ElementKind.EscalationThrow or ElementKind.EscalationEnd or ElementKind.EscalationBoundary or ElementKind.EscalationStart =>
            new EscalationDetail(string.IsNullOrEmpty(n.EscalationCode) ? null : n.EscalationCode),
        ElementKind.CompensationThrow or ElementKind.CompensationEnd => Compensation(n),
        ElementKind.MultipleCatch or ElementKind.MultipleBoundary or ElementKind.MultipleStart or ElementKind.MultipleThrow or ElementKind.MultipleEnd => Multiple(n),
        ElementKind.CallActivity => Call(n),
        ElementKind.AdHocSubProcess => AdHoc(n),
        ElementKind.ErrorEnd or ElementKind.ErrorBoundary or ElementKind.ErrorStart => new ErrorDetail(string.IsNullOrEmpty(n.ErrorCode) ? null : n.ErrorCode),
        ElementKind.LinkThrow => new LinkDetail(_nodes[_index.LinkTargets(n).First().Id]),
        _ => null,
    };

    private JobDetail? Job(ModelNode n)
    {
        if (string.IsNullOrWhiteSpace(n.JobType))
        {
            var what = n.Kind == ElementKind.BusinessRuleTask ? "neither a policy, nor a decision, nor a job type" : "no job type";
            findings.Error("job.type", n.Id, $"'{n.Title}' has {what}, so nothing would do it.", "Set zeebe:taskDefinition type (or, on a business rule task, cs:policy or zeebe:calledDecision).", n.Line);
            return null;
        }

        var type = Expression(n.JobType, n.Id, "The job type", n.Line);
        var retries = Expression(string.IsNullOrWhiteSpace(n.Retries) ? DefaultRetries : n.Retries, n.Id, "The number of attempts", n.Line);
        if (retries is { IsFeel: false } && (!int.TryParse(retries.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var attempts) || attempts is < 1 or > 1000))
            findings.Error("job.retries", n.Id, $"'{n.Title}' allows '{retries.Text}' attempts.", "Give a whole number from 1 to 1000.", n.Line);
        return type is null || retries is null ? null : new JobDetail(type, retries, n.Headers.ToImmutableDictionary(StringComparer.Ordinal));
    }

    private UserTaskDetail User(ModelNode n)
    {
        if (n.Assignee is null && n.CandidateGroups is null && n.CandidateUsers is null)
            findings.Warning("task.unassigned", n.Id, $"'{n.Title}' names nobody, so every member of the tenant may do it.", "Set zeebe:assignmentDefinition candidateGroups, candidateUsers or assignee.", n.Line);
        if (n.FormId is { } form && library.Forms is { } forms && !forms.Contains(form))
            findings.Error("form.not-found", n.Id, $"'{n.Title}' shows the form '{form}', which is not among the files of this version.", "Add the form, or correct its id.", n.Line);
        foreach (var duty in n.SeparateFrom.Where(d => d != Instances.Duties.Initiator && _index.Node(d) is not { Kind: ElementKind.UserTask }))
            findings.Error("duty.unknown", n.Id, $"'{n.Title}' is separated from '{duty}', which is no user task of this process.", "Name 'initiator' or ids of user tasks.", n.Line);
        if (n.Countersigns is { } decision && _index.Node(decision) is not { PolicyId: not null })
            findings.Error("task.countersigns", n.Id, $"'{n.Title}' countersigns '{decision}', which is no business rule task with a policy.", "Name one of the process's policy steps.", n.Line);
        foreach (var verdict in n.Verdicts.Where(v => !VerdictText().IsMatch(v)))
            findings.Error("task.verdict", n.Id, $"'{verdict}' cannot be an answer of '{n.Title}'.", "Use lower-case words of at most 40 letters, digits, '-' or '_'.", n.Line);
        if (n.DueDate is { } due && !ExpressionText.IsComputed(due) && TimerText.DueAt(TimerKind.Date, due, DateTimeOffset.UnixEpoch, out _) is { } wrong)
            findings.Error("task.due-date", n.Id, $"The due date of '{n.Title}' cannot be used: {wrong}", "Give a date and time, or FEEL with a leading '='.", n.Line);
        return new UserTaskDetail(Optional(n.Assignee, n, "The assignee"), Optional(n.CandidateGroups, n, "The candidate groups"), Optional(n.CandidateUsers, n, "The candidate users"),
            Optional(n.DueDate, n, "The due date"), Optional(n.Priority, n, "The priority"), n.FormId, [.. n.SeparateFrom.Distinct(StringComparer.Ordinal)], Optional(n.Why, n, "The reason shown"),
            n.Verdicts.Count == 0 ? ["complete"] : [.. n.Verdicts.Distinct(StringComparer.Ordinal)], n.VerdictVariable, n.Countersigns);
    }

    private PolicyDetail Policy(ModelNode n)
    {
        if (n.ProposalFrom is { } from && _index.Node(from)?.JobType is null)
            findings.Error("policy.proposal", n.Id, $"'{n.Title}' takes its proposal from '{from}', which is no job of this process.", "Name the service task whose model proposes.", n.Line);
        return new PolicyDetail(n.PolicyId!, ResultVariable(n, "decision"), n.ProposalFrom);
    }

    private DecisionDetail? Decision(ModelNode n)
    {
        if (library.Decisions.TryGetValue(n.DecisionId!, out var decision))
            return new DecisionDetail(decision, ResultVariable(n, "result"));
        findings.Error("decision.not-found", n.Id, $"'{n.Title}' calls the decision '{n.DecisionId}', which is not among the files of this version.", "Add its DMN file, or correct the id.", n.Line);
        return null;
    }

    private ScriptDetail? Script(ModelNode n)
    {
        if (n.Script is null)
        {
            findings.Error("script.missing", n.Id, $"'{n.Title}' has no expression.", "Set zeebe:script expression in FEEL, or a job type.", n.Line);
            return null;
        }

        if (!n.Script.TrimStart().StartsWith('='))
        {
            findings.Error("script.language", n.Id, $"The script of '{n.Title}' is not FEEL, and nothing else is run inside the service.", "Write it in FEEL with a leading '=', or give the task a job type.", n.Line);
            return null;
        }

        var expression = Expression(n.Script, n.Id, "The expression", n.Line);
        return expression is null ? null : new ScriptDetail(expression, n.ResultVariable is null ? null : ResultVariable(n, n.ResultVariable));
    }

    private MessageDetail? Message(ModelNode n)
    {
        if (string.IsNullOrWhiteSpace(n.MessageName))
        {
            findings.Error("message.name", n.Id, $"'{n.Title}' waits for a message without a name.", "Choose a message and give it a name.", n.Line);
            return null;
        }

        return Expression(n.MessageName, n.Id, "The message name", n.Line) is { } name ? WithKey(name, Optional(n.CorrelationKey, n, "The correlation key")) : null;
    }

    private TimerDetail? Timer(ModelNode n)
    {
        if (string.IsNullOrWhiteSpace(n.TimerText))
        {
            findings.Error("timer.missing", n.Id, $"The timer '{n.Title}' has no date, duration or cycle.", "Set one.", n.Line);
            return null;
        }

        if (n.TimerKind == TimerKind.Cycle && !MayRepeat(n))
        {
            findings.Error("timer.cycle-place", n.Id, $"The timer '{n.Title}' repeats, which only events that do not interrupt, starts of the process and (a counted number of times) catch events can do.", "Use a duration or a date.", n.Line);
            return null;
        }

        if (Expression(n.TimerText, n.Id, "The timer", n.Line) is not { } text)
            return null;
        if (!text.IsFeel && TimerText.DueAt(n.TimerKind, text.Text, DateTimeOffset.UnixEpoch, out _) is { } wrong)
            findings.Error("timer.invalid", n.Id, $"The timer '{n.Title}' cannot be used: {wrong}", "Correct it.", n.Line);
        if (n is { Kind: ElementKind.TimerStart, Parent: null } && text.Names is [var name, ..])
            findings.Error("timer.variable", n.Id, $"The timer '{n.Title}' starts the process and takes the variable '{name}', but before there is an instance there are no variables.", "Give a date, duration or cycle, or FEEL without variables.", n.Line);
        return new TimerDetail(n.TimerKind, text);
    }

    /// <summary>A catch event that repeats without end would keep its process open for ever.</summary>
    private static bool MayRepeat(ModelNode n) => n.Kind switch
    {
        ElementKind.TimerBoundary => !n.Interrupting,
        ElementKind.TimerStart => !n.Interrupting || n.Parent is null,
        ElementKind.TimerCatch => n.TimerText is { Length: > 1 } text && text.StartsWith('R') && text[1] != '/',
        _ => false,
    };

    private string ResultVariable(ModelNode n, string unset)
    {
        var name = n.ResultVariable ?? unset;
        if (!VariableName().IsMatch(name))
            findings.Error("variable.name", n.Id, $"'{name}' cannot be a variable name.", "Use letters, digits and '_', beginning with a letter.", n.Line);
        return name;
    }

    private ImmutableArray<VariableMapping> Mappings(List<(string Source, string Target)> mappings, ModelNode n, string what)
    {
        if (mappings.Count == 0)
            return [];
        var made = ImmutableArray.CreateBuilder<VariableMapping>(mappings.Count);
        foreach (var (source, target) in mappings)
        {
            var path = target.Split('.');
            if (!path.All(p => VariableName().IsMatch(p)))
                findings.Error("mapping.target", n.Id, $"'{target}' cannot be the target of an {what} mapping of '{n.Title}'.", "Use a variable name, or a dotted path into one.", n.Line);
            if (Expression(source, n.Id, $"The {what} mapping to '{target}'", n.Line) is { } expression)
                made.Add(new VariableMapping(expression, [.. path]));
        }

        return made.DrainToImmutable();
    }

    private ProcessExpression? Optional(string? text, ModelNode n, string what) => string.IsNullOrWhiteSpace(text) ? null : Expression(text, n.Id, what, n.Line);

    private ProcessExpression? Expression(string? text, string elementId, string what, int? line)
    {
        if (text is null)
            return null;
        if (ProcessExpression.Compile(text, out var problem) is { } expression)
        {
            if (expression.IsFeel)
                _uses.Add(new ExpressionUse(expression, elementId, what, line));
            return expression;
        }

        findings.Error("feel.syntax", elementId, $"{what} is not FEEL {problem}", "Correct the expression.", line);
        return null;
    }

    private static ImmutableArray<string> Distinct(ImmutableArray<GraphNode> nodes, Func<GraphNode, string?> select) =>
        [.. nodes.Select(select).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"^[\p{L}_][\p{L}\p{N}_]{0,254}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex VariableName();

    [GeneratedRegex("^[a-z][a-z0-9_-]{0,39}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex VerdictText();
}
