using System.Collections.Immutable;
using Countersign.Domain.Processes;
using Countersign.Projections.Databases;
using Countersign.Projections.Processes;
using Countersign.Workers.Instances;
using Marten;

namespace Countersign.Workers.Processes;

/// <summary>A version chosen for a start.</summary>
/// <param name="VersionId">The version to run, <c>key:number</c>.</param>
/// <param name="StartElementId">Where it begins; null where it begins by itself.</param>
/// <param name="Why">How it was chosen while another was rolled out; null when none was.</param>
public sealed record ChosenStart(string VersionId, string? StartElementId, StartRollout? Why);

/// <summary>A process that something from outside can start: its version in force, and the rollout beside it.</summary>
/// <param name="VersionId">The version in force.</param>
/// <param name="Graph">Its graph: its start events are the ones that listen.</param>
/// <param name="Rollout">What is rolled out beside it, or null.</param>
public sealed record StartableProcess(string VersionId, ProcessGraph Graph, Rollout? Rollout);

/// <summary>Which version of a process is meant: the one in force or the candidate beside it, one with a tag, or one that something starts.</summary>
public sealed class ProcessVersions(IDocumentStore store, IProcessCatalog catalog)
{
    /// <summary>Versions looked through for a tag.</summary>
    private const int MostWithTag = 200;

    // One statement for what is in force and what is rolled out beside it; as in the point reads, the highest number has the longest and then the greatest id.
    private const string InForce = $"""
        select case when newest.process_key || ':' || h.newest = newest.id then {ProcessHead.SqlChoice} else newest.id end from (select distinct on (v.process_key) v.id, v.process_key from {DatabaseRoles.Schema}.mt_doc_processversion v
            where v.tenant_id = ? and (? = '' or v.process_key = ?) order by v.process_key, length(v.id) desc, v.id desc) newest
        left join {DatabaseRoles.Schema}.mt_doc_processhead h on h.tenant_id = ? and h.id = newest.process_key order by newest.process_key
        """;

    /// <summary>The version that a call means; null when there is none. Calls have a share in a rollout, by the called instance's id; groups have none.</summary>
    public async Task<ChosenStart?> Resolve(string tenantId, string processKey, CallBinding binding, string? version, Guid instanceId, CancellationToken cancellation)
    {
        await using var session = store.QuerySession(tenantId);
        if (binding == CallBinding.Version)
        {
            var id = processKey + ":" + version;
            return await session.Query<ProcessVersion>().AnyAsync(v => v.Id == id, cancellation) ? new ChosenStart(id, null, null) : null;
        }

        if (binding == CallBinding.Tag)
            return await WithTag(session, tenantId, processKey, version, instanceId, cancellation);
        if ((await Ask(session, tenantId, processKey, cancellation)).FirstOrDefault() is not { } start)
            return null;
        var (chosen, why) = start.Choose(instanceId, []);
        return new ChosenStart(chosen, null, why);
    }

    /// <summary>Every process that something from outside can start, by what is in force: a candidate's start events do not listen before it is.</summary>
    public async Task<IReadOnlyList<StartableProcess>> Startable(string tenantId, CancellationToken cancellation)
    {
        await using var session = store.QuerySession(tenantId);
        var found = new List<StartableProcess>();
        foreach (var start in await Ask(session, tenantId, "", cancellation))
        {
            if (await catalog.Find(tenantId, start.VersionId, cancellation) is { Triggers.IsEmpty: false } graph)
                found.Add(new StartableProcess(start.VersionId, graph, start.Rollout));
        }

        return found;
    }

    /// <summary>Chooses for a start from outside; the candidate is chosen only where it begins in the same way.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="process">The process.</param>
    /// <param name="trigger">The start event of the version in force.</param>
    /// <param name="same">The candidate's start event that means the same, or null.</param>
    /// <param name="instanceId">The instance to be.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<ChosenStart> Choose(string tenantId, StartableProcess process, GraphNode trigger, Func<ProcessGraph, GraphNode?> same, Guid instanceId, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(process);
        ArgumentNullException.ThrowIfNull(trigger);
        ArgumentNullException.ThrowIfNull(same);
        if (process.Rollout is not { } rollout)
            return new ChosenStart(process.VersionId, trigger.Id, null);
        var candidate = ProcessVersion.IdOf(process.Graph.Key, rollout.Candidate);
        var begins = await catalog.Find(tenantId, candidate, cancellation) is { } graph ? same(graph) : null;
        var why = rollout.Choose(process.Graph.Key, instanceId, begins: begins is not null);
        return why.Taken ? new ChosenStart(candidate, begins!.Id, why) : new ChosenStart(process.VersionId, trigger.Id, why);
    }

    // A tag that only a candidate or a withdrawn version carries names that version; where others carry it as well it means one of them, or the candidate for its share.
    private async Task<ChosenStart?> WithTag(IQuerySession session, string tenantId, string processKey, string? tag, Guid instanceId, CancellationToken cancellation)
    {
        var head = await session.LoadAsync<ProcessHead>(processKey, cancellation);
        var newest = await session.Query<ProcessVersion>().Where(v => v.ProcessKey == processKey).OrderByDescending(v => v.Number).Take(MostWithTag).Select(v => v.Number).ToListAsync(cancellation);
        var tagged = new List<int>();
        int? usual = null;
        // A candidate is newer than what is in force or was, so the first of those ends the search.
        for (var i = 0; i < newest.Count && usual is null; i++)
        {
            if (await catalog.Find(tenantId, ProcessVersion.IdOf(processKey, newest[i]), cancellation) is not { } graph || graph.VersionTag != tag)
                continue;
            tagged.Add(newest[i]);
            if (ProcessHead.StatusOf(head, newest[0], newest[i]) is ProcessVersionStatus.InForce or ProcessVersionStatus.Replaced)
                usual = newest[i];
        }

        if (tagged.Count == 0)
            return null;
        if (usual is not { } known)
            return new ChosenStart(ProcessVersion.IdOf(processKey, tagged[0]), null, null);
        if (head?.Candidate is not { } candidate || head.Newest != newest[0] || !tagged.Contains(candidate.Number))
            return new ChosenStart(ProcessVersion.IdOf(processKey, known), null, null);
        var why = new Rollout(known, candidate.Number, new RolloutTarget(candidate.Share, candidate.Groups)).Choose(processKey, instanceId);
        return new ChosenStart(ProcessVersion.IdOf(processKey, why.Taken ? candidate.Number : known), null, why);
    }

    private static async Task<IReadOnlyList<StartVersion>> Ask(IQuerySession session, string tenantId, string processKey, CancellationToken cancellation) =>
        [.. (await session.AdvancedSql.QueryAsync<string>(InForce, cancellation, tenantId, processKey, processKey, tenantId)).Select(text => StartVersion.Read(text[..text.LastIndexOf(':', IdEnd(text))], text)!)];

    // The id ends with the line; behind it stands the candidate.
    private static int IdEnd(string text) => text.IndexOf('\n', StringComparison.Ordinal) is var end && end < 0 ? text.Length - 1 : end;
}
