using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Incidents;
using Countersign.Domain.Instances;
using Marten;

namespace Countersign.Api.Incidents;

internal sealed class ListIncidentsEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/incidents", Permission.IncidentsRead, Handle).Produces<Page<IncidentView>>().WithTags("Incidents")
        .WithSummary("Open incidents, the newest first");

    private static Task<IResult> Handle(KeyText? process, Guid? instance, Call call, Lists lists) => lists.Page(
        call,
        async (session, after, take) =>
        {
            IQueryable<IncidentRow> query = session.Query<IncidentRow>();
            if (process is { } p)
                query = query.Where(i => i.ProcessKey == p.Value);
            if (instance is { } one)
                query = query.Where(i => i.InstanceId == one);
            if (after is not null)
            {
                var (at, id) = (DateTimeOffset.Parse(after[0], CultureInfo.InvariantCulture), after[1]);
                query = query.Where(i => i.RaisedAt < at || (i.RaisedAt == at && i.Id.CompareTo(id) < 0));
            }

            return await query.OrderByDescending(i => i.RaisedAt).ThenByDescending(i => i.Id).Take(take).ToListAsync(call.Cancellation);
        },
        i => [i.RaisedAt.ToString("O", CultureInfo.InvariantCulture), i.Id],
        i => new IncidentView(i.Id, i.InstanceId, i.ProcessKey, i.ProcessVersion, i.ElementId, i.Code, i.Message, i.JobId, i.RaisedAt, i.Suspended));
}
