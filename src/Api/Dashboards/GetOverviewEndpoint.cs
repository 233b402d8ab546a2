using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Dashboards;
using Countersign.Domain.Decisions;
using Countersign.Domain.Instances;
using Countersign.Projections.Instances;
using Countersign.Projections.Tenants;
using Marten;

namespace Countersign.Api.Dashboards;

internal sealed class GetOverviewEndpoint : IEndpoint
{
    private const int Most = 200_000;
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromDays(400);
    private static readonly TimeSpan UsualPeriod = TimeSpan.FromDays(7);

    public static void Map(RouteTable routes) => routes.Get("/dashboards/overview", Permission.DashboardsRead, Handle).Produces<OverviewView>().WithTags("Dashboards")
        .WithSummary("Counts, straight-through and escalated share, errors and the time from receipt to decision");

    private static async Task<IResult> Handle(Instant? from, Instant? before, KeyText? process, Call call, Lists lists, TimeProvider clock)
    {
        var end = before?.Value ?? clock.GetUtcNow();
        var begin = from?.Value ?? (end - DateTimeOffset.MinValue > UsualPeriod ? end - UsualPeriod : DateTimeOffset.MinValue);
        if (begin >= end || end - begin > LongestPeriod)
            return Problems.BadParameter("from", "choose a period of more than nothing and at most 400 days.");
        await using var session = lists.Open(call);
        // An instance that goes on in a successor is one case: the successor stands for it, from the first one's start on.
        var query = session.Query<InstanceSummary>().Where(i => i.StartedAt >= begin && i.StartedAt < end && i.Status != "continued");
        if (process is { } key)
            query = query.Where(i => i.ProcessKey == key.Value);
        var instances = await query.Take(Most).ToListAsync(call.Cancellation);
        var tenant = await session.LoadAsync<TenantRecord>(TenantRecord.Only, call.Cancellation);
        var tasks = session.Query<TaskRow>().AsQueryable();
        var incidents = session.Query<IncidentRow>().AsQueryable();
        if (process is { } only)
        {
            tasks = tasks.Where(t => t.ProcessKey == only.Value);
            incidents = incidents.Where(t => t.ProcessKey == only.Value);
        }

        var (openTasks, openIncidents) = (await tasks.CountAsync(call.Cancellation), await incidents.CountAsync(call.Cancellation));
        return Answer.Ok(Overview(begin, end, instances, tenant?.TimeZone ?? "UTC", openTasks, openIncidents));
    }

    private static OverviewView Overview(DateTimeOffset from, DateTimeOffset before, IReadOnlyList<InstanceSummary> all, string zone, int openTasks, int openIncidents)
    {
        var decided = all.Where(i => i.FirstVerdict is not null).ToList();
        var alone = decided.Count(i => !i.People && i.FirstVerdict is Verdict.Accept);
        var times = decided.Select(i => (i.DecidedAt!.Value - i.StartedAt).TotalMilliseconds).Order().ToList();
        return new OverviewView(from, before, all.Count, all.Count(i => i.Status == "running"), all.Count(i => i.Status == "completed"), all.Count(i => i.Status == "cancelled"),
            decided.Count, decided.Count == 0 ? null : (double)alone / decided.Count, decided.Count == 0 ? null : (double)decided.Count(i => i.People) / decided.Count,
            decided.GroupBy(i => ClientJson.NameOf(i.FirstVerdict!.Value)).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal), all.Sum(i => i.IncidentsEver), openTasks,
            openIncidents, times.Count == 0 ? null : new Percentiles(At(times, 0.50), At(times, 0.95), At(times, 0.99)), Days(all, zone));
    }

    private static List<DayCount> Days(IReadOnlyList<InstanceSummary> all, string zone)
    {
        var local = TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? found : TimeZoneInfo.Utc;
        return [.. all.GroupBy(i => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(i.StartedAt, local).DateTime)).OrderBy(g => g.Key)
            .Select(g => new DayCount(g.Key, g.Count(), g.Count(i => i is { People: false, FirstVerdict: Verdict.Accept }), g.Count(i => i.People)))];
    }

    // Nearest rank: a value that was measured, never one in between.
    private static double At(List<double> sorted, double share) => Math.Round(sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)], 1);
}
