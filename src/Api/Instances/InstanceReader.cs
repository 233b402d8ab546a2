using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Workers.Instances;
using JasperFx.Events;
using Marten;

namespace Countersign.Api.Instances;

/// <summary>An instance as a person or program with the right to see it may read it.</summary>
/// <param name="State">State with personal fields opened.</param>
/// <param name="Version">Version of its stream.</param>
/// <param name="Graph">The compiled process version, or null when this binary cannot compile it.</param>
/// <param name="Events">All facts as stored (personal fields sealed).</param>
internal sealed record InstanceReading(InstanceState State, long Version, ProcessGraph? Graph, IReadOnlyList<IEvent> Events);

/// <summary>Reads instances by the reader's role from their own stream: what one has just done is what one sees.</summary>
internal sealed class InstanceReader(IReaderStore store, FieldSealer sealer, IProcessCatalog processes)
{
    public async Task<InstanceReading?> Find(string tenantId, Guid id, CancellationToken cancellation)
    {
        await using var session = store.QuerySession(tenantId);
        var events = await session.Events.FetchStreamAsync(StreamsOf.Instance(id), token: cancellation);
        if (events.Count == 0)
            return null;
        var state = events.Select(e => e.Data).OfType<IInstanceEvent>().Aggregate((InstanceState?)null, InstanceState.Evolve)!;
        var opened = await Open(state, tenantId, id, cancellation);
        return new InstanceReading(opened, events[^1].Version, await processes.Find(tenantId, state.ProcessVersionId, cancellation), events);
    }

    /// <summary>Opens the sealed fields of a stored value.</summary>
    public async Task<T> Open<T>(T value, string tenantId, Guid id, CancellationToken cancellation)
        where T : notnull
    {
        var tree = JsonSerializer.SerializeToElement(value, StoreJson.Options);
        var opened = await sealer.OpenForReading(tree, tenantId, id, cancellation);
        return JsonElement.DeepEquals(opened, tree) ? value : opened.Deserialize<T>(StoreJson.Options)!;
    }
}
