using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Processes;
using Countersign.Projections.Store;
using Marten;

namespace Countersign.Api.Processes;

internal sealed class GetRolloutEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/processes/{key}/rollout", Permission.ProcessesRead, Handle).Produces<ProcessRolloutView>().WithTags("Processes")
        .WithSummary("What is in force and what is rolled out beside it, with how the instances of each fare");

    private static async Task<IResult> Handle(string key, Call call, Lists lists)
    {
        await using var session = lists.Open(call);
        var (head, newest) = await ProcessRollouts.Head(session, key, call.Cancellation);
        if (newest == 0)
            return Problems.NotFound();
        // A process that was published before there were rollouts has no row: each of its versions was one fact.
        var version = head?.Version ?? newest;
        return Answer.Ok(
            new ProcessRolloutView(key, head?.InForce ?? newest, head?.Candidate?.Number, ProcessViews.Of(head), version,
                await ProcessRollouts.Counts(session, call.TenantId, key, head, call.Cancellation), await ProcessRollouts.EmptyGroups(session, head, call.Cancellation)),
            version);
    }
}
