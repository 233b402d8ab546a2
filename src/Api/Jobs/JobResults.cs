using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Api.Decisions;
using Countersign.Api.Http;
using Countersign.Api.Instances;
using Countersign.Client.Jobs;
using Countersign.Domain;
using Countersign.Domain.Instances;

namespace Countersign.Api.Jobs;

/// <summary>What the acts on a job share.</summary>
internal static class JobResults
{
    public static async Task<IResult> Act(string id, int attempt, Call call, InstanceWrites writes, Func<Guid, InstanceCommand> command)
    {
        if (attempt < 1)
            return Problems.Invalid("/attempt", "An attempt is 1 or more, as the job was fetched with.");
        return DecisionReader.InstanceOf(id) is { } instance
            ? await writes.Execute(call, command(instance), r => Answer.Ok(new JobResult(id, instance, r.Outcome is Outcome.Facts), r.Version))
            : Problems.NotFound();
    }

    public static ImmutableDictionary<string, JsonElement> Of(IReadOnlyDictionary<string, JsonElement>? variables) =>
        variables?.ToImmutableDictionary(StringComparer.Ordinal) ?? ImmutableDictionary<string, JsonElement>.Empty;

    /// <summary>What is wrong with a code and a message, or null.</summary>
    public static ProblemAnswer? Problem(string code, string message) =>
        code.Length is 0 or > 100 ? Problems.Invalid("/errorCode", "An error code is 1 to 100 characters.")
        : message.Length is 0 or > 2_000 ? Problems.Invalid("/message", "A message is one sentence of 1 to 2,000 characters, without personal data.")
        : null;
}
