using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Policies;
using Countersign.Domain.Policies;
using Countersign.Workers.Policies;

namespace Countersign.Api.Policies;

internal sealed class DraftPolicyEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/policies/{key}/versions", Permission.PoliciesDraft, Handle).Produces<PolicyVersionView>(StatusCodes.Status201Created).WithTags("Policies")
        .WithSummary("Drafts a version; it governs nothing until another person approves it").WithMetadata(new BodyLimit(3 * 1024 * 1024));

    private static Task<IResult> Handle(string key, JsonBody<DraftPolicyRequest> body, Call call, Writes writes, TimeProvider clock) => writes.Change(
        call,
        PolicyStreams.Change(call.TenantId, key, call.Actor, state => PolicyDecider.Decide(state, new DraftPolicy(key, body.Value.Document, body.Value.Gate, body.Value.Note, call.Actor), clock.GetUtcNow())),
        result => Answer.Created($"/v1/policies/{key}/versions/{result.State!.Versions.Keys.Last()}", PolicyViews.Of(result.State!.Versions.Values.Last())));
}
