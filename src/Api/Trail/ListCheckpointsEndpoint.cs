using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Trail;
using Countersign.Workers.Trail;

namespace Countersign.Api.Trail;

internal sealed class ListCheckpointsEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/trail/checkpoints", Permission.TrailRead, Handle).Produces<Page<CheckpointView>>().WithTags("Trail")
        .WithSummary("Signed checkpoints, the newest first");

    private static Task<IResult> Handle(Call call, Lists lists, TrailReader trail) => lists.Page<TrailCheckpoint, CheckpointView>(
        call,
        async (_, after, take) => await trail.Checkpoints(call.TenantId,
            after is null ? null : (int.Parse(after[0], CultureInfo.InvariantCulture), long.Parse(after[1], CultureInfo.InvariantCulture)), take, call.Cancellation),
        c => [c.Epoch.ToString(CultureInfo.InvariantCulture), c.Size.ToString(CultureInfo.InvariantCulture)],
        GetCheckpointEndpoint.Of);
}
