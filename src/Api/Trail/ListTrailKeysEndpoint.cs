using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Trail;
using Countersign.Workers.Trail;

namespace Countersign.Api.Trail;

internal sealed class ListTrailKeysEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/trail/keys", Permission.TrailRead, Handle).Produces<Page<TrailKey>>().WithTags("Trail")
        .WithSummary("Keys that sign checkpoints, the newest first");

    private static Task<IResult> Handle(Call call, Lists lists, TrailReader trail, ITrailKeys keys) => lists.Page<(int Number, TrailKey Key), TrailKey>(
        call,
        async (_, after, take) =>
        {
            // Without a checkpoint nothing was signed, so there is nothing to check with a key.
            if (await trail.Checkpoints(call.TenantId, null, 1, call.Cancellation) is not [var newest])
                return [];
            var history = keys.History(newest.Note.Split('\n')[0]);
            var first = after is null ? 0 : int.Parse(after[0], CultureInfo.InvariantCulture) + 1;
            return [.. history.Select((k, number) => (number, new TrailKey(k.Key.Name, k.Key.ToString(), k.Since, number == 0 ? null : history[number - 1].Since))).Skip(first).Take(take)];
        },
        row => [row.Number.ToString(CultureInfo.InvariantCulture)],
        row => row.Key);
}
