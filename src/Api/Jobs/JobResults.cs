using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Api.Decisions;
using Countersign.Api.Http;
using Countersign.Api.Instances;
using Countersign.Client.Jobs;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Workers.Jobs;

namespace Countersign.Api.Jobs;

/// <summary>What the acts on a job share.</summary>
internal static class JobResults
{
    public static async Task<IResult> Act(string id, int attempt, string? token, IReadOnlyDictionary<string, JsonElement>? variables, Call call, InstanceWrites writes,
        Func<Guid, ImmutableDictionary<string, JsonElement>, InstanceCommand> command)
    {
        if (attempt < 1)
            return Problems.Invalid("/attempt", "An attempt is 1 or more, as the job was fetched with.");
        // In the engine a result with such a name is an incident; who sends it over HTTP can be told.
        if (VariableNames.Problem((variables ?? ImmutableDictionary<string, JsonElement>.Empty).Keys) is { } unnamed)
            return Problems.Invalid("/variables", unnamed);
        if (await Lost(id, attempt, token, call) is { } problem)
            return problem;
        return DecisionReader.InstanceOf(id) is { } instance
            ? await writes.Execute(call, command(instance, Of(variables)), r => Answer.Ok(new JobResult(id, instance, r.Outcome is Outcome.Facts), r.Version))
            : Problems.NotFound();
    }

    /// <summary>The lease's token; null when there is none. False when it is no token at all.</summary>
    public static bool TryToken(string? text, out Guid? token)
    {
        token = Guid.TryParseExact(text, "N", out var read) ? read : null;
        return text is null || token is not null;
    }

    public static ProblemAnswer WrongToken() => Problems.Invalid("/leaseToken", "A lease's token is sent as the job was fetched with, or left out.");

    public static ProblemAnswer LeaseLost() => Problems.Of("job.lease_lost",
        "This lease is no longer yours: the attempt is over, or the lease ended and another worker has the job. Nothing was added. Drop the work and fetch jobs anew.");

    // A repeat of a call that was carried out never comes here: it gets its stored answer.
    private static async Task<IResult?> Lost(string id, int attempt, string? text, Call call)
    {
        if (!TryToken(text, out var token))
            return WrongToken();
        if (token is not { } lease)
            return null;
        var jobs = call.Http.RequestServices.GetRequiredService<ExternalJobs>();
        return await jobs.Holds(call.TenantId, id, attempt, lease, call.Cancellation) ? null : LeaseLost();
    }

    private static ImmutableDictionary<string, JsonElement> Of(IReadOnlyDictionary<string, JsonElement>? variables) =>
        variables?.ToImmutableDictionary(StringComparer.Ordinal) ?? ImmutableDictionary<string, JsonElement>.Empty;

    /// <summary>What is wrong with a code and a message, or null.</summary>
    public static ProblemAnswer? Problem(string code, string message) =>
        code.Length is 0 or > 100 ? Problems.Invalid("/errorCode", "An error code is 1 to 100 characters.")
        : message.Length is 0 or > 2_000 ? Problems.Invalid("/message", "A message is one sentence of 1 to 2,000 characters, without personal data.")
        : null;
}
