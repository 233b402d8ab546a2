using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Everything that a worker does: service and send tasks, and script, rule and message events with a job type.</summary>
internal sealed class JobTask : Activity
{
    public override string WaitReason(GraphNode node, InstanceState state, string tokenId)
    {
        var job = state.Jobs.Values.FirstOrDefault(j => j.TokenId == tokenId);
        if (job is null || job.Failed)
            return Stopped(node);
        return job.Attempt == 1
            ? $"Waits for a worker of the type '{job.Type}' to do '{node.Title}'."
            : FormattableString.Invariant($"Waits for a worker of the type '{job.Type}' to do '{node.Title}': attempt {job.Attempt} of {job.Retries}, due {WaitText.At(job.DueAt)}.");
    }

    protected override Problem? Prepare(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> locals,
        out Action<ImmutableDictionary<string, JsonElement>> work)
    {
        work = static _ => { };
        var detail = (JobDetail)node.Detail!;
        var scope = new VariableScope(x.State, tokenId, locals);
        if (x.Evaluate(detail.Type, scope, "The job type", node, out var type) is { } problem || (problem = x.Evaluate(detail.Retries, scope, "The number of attempts", node, out var retries)) is not null)
            return problem;
        if (type.ValueKind != JsonValueKind.String || type.GetString() is not { Length: > 0 and <= 255 } typeName)
            return new Problem("job.type", $"The job type of '{node.Title}' must be a text of 1 to 255 characters. Correct the variables, then retry the incident.");
        if (!TryAttempts(retries, out var attempts))
            return new Problem("job.retries", $"The number of attempts of '{node.Title}' must be a whole number from 1 to 1000. Correct the variables, then retry the incident.");
        work = inputs => x.Emit(new JobCreated(x.NextId(), tokenId, node.Id, typeName, attempts, detail.Headers, inputs, x.Now));
        return null;
    }

    private static bool TryAttempts(JsonElement value, out int attempts)
    {
        attempts = 0;
        var read = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt32(out attempts),
            JsonValueKind.String => int.TryParse(value.GetString(), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out attempts),
            _ => false,
        };
        return read && attempts is >= 1 and <= 1000;
    }
}
