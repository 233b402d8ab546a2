using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Domain.Trail;

namespace Countersign.Domain.Instances;

/// <summary>
/// Exactly what a person is shown for a task: the question, why it came, the decision it countersigns and every visible variable. An answer can be
/// bound to its digest, and is refused when what was shown has changed since.
/// </summary>
/// <param name="TaskId">The task.</param>
/// <param name="Json">The view as canonical JSON (<see cref="CanonicalJson"/>).</param>
/// <param name="Digest">Lower-case hex SHA-256 of the view in UTF-8.</param>
public sealed record TaskView(string TaskId, string Json, string Digest)
{
    /// <summary>The view of an open task; null when the task is not open.</summary>
    public static TaskView? Of(InstanceState state, string taskId)
    {
        if (!state.Tasks.TryGetValue(taskId, out var task))
            return null;
        var variables = new JsonObject();
        foreach (var (name, value) in new VariableScope(state, task.TokenId).All())
            variables[name] = Instances.Json.Node(value);
        var view = new JsonObject
        {
            ["task"] = new JsonObject
            {
                ["id"] = taskId,
                ["elementId"] = task.ElementId,
                ["name"] = task.Name,
                ["formId"] = task.FormId,
                ["why"] = task.Why,
                ["verdicts"] = Instances.Json.Array(task.Verdicts),
            },
            ["decision"] = Decision(state, task),
            ["variables"] = variables,
        };
        var canonical = Canonical(JsonSerializer.SerializeToUtf8Bytes(view));
        return new TaskView(taskId, Encoding.UTF8.GetString(canonical), Convert.ToHexStringLower(SHA256.HashData(canonical)));
    }

    private static JsonObject? Decision(InstanceState state, TaskState task)
    {
        if (task.DecisionId is null)
            return null;
        var decision = state.Decisions.Values.FirstOrDefault(d => d.DecisionId == task.DecisionId);
        return new JsonObject
        {
            ["id"] = task.DecisionId,
            ["verdict"] = decision?.Verdict,
            ["reasons"] = decision is null ? null : Instances.Json.Array(decision.Reasons),
            ["inputHash"] = decision?.InputHash,
        };
    }

    private static byte[] Canonical(byte[] view)
    {
        try
        {
            return CanonicalJson.Of(view);
        }
        catch (FormatException)
        {
            // A value from outside may hold what has no canonical form (a member twice); the text as it is still binds.
            return view;
        }
    }
}
