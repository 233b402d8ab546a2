using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Instances;
using Countersign.Domain.Instances;
using Countersign.Projections.Instances;
using Marten;
using InstanceStatus = Countersign.Client.Instances.InstanceStatus;

namespace Countersign.Api.Instances;

internal sealed class ListInstancesEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/instances", Permission.InstancesRead, Handle).Produces<Page<InstanceListItem>>().WithTags("Instances")
        .WithSummary("Instances, the newest first; a second or so behind");

    private static Task<IResult> Handle(KeyText? process, Wire<InstanceStatus>? status, string? businessKey, Instant? startedFrom, Instant? startedBefore, bool? withIncident, bool? nearLimit, Call call,
        Lists lists) => lists.Page<(InstanceSummary Row, string? Why), InstanceListItem>(
        call,
        async (session, after, take) =>
        {
            IQueryable<InstanceSummary> query = session.Query<InstanceSummary>();
            if (process is { } p)
                query = query.Where(i => i.ProcessKey == p.Value);
            if (status is { } s)
            {
                var word = ClientJson.NameOf(s.Value);
                query = query.Where(i => i.Status == word);
            }

            if (businessKey is not null)
                query = query.Where(i => i.BusinessKey == businessKey);
            if (startedFrom is { } from)
                query = query.Where(i => i.StartedAt >= from.Value);
            if (startedBefore is { } before)
                query = query.Where(i => i.StartedAt < before.Value);
            if (withIncident is { } with)
                query = with ? query.Where(i => i.Incidents > 0) : query.Where(i => i.Incidents == 0);
            if (nearLimit is true)
                query = query.Where(i => i.NearLimit);
            if (after is not null)
            {
                var (at, id) = (DateTimeOffset.Parse(after[0], CultureInfo.InvariantCulture), after[1]);
                query = query.Where(i => i.StartedAt < at || (i.StartedAt == at && i.Id.CompareTo(id) < 0));
            }

            var rows = await query.OrderByDescending(i => i.StartedAt).ThenByDescending(i => i.Id).Take(take).ToListAsync(call.Cancellation);
            var why = await Whys(session, [.. rows.Select(r => r.InstanceId)], call.Cancellation);
            return rows.Select(r => (r, why.GetValueOrDefault(r.InstanceId))).ToList();
        },
        r => [r.Row.StartedAt.ToString("O", CultureInfo.InvariantCulture), r.Row.Id],
        r => new InstanceListItem(r.Row.InstanceId, r.Row.ProcessKey, r.Row.ProcessVersion, Enum.Parse<InstanceStatus>(r.Row.Status, ignoreCase: true), r.Row.BusinessKey,
            r.Row.StartedAt, r.Row.EndedAt, r.Row.Incidents, r.Why));

    private static async Task<Dictionary<Guid, string>> Whys(IQuerySession session, Guid[] ids, CancellationToken cancellation)
    {
        var why = new Dictionary<Guid, string>();
        foreach (var task in await session.Query<TaskRow>().Where(t => t.InstanceId.IsOneOf(ids)).ToListAsync(cancellation))
            why[task.InstanceId] = task.Assignee is null ? $"'{task.Name}' waits for somebody of {string.Join(", ", task.Groups)}." : $"'{task.Name}' lies with {task.Assignee}.";
        foreach (var incident in await session.Query<IncidentRow>().Where(i => i.InstanceId.IsOneOf(ids)).ToListAsync(cancellation))
            why[incident.InstanceId] = incident.Message;
        return why;
    }
}
