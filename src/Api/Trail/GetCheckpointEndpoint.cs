using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Trail;
using Countersign.Workers.Trail;

namespace Countersign.Api.Trail;

internal sealed class GetCheckpointEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/trail/checkpoint", Permission.TrailRead, Handle).Produces<CheckpointView>().WithTags("Trail").WithSummary("The newest signed checkpoint");

    internal static CheckpointView Of(TrailCheckpoint c) => new(c.Note.Split('\n')[0], c.Size, Convert.ToBase64String(c.Root), c.Note, c.At);

    private static async Task<IResult> Handle(Call call, TrailReader trail) =>
        await trail.Checkpoints(call.TenantId, null, 1, call.Cancellation) is [var newest] ? Answer.Ok(Of(newest)) : Problems.NotFound();
}
