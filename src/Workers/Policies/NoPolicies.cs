using Countersign.Domain.Policies;
using Countersign.Workers.Instances;

namespace Countersign.Workers.Policies;

/// <summary>A catalog without policies: a process that asks one stops with an incident that says so.</summary>
public sealed class NoPolicies : IPolicyCatalog
{
    /// <inheritdoc/>
    public ValueTask<CompiledPolicy?> Find(string tenantId, string versionId, CancellationToken cancellation) => ValueTask.FromResult<CompiledPolicy?>(null);

    /// <inheritdoc/>
    public ValueTask<string?> Active(string tenantId, string policyKey, CancellationToken cancellation) => ValueTask.FromResult<string?>(null);
}
