using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Workers.Instances;
using Countersign.Workers.Processes;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Messages;

/// <summary>An instance has begun to listen: looks whether a message came before.</summary>
public static class MessageAwaitedHandler
{
    /// <summary>Hands over what waits; a repeat finds nothing more.</summary>
    public static Task Handle(MessageAwaited message, MessagePost post, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        return post.Deliver(message.TenantId, message.Name, message.CorrelationKey, cancellation);
    }
}

/// <summary>
/// Publishes messages: each goes to at most one instance, that which waits for it or begins to in its time to live, or starts one. A message is first
/// promised (<see cref="MessageStore"/>), then handed over; what a crash leaves promised is handed over again to the same instance, which takes it once.
/// </summary>
public sealed partial class MessagePost
{
    /// <summary>The longest time to live.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(7);

    /// <summary>Time to live where the sender names none.</summary>
    public static readonly TimeSpan UsualLife = TimeSpan.FromHours(1);

    private const int MostBytes = 64 * 1024;
    private readonly MessageStore _store;
    private readonly KeyRing _ring;
    private readonly ProcessVersions _versions;
    private readonly OpenedInstances _instances;
    private readonly CommandDoor _door;
    private readonly ILogger _logger;

    /// <summary>Made by the container.</summary>
    public MessagePost(Projections.Databases.DatabaseConnections connections, KeyRing ring, ProcessVersions versions, OpenedInstances instances, CommandDoor door, ILogger<MessagePost> logger) =>
        (_store, _ring, _versions, _instances, _door, _logger) = (new MessageStore(connections), ring, versions, instances, door, logger);

    /// <summary>Publishes a message; the same message once more is answered with what became of it.</summary>
    public async Task<Published> Publish(Message message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(message.Variables.OrderBy(v => v.Key, StringComparer.Ordinal).ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal), StoreJson.Options);
        if (bytes.Length > MostBytes)
            return Published.Refused(RefusalKind.Limit, "message.too_large", $"A message carries at most {MostBytes} bytes of variables. Upload documents and send their ids.");
        if (VariableNames.Problem(message.Variables.Keys) is { } problem)
            return Published.Refused(RefusalKind.Invalid, "variables.name", problem);
        if (CommandWork.HasReservedName(message.Variables))
            return Published.Refused(RefusalKind.Invalid, "variables.reserved_name", $"The member name '{SealedValue.Marker}' is reserved. Send the value itself under another name.");
        var digest = SHA256.HashData([.. Encoding.UTF8.GetBytes($"{message.Name.Length}:{message.Name}{message.CorrelationKey.Length}:{message.CorrelationKey}"), .. bytes]);
        var start = await Start(message, cancellation);
        var (refusal, assigned) = await _store.Add(message, _ring.Wrap(bytes, Context(message.TenantId, message.Source, message.Id)), digest, start, cancellation);
        if (refusal is not null)
            return new Published(MessageFate.Unmatched, null, refusal);
        await HandOver(assigned, cancellation);
        return Of(await _store.Find(message.TenantId, message.Source, message.Id, cancellation));
    }

    /// <summary>Hands over what waits for a name and key.</summary>
    public async Task Deliver(string tenantId, string name, string key, CancellationToken cancellation) => await HandOver(await _store.Match(tenantId, name, key, cancellation), cancellation);

    /// <summary>Hands over what was promised longer ago than the grace, and ends what has expired.</summary>
    public async Task<(int Told, int Expired)> Sweep(TimeSpan grace, CancellationToken cancellation)
    {
        var untold = await _store.Untold(grace, cancellation);
        await HandOver(untold, cancellation);
        return (untold.Count, await _store.Expire(cancellation));
    }

    private static Published Of(MessageRow row) => row.Status switch
    {
        "correlated" => new Published(MessageFate.Correlated, row.InstanceId),
        "buffered" or "assigned" => new Published(MessageFate.Buffered, null),
        "refused" when row.Detail?.Split('\n', 2) is [var code, var detail] => Published.Refused(RefusalKind.Invalid, code, detail),
        _ => new Published(MessageFate.Unmatched, null),
    };

    private static string Context(string tenantId, string source, string id) => $"message\n{tenantId}\n{source}\n{id}";

    private async Task<MessageStart?> Start(Message message, CancellationToken cancellation)
    {
        foreach (var process in await _versions.Startable(message.TenantId, cancellation))
        {
            if (By(process.Graph) is not { } trigger)
                continue;
            // The id follows from the message and the start, so a second delivery is the same instance.
            var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"start {message.TenantId} {message.Source} {message.Id} {process.Graph.Key} {trigger.Id}")).AsSpan(0, 16));
            var chosen = await _versions.Choose(message.TenantId, process, trigger, By, id, cancellation);
            return new MessageStart(id, chosen.VersionId, chosen.StartElementId!, chosen.Why, message.Chain);
        }

        GraphNode? By(ProcessGraph graph) => graph.Triggers.FirstOrDefault(t => t.IsTriggeredByMessage(message.Name));

        return null;
    }

    private async Task HandOver(List<MessageRow> assigned, CancellationToken cancellation)
    {
        var due = new Queue<MessageRow>(assigned);
        while (due.TryDequeue(out var row))
        {
            foreach (var more in await HandOver(row, cancellation))
                due.Enqueue(more);
        }
    }

    private async Task<List<MessageRow>> HandOver(MessageRow row, CancellationToken cancellation)
    {
        var variables = JsonSerializer.Deserialize<ImmutableDictionary<string, JsonElement>>(_ring.Unwrap(row.Variables!, Context(row.TenantId, row.Source, row.Id)), StoreJson.Options)!;
        InstanceCommand command = row.SubscriptionId is { } subscription
            ? new CorrelateMessage(row.TenantId, row.InstanceId!.Value, row.By, subscription, row.Id, variables)
            : new StartInstance(row.TenantId, row.InstanceId!.Value, row.By, row.StartVersion!, variables, null, row.StartElement, Rollout: row.StartRollout, Chain: row.StartChain);
        var result = await _door.Execute(command, null, cancellation);
        if (result.Refusal is { } refusal)
        {
            Refused(row.Name, row.InstanceId!.Value, refusal.Code, refusal.Detail);
            // The promise stands; the sweeper asks again.
            return refusal.Code is "runner.overloaded" or "instance.suspended" or "instance.busy" ? [] : await _store.Settle(row, "refused", $"{refusal.Code}\n{refusal.Detail}", cancellation);
        }

        var taken = result.Outcome is Outcome.Facts || row.SubscriptionId is null || await HasTaken(row, cancellation);
        return await _store.Settle(row, taken ? "correlated" : "buffered", null, cancellation);
    }

    // Nothing happened: because the instance has had it, or because it no longer waits.
    private async Task<bool> HasTaken(MessageRow row, CancellationToken cancellation)
    {
        // It may have had it before it went on in a successor, or after.
        for (var at = row.InstanceId; at is { } id;)
        {
            if (await _instances.Find(row.TenantId, id, cancellation) is not { State: var state, Facts: var facts })
                return false;
            var subscription = Continuation.Renamed(row.SubscriptionId!, id);
            if (facts.OfType<MessageCorrelated>().Any(f => f.SubscriptionId == subscription && f.MessageId == row.Id))
                return true;
            at = state.Successor;
        }

        return false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The message '{Name}' was refused by instance {InstanceId}: {Code} {Detail}")]
    private partial void Refused(string name, Guid instanceId, string code, string detail);
}
