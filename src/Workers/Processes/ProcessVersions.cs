using Countersign.Domain.Processes;
using Countersign.Projections.Processes;
using Countersign.Workers.Instances;
using Marten;

namespace Countersign.Workers.Processes;

/// <summary>Which version of a process is meant: the newest, one with a tag, or one that something starts.</summary>
public sealed class ProcessVersions(IDocumentStore store, IProcessCatalog catalog)
{
    /// <summary>Versions looked through for a tag.</summary>
    private const int MostWithTag = 200;

    /// <summary>The version that a call means; null when there is none.</summary>
    public async Task<string?> Resolve(string tenantId, string processKey, CallBinding binding, string? version, CancellationToken cancellation)
    {
        await using var session = store.QuerySession(tenantId);
        if (binding == CallBinding.Version)
        {
            var id = processKey + ":" + version;
            return await session.Query<ProcessVersion>().AnyAsync(v => v.Id == id, cancellation) ? id : null;
        }

        var newest = await session.Query<ProcessVersion>().Where(v => v.ProcessKey == processKey).OrderByDescending(v => v.Number).Take(binding == CallBinding.Tag ? MostWithTag : 1)
            .Select(v => v.Id).ToListAsync(cancellation);
        if (binding != CallBinding.Tag)
            return newest.FirstOrDefault();
        foreach (var id in newest)
        {
            if (await catalog.Find(tenantId, id, cancellation) is { } graph && graph.VersionTag == version)
                return id;
        }

        return null;
    }

    /// <summary>The newest version of every process that something from outside can start, with its start elements.</summary>
    public async Task<IReadOnlyList<(string VersionId, ProcessGraph Graph)>> Startable(string tenantId, CancellationToken cancellation)
    {
        await using var session = store.QuerySession(tenantId);
        var all = await session.Query<ProcessVersion>().Select(v => new { v.ProcessKey, v.Number }).ToListAsync(cancellation);
        var found = new List<(string, ProcessGraph)>();
        foreach (var newest in all.GroupBy(v => v.ProcessKey, StringComparer.Ordinal).Select(g => ProcessVersion.IdOf(g.Key, g.Max(v => v.Number))).Order(StringComparer.Ordinal))
        {
            if (await catalog.Find(tenantId, newest, cancellation) is { Triggers.IsEmpty: false } graph)
                found.Add((newest, graph));
        }

        return found;
    }
}
