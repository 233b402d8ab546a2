using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Decisions;
using Countersign.Projections.Instances;
using Marten;

namespace Countersign.Api.Decisions;

internal sealed class ListDecisionsEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/decisions", Permission.DecisionsRead, Handle).Produces<Page<DecisionListItem>>().WithTags("Decisions")
        .WithSummary("Decisions, the newest first; a second or so behind");

    private static Task<IResult> Handle(KeyText? policy, KeyText? process, Wire<Verdict>? verdict, Guid? instance, Instant? from, Instant? before, Call call, Lists lists) =>
        lists.Page<DecisionSummary, DecisionListItem>(
            call,
            async (session, after, take) =>
            {
                IQueryable<DecisionSummary> query = session.Query<DecisionSummary>();
                if (policy is { } p)
                    query = query.Where(d => d.PolicyKey == p.Value);
                if (process is { } key)
                    query = query.Where(d => d.ProcessKey == key.Value);
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

                return await query.OrderByDescending(d => d.At).ThenByDescending(d => d.Id).Take(take).ToListAsync(call.Cancellation);
            },
            r => [r.At.ToString("O", CultureInfo.InvariantCulture), r.Id],
            r => new DecisionListItem(r.Id, r.InstanceId, r.ProcessKey, r.ElementId, r.PolicyKey, r.PolicyVersion, DecisionViews.VerdictOf(r.Verdict),
                r.Confidence, r.Impact, r.Reviewed, r.Reason, r.At));
}
