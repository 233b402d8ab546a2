using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Instances;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Projections.Store;
using JasperFx.Events;

namespace Countersign.Api.Instances;

internal sealed class GetHistoryEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/instances/{id:guid}/history", Permission.InstancesRead, Handle).Produces<Page<HistoryEntry>>().WithTags("Instances")
        .WithSummary("What happened in an instance, as sentences, the oldest first");

    private static async Task<IResult> Handle(Guid id, Call call, Lists lists, InstanceReader reader)
    {
        if (await reader.Find(call.TenantId, id, call.Cancellation) is not { } instance)
            return Problems.NotFound();
        return await lists.Page(
            call,
            (_, after, take) =>
            {
                var from = after is null ? 0 : long.Parse(after[0], CultureInfo.InvariantCulture);
                return Task.FromResult<IReadOnlyList<IEvent>>([.. instance.Events.Where(e => e.Version > from).Take(take)]);
            },
            e => [e.Version.ToString(CultureInfo.InvariantCulture)],
            e => Entry(e, instance.Graph));
    }

    private static HistoryEntry Entry(IEvent e, ProcessGraph? graph)
    {
        var alias = EventAliases.Of(e.EventType) ?? e.EventTypeName;
        var sentence = e.Data is IInstanceEvent fact ? InstanceSentences.Of(fact, graph) : null;
        return new HistoryEntry(e.Version, e.Timestamp.ToUniversalTime(), alias, ElementOf(e.Data), sentence ?? alias, e.UserName is null or "system" ? null : e.UserName);
    }

    private static string? ElementOf(object data) => data switch
    {
        ElementEntered e => e.ElementId,
        ElementLeft e => e.ElementId,
        ElementPassed e => e.ElementId,
        ElementTerminated e => e.ElementId,
        JobCreated e => e.ElementId,
        TaskCreated e => e.ElementId,
        DecisionRecorded e => e.Decision.ElementId,
        TimerSet e => e.ElementId,
        SubscriptionOpened e => e.ElementId,
        IncidentRaised e => e.ElementId,
        InstanceCompleted e => e.EndElementId,
        _ => null,
    };
}
