using Countersign.Domain;
using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>What a command would come to.</summary>
/// <param name="Outcome">What would be answered.</param>
/// <param name="State">The instance as it is, or null where there is none.</param>
/// <param name="Verdict">All findings about a migration; null for other commands, and where the version is unknown.</param>
public sealed record Trial(Outcome Outcome, InstanceState? State, MigrationVerdict? Verdict);

/// <summary>Asks the engine what it would decide, with what the runner would give it; nothing is written.</summary>
public sealed class InstanceTrial(OpenedInstances instances, InstanceContext context, TimeProvider time)
{
    /// <summary>Asks about an instance as it is stored now.</summary>
    public async Task<Trial> Try(InstanceCommand command, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(command);
        return await instances.Find(command.TenantId, command.InstanceId, cancellation) is { } found
            ? await Judge(command, found.State, cancellation)
            : new Trial(Outcome.Refuse(RefusalKind.NotFound, "instance.not_found", "There is no such instance."), null, null);
    }

    /// <summary>Asks about an instance that was read already.</summary>
    public async Task<Trial> Judge(InstanceCommand command, InstanceState state, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(state);
        if (await context.For(command, state, null, cancellation) is not { } asked)
            return new Trial(Outcome.Refuse(RefusalKind.NotFound, "process.not_found", "There is no such process version. Publish it, or start another version."), state, null);
        var verdict = command is MigrateInstance migrate && asked.Context.Target is { } target && !state.HasEnded ? Migration.Of(asked.Graph, target, state, migrate.Mapping) : null;
        return new Trial(Engine.Decide(asked.Graph, state, command, asked.Context, time.GetUtcNow()), state, verdict);
    }
}
