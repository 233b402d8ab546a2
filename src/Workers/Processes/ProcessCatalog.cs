using System.Collections.Concurrent;
using Countersign.Domain.Processes;
using Countersign.Projections.Processes;
using Countersign.Workers.Instances;
using Marten;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Processes;

/// <summary>
/// Compiled process versions. A version never changes, so what is compiled once is kept; tenants with the same sources share a
/// graph. Bounded: what was thrown away is compiled again.
/// </summary>
public sealed partial class ProcessCatalog(IDocumentStore store, ILogger<ProcessCatalog> logger) : IProcessCatalog
{
    private const int MostGraphs = 2_000;
    private readonly ConcurrentDictionary<(string TenantId, string VersionId), ProcessGraph> _byVersion = new();
    private readonly ConcurrentDictionary<string, ProcessGraph> _byHash = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<ProcessGraph?> Find(string tenantId, string versionId, CancellationToken cancellation) =>
        _byVersion.TryGetValue((tenantId, versionId), out var graph) ? ValueTask.FromResult<ProcessGraph?>(graph) : new ValueTask<ProcessGraph?>(Load(tenantId, versionId, cancellation));

    private async Task<ProcessGraph?> Load(string tenantId, string versionId, CancellationToken cancellation)
    {
        await using var session = store.QuerySession(tenantId);
        if (await session.LoadAsync<ProcessVersion>(versionId, cancellation) is not { } version)
            return null;
        if (_byVersion.Count >= MostGraphs)
            _byVersion.Clear();
        if (_byHash.Count >= MostGraphs)
            _byHash.Clear();
        var graph = _byHash.GetOrAdd(version.Hash, _ => Compile(version));
        return _byVersion[(tenantId, versionId)] = graph;
    }

    // The version was judged when it was published. A rule that is newer than it must not stop what runs.
    private ProcessGraph Compile(ProcessVersion version)
    {
        var compilation = ProcessCompiler.CompilePublished(ProcessDoor.SourcesOf(version));
        if (compilation.Graph is not { } graph)
        {
            throw new InvalidOperationException(
                $"Process version {version.Id} was published but can no longer be run ({compilation.Findings.FirstOrDefault()?.Sentence}). Run the binary that published it, or publish a new version.");
        }

        if (compilation.Findings.FirstOrDefault(f => f.Severity == FindingSeverity.Error) is { } newer)
            RunsAnyway(version.Id, newer.Rule, newer.Sentence);
        return graph;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The process version {VersionId} runs on, though it could not be published any more: {Rule}: {Sentence}")]
    private partial void RunsAnyway(string versionId, string rule, string sentence);
}
