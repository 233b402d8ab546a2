using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Decisions;
using Countersign.Projections.Instances;
using Marten;
using Marten.Linq.MatchesSql;

namespace Countersign.Api.Decisions;

internal sealed class ListDecisionsEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/decisions", Permission.DecisionsRead, Handle).Produces<Page<DecisionListItem>>().WithTags("Decisions")
        .WithSummary("Decisions, the newest first; a second or so behind");

    private static Task<IResult> Handle(KeyText? policy, KeyText? process, Wire<Verdict>? verdict, Guid? instance, Instant? from, Instant? before, Call call, Lists lists) =>
        lists.Page<(DecisionSummary Row, string Process), DecisionListItem>(
            call,
            async (session, after, take) =>
            {
                IQueryable<DecisionSummary> query = session.Query<DecisionSummary>();
                if (policy is { } p)
                    query = query.Where(d => d.PolicyKey == p.Value);
                if (process is { } key)
                {
                    // Marten translates no sub-query over another document; row security keeps it inside the tenant, as every query of the reader.
                    query = query.Where(d => d.MatchesSql("d.instance_id in (select i.instance_id from cs.mt_doc_instancesummary i where i.process_key = ?)", key.Value));
                }

                if (verdict is { } v)
                {
                    var wanted = Enum.Parse<Domain.Decisions.Verdict>(v.Value.ToString());
                    query = query.Where(d => d.Verdict == wanted);
                }

                if (instance is { } id)
                    query = query.Where(d => d.InstanceId == id);
                if (from is { } f)
                    query = query.Where(d => d.At >= f.Value);
                if (before is { } b)
                    query = query.Where(d => d.At < b.Value);
                if (after is not null)
                {
                    var (at, last) = (DateTimeOffset.Parse(after[0], CultureInfo.InvariantCulture), after[1]);
                    query = query.Where(d => d.At < at || (d.At == at && d.Id.CompareTo(last) < 0));
                }

                var rows = await query.OrderByDescending(d => d.At).ThenByDescending(d => d.Id).Take(take).ToListAsync(call.Cancellation);
                var ids = rows.Select(r => r.InstanceId).Distinct().ToArray();
                var keys = (await session.Query<InstanceSummary>().Where(i => i.InstanceId.IsOneOf(ids)).ToListAsync(call.Cancellation)).ToDictionary(i => i.InstanceId, i => i.ProcessKey);
                return rows.Select(r => (r, keys.GetValueOrDefault(r.InstanceId, r.ProcessKey))).ToList();
            },
            r => [r.Row.At.ToString("O", CultureInfo.InvariantCulture), r.Row.Id],
            r => new DecisionListItem(r.Row.Id, r.Row.InstanceId, r.Process, r.Row.ElementId, r.Row.PolicyKey, r.Row.PolicyVersion, DecisionViews.VerdictOf(r.Row.Verdict),
                r.Row.Confidence, r.Row.Impact, r.Row.Reviewed, r.Row.Reason, r.Row.At));
}
