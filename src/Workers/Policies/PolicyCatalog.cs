using System.Collections.Concurrent;
using Countersign.Domain.Policies;
using Countersign.Projections.Policies;
using Countersign.Workers.Instances;
using Marten;

namespace Countersign.Workers.Policies;

/// <summary>
/// Published policies, compiled. A version never changes, so what is compiled once is kept; which version is in force and whether the kill switch is
/// set is asked again after a second, so that a stop holds well within five.
/// </summary>
public sealed class PolicyCatalog(IDocumentStore store, TimeProvider clock) : IPolicyCatalog
{
    private const int MostPolicies = 2_000;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<(string TenantId, string VersionId), CompiledPolicy> compiled = new();
    private readonly ConcurrentDictionary<(string TenantId, string Key), (PolicyRecord? Record, long At)> records = new();

    /// <inheritdoc/>
    public async ValueTask<CompiledPolicy?> Find(string tenantId, string versionId, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(versionId);
        if (!compiled.TryGetValue((tenantId, versionId), out var policy) && (policy = await Compile(tenantId, versionId, cancellation)) is null)
            return null;
        return await Record(tenantId, policy.Reference.Key, cancellation) is { KillSwitch: true } ? policy.Stopped() : policy;
    }

    /// <inheritdoc/>
    public async ValueTask<string?> Active(string tenantId, string policyKey, CancellationToken cancellation) =>
        await Record(tenantId, policyKey, cancellation) is { ActiveVersion: { } version } ? PolicyVersionRecord.IdOf(policyKey, version) : null;

    private async Task<CompiledPolicy?> Compile(string tenantId, string versionId, CancellationToken cancellation)
    {
        await using var session = store.QuerySession(tenantId);
        if (await session.LoadAsync<PolicyVersionRecord>(versionId, cancellation) is not { } version)
            return null;
        var compilation = PolicyCompiler.Compile(version.Document, version.Gate, version.Key, version.Number);
        if (compilation.Policy is not { } policy)
            throw new InvalidOperationException($"Policy version {versionId} was drafted but no longer compiles ({compilation.Findings[0].Sentence}). Run the binary that took it, or publish a new version.");
        if (compiled.Count >= MostPolicies)
            compiled.Clear();
        return compiled[(tenantId, versionId)] = policy;
    }

    private async ValueTask<PolicyRecord?> Record(string tenantId, string key, CancellationToken cancellation)
    {
        if (records.TryGetValue((tenantId, key), out var kept) && clock.GetElapsedTime(kept.At) < Fresh)
            return kept.Record;
        var at = clock.GetTimestamp();
        await using var session = store.QuerySession(tenantId);
        var record = await session.LoadAsync<PolicyRecord>(key, cancellation);
        if (records.Count >= MostPolicies)
            records.Clear();
        records[(tenantId, key)] = (record, at);
        return record;
    }
}
