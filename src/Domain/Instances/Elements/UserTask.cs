using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>User tasks: wait for a person. Who may act is in the fact, so that a duty check years later needs nothing else.</summary>
internal sealed class UserTask : Activity
{
    private const int DefaultPriority = 50;

    public override string WaitReason(GraphNode node, InstanceState state, string tokenId)
    {
        var task = state.Tasks.Values.FirstOrDefault(t => t.TokenId == tokenId);
        if (task is null)
            return Stopped(node);
        var who = task switch
        {
            { Assignee: { } assignee } => assignee,
            { Groups.IsEmpty: false } => $"the group{(task.Groups.Length == 1 ? "" : "s")} {string.Join(" or ", task.Groups)}",
            { Users.IsEmpty: false } => string.Join(" or ", task.Users),
            _ => "anyone",
        };
        var taken = task is { Assignee: not null, TakenAt: { } at } ? $", taken {WaitText.At(at)}" : "";
        var due = task.DueAt is { } limit ? $", due {WaitText.At(limit)}" : "";
        return $"Waits for {who} to do the task '{task.Name}'{taken}{due}.";
    }

    protected override Problem? Prepare(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> locals,
        out Action<ImmutableDictionary<string, JsonElement>> work)
    {
        work = static _ => { };
        var detail = (UserTaskDetail)node.Detail!;
        var scope = new VariableScope(x.State, tokenId, locals);
        if (Names(x, detail.Groups, scope, "The candidate groups", node, out var groups) is { } problem
            || (problem = Names(x, detail.Users, scope, "The candidate users", node, out var users)) is not null
            || (problem = Names(x, detail.Assignee, scope, "The assignee", node, out var assignee)) is not null
            || (problem = DueDate(x, detail.DueDate, scope, node, out var due)) is not null
            || (problem = Priority(x, detail.Priority, scope, node, out var priority)) is not null
            || (problem = Text(x, detail.Why, scope, node, out var why)) is not null)
            return problem;
        if (assignee.Length > 1)
            return Unassigned(node, "the assignee must be one member id");

        work = inputs =>
        {
            KeepLocals(x, node, tokenId, inputs);
            var decision = detail.Countersigns is { } element ? x.State.Decisions.GetValueOrDefault(element) : null;
            x.Emit(new TaskCreated(x.NextId(), tokenId, node.Id, node.Title, detail.FormId, groups, users, assignee.FirstOrDefault(), Duties.Of(x.State, detail.SeparateFrom),
                decision?.DecisionId, why ?? decision?.Reasons.FirstOrDefault(), priority, due, x.Now, detail.Verdicts));
        };
        return null;
    }

    private static Problem? Names(Execution x, ProcessExpression? expression, VariableScope scope, string what, GraphNode node, out ImmutableArray<string> names)
    {
        names = [];
        if (expression is null)
            return null;
        if (x.Evaluate(expression, scope, what, node, out var value) is { } problem)
            return problem with { Code = "task.assignment" };
        switch (value.ValueKind)
        {
            case JsonValueKind.Null or JsonValueKind.Undefined:
                return null;
            case JsonValueKind.String:
                names = [.. value.GetString()!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
                return null;
            case JsonValueKind.Array when value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String):
                names = [.. value.EnumerateArray().Select(i => i.GetString()!)];
                return null;
            default:
                return Unassigned(node, $"{char.ToLowerInvariant(what[0])}{what[1..]} must be a text or a list of texts, not {Json.KindOf(value)}");
        }
    }

    private static Problem? DueDate(Execution x, ProcessExpression? expression, VariableScope scope, GraphNode node, out DateTimeOffset? due)
    {
        due = null;
        if (expression is null)
            return null;
        if (x.Evaluate(expression, scope, "The due date", node, out var value) is { } problem)
            return problem with { Code = "task.schedule" };
        if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            return null;
        if (TimerText.DueAt(TimerKind.Date, value, x.Now, out var at) is { } wrong)
            return new Problem("task.schedule", $"The due date of '{node.Title}' cannot be used: {wrong} Correct the variables, then retry the incident.");
        due = at.At;
        return null;
    }

    private static Problem? Priority(Execution x, ProcessExpression? expression, VariableScope scope, GraphNode node, out int priority)
    {
        priority = DefaultPriority;
        if (expression is null)
            return null;
        if (x.Evaluate(expression, scope, "The priority", node, out var value) is { } problem)
            return problem with { Code = "task.priority" };
        var read = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt32(out priority),
            JsonValueKind.String => int.TryParse(value.GetString(), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out priority),
            _ => false,
        };
        return read && priority is >= 0 and <= 100
            ? null
            : new Problem("task.priority", $"The priority of '{node.Title}' must be a whole number from 0 to 100. Correct the variables, then retry the incident.");
    }

    private static Problem? Text(Execution x, ProcessExpression? expression, VariableScope scope, GraphNode node, out string? text)
    {
        text = null;
        if (expression is null)
            return null;
        if (x.Evaluate(expression, scope, "The reason shown", node, out var value) is { } problem)
            return problem with { Code = "task.why" };
        text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return null;
    }

    private static Problem Unassigned(GraphNode node, string why) => new("task.assignment", $"'{node.Title}' cannot be assigned: {why}. Correct the variables, then retry the incident.");
}
