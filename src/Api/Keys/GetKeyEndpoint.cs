using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Keys;
using Countersign.Projections.Keys;
using Marten;

namespace Countersign.Api.Keys;

internal sealed class GetKeyEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/keys/{id:guid}", Permission.KeysManage, Handle).Produces<KeyView>().WithTags("Keys").WithSummary("An API key, without its secret");

    private static async Task<IResult> Handle(Guid id, Call call, Lists lists)
    {
        await using var session = lists.Open(call);
        return await session.LoadAsync<KeyRecord>(id, call.Cancellation) is { } key
            ? Answer.Ok(KeyViews.Of(key, (await session.LoadAsync<KeyUse>(id, call.Cancellation))?.At))
            : Problems.NotFound();
    }
}
