using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Processes;
using Countersign.Projections.Databases;
using Countersign.Projections.Processes;
using Marten;

namespace Countersign.Api.Processes;

internal sealed class ListProcessVersionsEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/processes/{key}/versions", Permission.ProcessesRead, Handle).Produces<Page<ProcessVersionView>>().WithTags("Processes")
        .WithSummary("Versions of a process, the newest first");

    private static async Task<IResult> Handle(string key, Call call, Lists lists, DatabaseConnections connections)
    {
        ProcessHead? head;
        int newest;
        await using (var session = lists.Open(call))
            (head, newest) = await ProcessRollouts.Head(session, key, call.Cancellation);
        if (newest == 0)
            return Problems.NotFound();

        var starts = await TimerStartTable.Of(connections, call.TenantId, [key], call.Cancellation);
        return await lists.Page(
            call,
            async (session, after, take) =>
            {
                var below = after is null ? int.MaxValue : int.Parse(after[0], CultureInfo.InvariantCulture);
                return await session.Query<ProcessVersion>().Where(v => v.ProcessKey == key && v.Number < below).OrderByDescending(v => v.Number).Take(take).ToListAsync(call.Cancellation);
            },
            v => [v.Number.ToString(CultureInfo.InvariantCulture)],
            v => ProcessViews.Of(v, [], starts, head, newest));
    }
}
