using System.Collections.Immutable;
using Countersign.Domain.Instances;
using Countersign.Domain.Policies;
using Countersign.Domain.Processes;
using Countersign.Workers.Jobs;
using Marten;

namespace Countersign.Workers.Instances;

/// <summary>Published process versions, compiled.</summary>
public interface IProcessCatalog
{
    /// <summary>The compiled version, or null when the tenant has none with this id.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="versionId"><c>key:number</c>.</param>
    /// <param name="cancellation">Gives up.</param>
    ValueTask<ProcessGraph?> Find(string tenantId, string versionId, CancellationToken cancellation);
}

/// <summary>Decision policies, compiled.</summary>
public interface IPolicyCatalog
{
    /// <summary>The compiled version, or null when the tenant has none with this id.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="versionId"><c>key:number</c>.</param>
    /// <param name="cancellation">Gives up.</param>
    ValueTask<CompiledPolicy?> Find(string tenantId, string versionId, CancellationToken cancellation);

    /// <summary>The version that new instances pin, or null before the first is published.</summary>
    ValueTask<string?> Active(string tenantId, string policyKey, CancellationToken cancellation);
}

/// <summary>What a decision needs from outside the stream; looked up before deciding, from caches.</summary>
public sealed class InstanceContext(IProcessCatalog processes, IPolicyCatalog policies, IDocumentStore store, RunnerOptions options, JobLeases leases)
{
    private readonly DecideLimits _limits = DecideLimits.Default with { Events = options.InstanceFacts, StoredBytes = options.InstanceBytes };

    /// <summary>Graph and context for a command on a state, or null when the process version is unknown.</summary>
    internal async ValueTask<(ProcessGraph Graph, DecideContext Context)?> For(InstanceCommand command, InstanceState? state, string? traceId, CancellationToken cancellation)
    {
        var version = state?.ProcessVersionId ?? (command as StartInstance)?.ProcessVersionId;
        if (version is null || await processes.Find(command.TenantId, version, cancellation) is not { } graph)
            return null;
        var context = DecideContext.Empty with { TraceId = traceId, Limits = _limits };
        if (command is MigrateInstance migrate)
            return (graph, await ForMigration(migrate, context, cancellation));
        if (state is null && graph.UniqueBusinessKey && command is StartInstance { BusinessKey: { } held })
            context = context with { KeyHolder = await Holder(command.TenantId, BusinessKeyRow.IdOf(graph.Key, held), cancellation) };
        if (command is ContinueInstance && state is { Jobs.IsEmpty: false })
            context = context with { Held = await leases.FirstHeld(command.TenantId, [.. state.Jobs.Keys], cancellation) };
        if (graph.Policies.IsDefaultOrEmpty)
            return (graph, context);
        var compiled = ImmutableDictionary.CreateBuilder<string, CompiledPolicy>(StringComparer.Ordinal);
        var active = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var key in graph.Policies)
        {
            if (state is null && await policies.Active(command.TenantId, key, cancellation) is { } now)
                active[key] = now;
        }

        foreach (var id in state is null ? active.Values : state.Pinned.Values)
        {
            if (await policies.Find(command.TenantId, id, cancellation) is { } policy)
                compiled[id] = policy;
        }

        return (graph, context with { Policies = compiled.ToImmutable(), ActivePolicies = active.ToImmutable() });
    }

    private async ValueTask<Guid?> Holder(string tenantId, string key, CancellationToken cancellation)
    {
        await using var session = store.QuerySession(tenantId);
        return (await session.LoadAsync<BusinessKeyRow>(key, cancellation))?.InstanceId;
    }

    /// <summary>The version to be run, and the active versions of the policies that it asks.</summary>
    private async ValueTask<DecideContext> ForMigration(MigrateInstance command, DecideContext context, CancellationToken cancellation)
    {
        if (await processes.Find(command.TenantId, command.ProcessVersionId, cancellation) is not { } target)
            return context;
        var active = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var key in target.Policies)
        {
            if (await policies.Active(command.TenantId, key, cancellation) is { } now)
                active[key] = now;
        }

        return context with { Target = target, ActivePolicies = active.ToImmutable() };
    }
}
