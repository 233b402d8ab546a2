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
                var (version, part) = after is null ? (0, 0) : (long.Parse(after[0], CultureInfo.InvariantCulture), after.Length > 1 ? int.Parse(after[1], CultureInfo.InvariantCulture) : int.MaxValue);
                var rows = instance.Events.Where(e => e.Version >= version).SelectMany(Parts).Where(r => r.Stored.Version > version || r.Part > part);
                return Task.FromResult<IReadOnlyList<Row>>([.. rows.Take(take)]);
            },
            r => [r.Stored.Version.ToString(CultureInfo.InvariantCulture), r.Part.ToString(CultureInfo.InvariantCulture)],
            r => Entry(r, instance.Graph));
    }

    /// <summary>A fact that packs steps is told step by step, under one version.</summary>
    private static IEnumerable<Row> Parts(IEvent e) => e.Data is StepsTaken run ? Steps.Unpack(run).Select((fact, i) => new Row(e, i, fact)) : [new Row(e, 0, e.Data)];

    private static HistoryEntry Entry(Row row, ProcessGraph? graph)
    {
        var e = row.Stored;
        var alias = EventAliases.Of(row.Fact.GetType()) ?? e.EventTypeName;
        var sentence = row.Fact is IInstanceEvent fact ? InstanceSentences.Of(fact, graph) : null;
        return new HistoryEntry(e.Version, e.Timestamp.ToUniversalTime(), alias, ElementOf(row.Fact), sentence ?? alias, e.UserName is null or "system" ? null : e.UserName);
    }

    private sealed record Row(IEvent Stored, int Part, object Fact);

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
