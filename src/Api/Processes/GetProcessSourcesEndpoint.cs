using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Processes;
using Countersign.Projections.Processes;
using Marten;

namespace Countersign.Api.Processes;

internal sealed class GetProcessSourcesEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/processes/{key}/versions/{version:int}/sources", Permission.ProcessesRead, Handle).Produces<ProcessSourcesView>()
        .WithTags("Processes").WithSummary("The sources of a version, byte for byte as published");

    private static Task<IResult> Handle(string key, int version, Call call, Lists lists) => lists.One(
        call,
        session => session.LoadAsync<ProcessVersion>(ProcessVersion.IdOf(key, version), call.Cancellation),
        v => Answer.Ok(ProcessViews.Sources(v)));
}
