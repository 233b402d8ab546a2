using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Policies;
using Countersign.Domain.Policies;
using Countersign.Domain.Processes;
using Countersign.Workers.Policies;

namespace Countersign.Api.Policies;

internal sealed class DraftPolicyEndpoint : IEndpoint
{
    private const int MostErrors = 100;

    public static void Map(RouteTable routes) => routes.Post("/policies/{key}/versions", Permission.PoliciesDraft, Handle).Produces<PolicyVersionView>(StatusCodes.Status201Created).WithTags("Policies")
        .WithSummary("Drafts a version; it governs nothing until another person approves it").WithMetadata(new BodyLimit(3 * 1024 * 1024));

    private static async Task<IResult> Handle(string key, JsonBody<DraftPolicyRequest> body, Call call, Writes writes, TimeProvider clock)
    {
        var (document, gate) = (body.Value.Document, body.Value.Gate);
        // The number and key do not matter for what is found. Looking at the largest gates takes a while.
        var compilation = await Task.Run(() => PolicyCompiler.Compile(document, gate, key, version: 1), call.Cancellation);
        if (!compilation.IsSound)
        {
            return Problems.Of("policy.invalid", "The policy cannot be drafted. Correct what the entries name and draft it again.",
                [.. compilation.Findings.Where(f => f.Severity == FindingSeverity.Error).Take(MostErrors).Select(f => new ProblemError(f.Element ?? "", $"{f.Rule}: {f.Sentence} {f.Remedy}"))]);
        }

        return await writes.Change(
            call,
            PolicyStreams.Change(call.TenantId, key, call.Actor, state => PolicyDecider.Decide(state, new DraftPolicy(key, document, gate, body.Value.Note, call.Actor), clock.GetUtcNow())),
            result => Answer.Created($"/v1/policies/{key}/versions/{result.State!.Versions.Keys.Last()}", PolicyViews.Of(result.State!.Versions.Values.Last(), compilation)));
    }
}
