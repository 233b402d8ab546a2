using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Keys;
using Countersign.Domain.Keys;
using Countersign.Workers.Keys;

namespace Countersign.Api.Keys;

internal sealed class CreateKeyEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/keys", Permission.KeysManage, Handle).Produces<KeyCreated>(StatusCodes.Status201Created).WithTags("Keys")
        .WithSummary("Makes an API key; its secret is shown once");

    private static Task<IResult> Handle(JsonBody<CreateKeyRequest> body, Call call, Writes writes, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var (id, secret) = (Guid.CreateVersion7(now), KeySecret.Make(call.TenantId));
        var command = new MakeKey(id, body.Value.Name, KeySecret.PrefixOf(secret, call.TenantId), KeySecret.Hash(secret), [.. body.Value.Roles], body.Value.ExpiresAt, call.Actor);
        return writes.Change(
            call,
            KeyStreams.Change(call.TenantId, id, call.Actor, state => KeyDecider.Decide(state, command, now)),
            result => Answer.Created($"/v1/keys/{id}", new KeyCreated(KeyViews.Of(result.State!), secret)) with { HoldsSecret = true });
    }
}
