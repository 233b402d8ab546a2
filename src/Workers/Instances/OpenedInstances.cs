using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Marten;

namespace Countersign.Workers.Instances;

/// <summary>Instances as the service itself needs them to speak to others: from their stream, with personal fields opened.</summary>
public sealed class OpenedInstances(IDocumentStore store, FieldSealer sealer)
{
    /// <summary>State and facts of an instance, or null when there is none.</summary>
    public async Task<(InstanceState State, IReadOnlyList<IInstanceEvent> Facts)?> Find(string tenantId, Guid instanceId, CancellationToken cancellation)
    {
        await using var session = store.QuerySession(tenantId);
        var events = await session.Events.FetchStreamAsync(StreamsOf.Instance(instanceId), token: cancellation);
        if (events.Count == 0)
            return null;
        var facts = events.Select(e => e.Data).OfType<IInstanceEvent>().ToArray();
        var state = facts.Aggregate((InstanceState?)null, InstanceState.Evolve)!;
        return (await Open(state, tenantId, instanceId, cancellation), facts);
    }

    /// <summary>A stored value with its fields open.</summary>
    public async Task<T> Open<T>(T value, string tenantId, Guid instanceId, CancellationToken cancellation)
        where T : notnull
    {
        var tree = JsonSerializer.SerializeToElement(value, StoreJson.Options);
        var opened = await sealer.OpenForReading(tree, tenantId, instanceId, cancellation);
        return JsonElement.DeepEquals(opened, tree) ? value : opened.Deserialize<T>(StoreJson.Options)!;
    }
}
