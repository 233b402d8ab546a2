using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client.Tasks;
using Countersign.Domain.Instances;

namespace Countersign.Api.Tasks;

internal sealed class CompleteTaskEndpoint : IEndpoint
{
    private static readonly TimeSpan LongestDwell = TimeSpan.FromDays(7);

    public static void Map(RouteTable routes) => routes.Post("/tasks/{id}/complete", Permission.TasksWork, Handle).ReceiptByRunner().Produces<TaskResult>().WithTags("Tasks").WithSummary("Answers a task");

    private static async Task<IResult> Handle(string id, JsonBody<CompleteTaskRequest> body, Call call, InstanceWrites writes)
    {
        var r = body.Value;
        if (Problem(r) is { } problem)
            return problem;
        var shown = r.ShownDigest is null ? null : new ShownEvidence(r.ShownDigest, TimeSpan.FromMilliseconds(r.DwellMilliseconds ?? 0), [.. r.Opened ?? []]);
        var variables = r.Variables?.ToImmutableDictionary(StringComparer.Ordinal) ?? ImmutableDictionary<string, JsonElement>.Empty;
        return await TaskResults.Act(id, call, writes, instance => new CompleteTask(call.TenantId, instance, call.Actor, id, r.Verdict, r.Reason, r.ReasonCode, variables, shown));
    }

    private static ProblemAnswer? Problem(CompleteTaskRequest r)
    {
        if (r.Verdict.Length is 0 or > 64)
            return Problems.Invalid("/verdict", "A verdict is one of the task's verbs.");
        if (r.Reason is { Length: > Reasons.Longest })
            return Problems.Invalid("/reason", "A reason is at most 2,000 characters.");
        if (r.ReasonCode is { Length: > 100 })
            return Problems.Invalid("/reasonCode", "A reason code is at most 100 characters.");
        if (r.ShownDigest is not null && (r.ShownDigest.Length != 64 || !r.ShownDigest.All(char.IsAsciiHexDigitLower)))
            return Problems.Invalid("/shownDigest", "Send the digest exactly as the task's view gave it.");
        if (r.DwellMilliseconds < 0 || r.DwellMilliseconds > LongestDwell.TotalMilliseconds)
            return Problems.Invalid("/dwellMilliseconds", "The time between showing and answering is 0 to 7 days, in milliseconds.");
        return r.Opened is { Count: > 200 } || r.Opened?.Any(o => o is null || o.Length > 200) == true ? Problems.Invalid("/opened", "Name at most 200 things of at most 200 characters.") : null;
    }
}
