using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Keys;
using Countersign.Domain.Keys;
using Countersign.Workers.Keys;

namespace Countersign.Api.Keys;

internal sealed class RevokeKeyEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/keys/{id:guid}/revoke", Permission.KeysManage, Handle).Produces<KeyView>().WithTags("Keys")
        .WithSummary("Ends a key at once");

    private static async Task<IResult> Handle(Guid id, Call call, Writes writes, IDirectory directory, TimeProvider clock)
    {
        var answer = await writes.Change(
            call,
            KeyStreams.Change(call.TenantId, id, call.Actor, state => KeyDecider.Decide(state, new RevokeKey(call.Actor), clock.GetUtcNow())),
            result => Answer.Ok(KeyViews.Of(result.State!)));
        directory.Forget(call.TenantId);
        return answer;
    }
}
