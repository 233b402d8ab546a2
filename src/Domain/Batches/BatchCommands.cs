using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Batches;

/// <summary>From a batch's order to the command for one of its parts.</summary>
public static class BatchCommands
{
    /// <summary>The command: the same that a person would send for this one instance.</summary>
    /// <param name="order">The order.</param>
    /// <param name="reason">Why, as typed for the batch.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="instanceId">The instance.</param>
    /// <param name="incidentId">The incident, for kinds that act on one; null otherwise.</param>
    /// <param name="by">Who asked for the batch, with what that actor may do now.</param>
    /// <param name="variables">Values, for kinds that set or hand on variables.</param>
    public static InstanceCommand Of(BatchOrder order, string reason, string tenantId, Guid instanceId, string? incidentId, Actor by, ImmutableDictionary<string, JsonElement> variables)
    {
        ArgumentNullException.ThrowIfNull(order);
        return order.Kind switch
        {
            BatchKind.Cancel => new CancelInstance(tenantId, instanceId, by, reason),
            BatchKind.Suspend => new SuspendInstance(tenantId, instanceId, by, reason),
            BatchKind.Resume => new ResumeInstance(tenantId, instanceId, by, reason),
            BatchKind.Modify => new ModifyInstance(tenantId, instanceId, by, order.End, order.Begin, reason, order.Move),
            BatchKind.SetVariables => new SetVariables(tenantId, instanceId, by, variables, reason),
            BatchKind.Migrate => new MigrateInstance(tenantId, instanceId, by, order.ProcessVersionId ?? "", order.Mapping, reason),
            BatchKind.Retry => new RetryIncident(tenantId, instanceId, by, incidentId ?? "", reason),
            BatchKind.Skip => new SkipIncident(tenantId, instanceId, by, incidentId ?? "", variables, reason),
            _ => throw new ArgumentOutOfRangeException(nameof(order), order.Kind, "This version of the service does not know the kind of batch. Update the service."),
        };
    }

    /// <summary>Whether the kind acts on incidents instead of whole instances.</summary>
    public static bool ActsOnIncidents(BatchKind kind) => kind is BatchKind.Retry or BatchKind.Skip;

    /// <summary>What became of a part, as one sentence.</summary>
    /// <param name="order">The order.</param>
    /// <param name="dryRun">Whether nothing was changed.</param>
    /// <param name="changed">False when nothing had to be done.</param>
    public static string Sentence(BatchOrder order, bool dryRun, bool changed)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (!changed)
            return "Nothing had to be done: it is as asked already.";
        var done = order.Kind switch
        {
            BatchKind.Cancel => "cancelled",
            BatchKind.Suspend => "suspended",
            BatchKind.Resume => "let go on",
            BatchKind.Modify => "modified",
            BatchKind.SetVariables => "given the variables",
            BatchKind.Migrate => "migrated to " + order.ProcessVersionId,
            BatchKind.Retry => "tried again",
            _ => "skipped",
        };
        return dryRun ? $"It can be {done}." : $"It was {done}.";
    }
}
