using System.Globalization;
using System.Text.Json;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Trail;
using Countersign.Workers.Trail;

namespace Countersign.Api.Trail;

internal sealed class ListEntriesEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/trail/entries", Permission.TrailRead, Handle).Produces<Page<TrailEntry>>().WithTags("Trail")
        .WithSummary("Leaves in log order, with the records behind them");

    private static async Task<IResult> Handle(long? from, Call call, Lists lists, TrailReader trail) => from < 0
        ? Problems.BadParameter("from", "a leaf's index is 0 or more.")
        : await lists.Page<TrailLeaf, TrailEntry>(
            call,
            async (_, after, take) => await trail.Leaves(call.TenantId, after is null ? from ?? 0 : long.Parse(after[0], CultureInfo.InvariantCulture) + 1, take, call.Cancellation),
            l => [l.Index.ToString(CultureInfo.InvariantCulture)],
            l => new TrailEntry(l.Index, Convert.ToBase64String(l.Hash), JsonElement.Parse(l.Record)));
}
