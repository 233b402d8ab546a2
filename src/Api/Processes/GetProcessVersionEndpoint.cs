using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Processes;
using Countersign.Domain.Processes;
using Countersign.Projections.Databases;
using Countersign.Projections.Processes;
using Countersign.Workers.Processes;
using Marten;

namespace Countersign.Api.Processes;

internal sealed class GetProcessVersionEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/processes/{key}/versions/{version:int}", Permission.ProcessesRead, Handle).Produces<ProcessVersionView>().WithTags("Processes")
        .WithSummary("A version, with the compiler's findings");

    private static async Task<IResult> Handle(string key, int version, Call call, Lists lists, DatabaseConnections connections)
    {
        var starts = await TimerStartTable.Of(connections, call.TenantId, [key], call.Cancellation);
        await using var session = lists.Open(call);
        if (await session.LoadAsync<ProcessVersion>(ProcessVersion.IdOf(key, version), call.Cancellation) is not { } found)
            return Problems.NotFound();
        var (head, newest) = await ProcessRollouts.Head(session, key, call.Cancellation);
        return Answer.Ok(ProcessViews.Of(found, ProcessCompiler.Compile(ProcessDoor.SourcesOf(found)).Findings, starts, head, newest));
    }
}
