using System.Text.Json;
using Countersign.Api.Http;
using Countersign.Client.Processes;
using Countersign.Domain.Processes;
using Countersign.Projections.Databases;
using Countersign.Projections.Processes;
using Countersign.Projections.Store;
using Countersign.Projections.Tenants;
using Countersign.Workers.Streams;
using Marten;

namespace Countersign.Api.Processes;

/// <summary>What the routes of a rollout read and answer.</summary>
internal static class ProcessRollouts
{
    private const string Counted = $"""
        select jsonb_build_object('version', (s.data ->> 'processVersion')::integer, 'started', count(*), 'completed', count(*) filter (where s.data ->> 'status' = 'completed'),
            'cancelled', count(*) filter (where s.data ->> 'status' = 'cancelled'), 'withIncident', count(*) filter (where (s.data ->> 'incidents')::integer > 0),
            'incidentsEver', coalesce(sum((s.data ->> 'incidentsEver')::integer), 0))::text
        from (select data from {DatabaseRoles.Schema}.mt_doc_instancesummary where tenant_id = ? and process_key = ? and started_at >= ? order by started_at desc limit 200000) s
        where (s.data ->> 'processVersion')::integer in (?, ?) group by (s.data ->> 'processVersion')::integer
        """;

    /// <summary>The row of a process and the number of its newest version; 0 when there is none.</summary>
    public static async Task<(ProcessHead? Head, int Newest)> Head(IQuerySession session, string key, CancellationToken cancellation)
    {
        var newest = await session.Query<ProcessVersion>().Where(v => v.ProcessKey == key).OrderByDescending(v => v.Number).Select(v => v.Number).FirstOrDefaultAsync(cancellation);
        var head = newest == 0 ? null : await session.LoadAsync<ProcessHead>(key, cancellation);
        return (head?.Newest == newest ? head : null, newest);
    }

    /// <summary>How the instances of both versions fare, the version in force first.</summary>
    public static async Task<IReadOnlyList<VersionCounts>> Counts(IQuerySession session, string tenantId, string key, ProcessHead? head, CancellationToken cancellation)
    {
        if (head is not { Candidate: { } candidate, Opened: { } opened })
            return [];
        var found = (await session.AdvancedSql.QueryAsync<string>(Counted, cancellation, tenantId, key, opened.Since, head.InForce, candidate.Number))
            .Select(text => JsonSerializer.Deserialize<VersionCounts>(text, StoreJson.Options)!).ToDictionary(c => c.Version);
        return [.. new[] { head.InForce, candidate.Number }.Select(number => found.GetValueOrDefault(number) ?? new VersionCounts(number, 0, 0, 0, 0, 0))];
    }

    /// <summary>Groups of the rollout that nobody is in: most often a name that was written wrong.</summary>
    public static async Task<IReadOnlyList<string>> EmptyGroups(IQuerySession session, ProcessHead? head, CancellationToken cancellation)
    {
        if (head?.Candidate is not { Groups.IsEmpty: false } candidate)
            return [];
        var held = (await session.Query<MemberRecord>().Where(m => m.Active).Select(m => m.Groups).ToListAsync(cancellation)).SelectMany(g => g).ToHashSet(StringComparer.Ordinal);
        return [.. candidate.Groups.Where(g => !held.Contains(g))];
    }

    /// <summary>The answer to an act.</summary>
    public static Answer Answered(StreamResult<ProcessState> result)
    {
        var head = ProcessHead.Of(result.State!, result.Version);
        return Answer.Ok(new ProcessRolloutView(head.Id, head.InForce, head.Candidate?.Number, ProcessViews.Of(head), result.Version), result.Version);
    }
}
