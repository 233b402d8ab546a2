using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Countersign.Workers.Messages;
using Countersign.Workers.Processes;
using Marten;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Instances;

/// <summary>Delivers a signal to all who wait for it, and a message to one.</summary>
public static class ThrownOutsideHandler
{
    /// <summary>Delivers; a repeat adds nothing to those who have had it.</summary>
    public static Task Handle(ThrownOutside message, ThrownPost post, CancellationToken cancellation) => post.Deliver(message, cancellation);
}

/// <summary>
/// What an instance threw for others. A signal reaches every other instance of the tenant that waits for it when it is delivered, and starts each process
/// whose version in force it starts; a message reaches one instance, starts one, or is kept for an hour (<see cref="MessagePost"/>).
/// </summary>
public sealed partial class ThrownPost(IDocumentStore store, OpenedInstances instances, ProcessVersions versions, CommandDoor door, MessagePost messages, ILogger<ThrownPost> logger)
{
    private const int AtOnce = 8;

    /// <summary>Delivers what was thrown.</summary>
    public async Task Deliver(ThrownOutside message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        var variables = await Variables(message, cancellation);
        await using var session = store.QuerySession(message.TenantId);
        if (message.Kind == ThrownKind.Signal)
        {
            var waiting = await session.Query<SignalRow>().Where(s => s.SignalName == message.Name && s.InstanceId != message.InstanceId).ToListAsync(cancellation);
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
            await Parallel.ForEachAsync(waiting, options, async (row, token) => await Execute(new CorrelateMessage(message.TenantId, row.InstanceId, Actor.System, row.Id, message.ThrowId, variables), token));
            await Start(message, variables, cancellation);
            return;
        }

        var published = await messages.Publish(new Message(message.TenantId, MessageSource.Thrown, message.ThrowId, message.Name, message.CorrelationKey, variables, MessagePost.UsualLife, Actor.System, message.Chain), cancellation);
        if (published.Refusal is { Code: "message.buffer_full" })
            throw new UndeliverableException("The buffer of messages is full.");
        if (published.Refusal is { } refusal)
            Refused(message.InstanceId, refusal.Code, refusal.Detail);
        else if (published.Fate == MessageFate.Buffered)
            NobodyWaits(message.Name, message.InstanceId);
    }

    private async Task<ImmutableDictionary<string, JsonElement>> Variables(ThrownOutside message, CancellationToken cancellation)
    {
        if (!message.HasVariables || await instances.Find(message.TenantId, message.InstanceId, cancellation) is not { Facts: var facts })
            return ImmutableDictionary<string, JsonElement>.Empty;
        var thrown = facts.OfType<EventThrown>().First(e => e.ThrowId == message.ThrowId);
        return (await instances.Open(thrown, message.TenantId, message.InstanceId, cancellation)).Variables;
    }

    private async Task Start(ThrownOutside message, ImmutableDictionary<string, JsonElement> variables, CancellationToken cancellation)
    {
        foreach (var process in await versions.Startable(message.TenantId, cancellation))
        {
            foreach (var trigger in process.Graph.Triggers.Where(t => t.IsTriggeredBySignal(message.Name)))
            {
                // The id follows from the throw and the start, so a second delivery is the same instance.
                var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"start {message.TenantId} {message.ThrowId} {process.Graph.Key} {trigger.Id}")).AsSpan(0, 16));
                var chosen = await versions.Choose(message.TenantId, process, trigger, candidate => Same(process.Graph, candidate, trigger.Id, message.Name), id, cancellation);
                await Execute(new StartInstance(message.TenantId, id, Actor.System, chosen.VersionId, variables, null, chosen.StartElementId, Rollout: chosen.Why, Chain: message.Chain), cancellation);
            }
        }
    }

    // Of several starts by one signal each stands for its own; of a single one the id may have changed.
    private static GraphNode? Same(ProcessGraph inForce, ProcessGraph candidate, string elementId, string signal)
    {
        var starts = candidate.Triggers.Where(t => t.IsTriggeredBySignal(signal)).ToList();
        return starts.Find(t => t.Id == elementId) ?? (starts.Count == 1 && inForce.Triggers.Count(t => t.IsTriggeredBySignal(signal)) == 1 ? starts[0] : null);
    }

    private async Task Execute(InstanceCommand command, CancellationToken cancellation)
    {
        var result = await door.Execute(command, null, cancellation);
        if (result.Refusal is not { } refusal)
            return;
        if (refusal.Code is "runner.overloaded" or "instance.suspended")
            throw new UndeliverableException($"{command.GetType().Name}: {refusal.Code}");
        Refused(command.InstanceId, refusal.Code, refusal.Detail);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The message '{Name}' of instance {InstanceId} is kept for an hour: no instance waits for it yet and no process starts with it.")]
    private partial void NobodyWaits(string name, Guid instanceId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What was thrown was refused by or for instance {InstanceId}: {Code} {Detail}")]
    private partial void Refused(Guid instanceId, string code, string detail);
}
