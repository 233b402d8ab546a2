using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Keys;
using Countersign.Projections.Keys;
using Marten;

namespace Countersign.Api.Keys;

internal sealed class ListKeysEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/keys", Permission.KeysManage, Handle).Produces<Page<KeyView>>().WithTags("Keys").WithSummary("API keys, the newest first");

    private static Task<IResult> Handle(Call call, Lists lists) => lists.Page<(KeyRecord Key, DateTimeOffset? Used), KeyView>(
        call,
        async (session, after, take) =>
        {
            // Version-7 ids rise with time.
            var below = after is null ? Guid.AllBitsSet : Guid.Parse(after[0]);
            var keys = await session.Query<KeyRecord>().Where(k => k.Id.CompareTo(below) < 0).OrderByDescending(k => k.Id).Take(take).ToListAsync(call.Cancellation);
            var uses = (await session.LoadManyAsync<KeyUse>(call.Cancellation, keys.Select(k => k.Id))).ToDictionary(u => u.Id, u => u.At);
            return keys.Select(k => (Key: k, Used: uses.TryGetValue(k.Id, out var at) ? at : (DateTimeOffset?)null)).ToList();
        },
        k => [k.Key.Id.ToString()],
        k => KeyViews.Of(k.Key, k.Used));
}
