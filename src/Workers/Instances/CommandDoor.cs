using Countersign.Domain.Instances;
using Wolverine;

namespace Countersign.Workers.Instances;

/// <summary>
/// The way of a command from an endpoint, a job or a timer to the runner in this process: through its handler, so that every
/// command of an instance passes one place, whether it came by HTTP or as a message.
/// </summary>
public sealed class CommandDoor(IMessageBus bus)
{
    private static readonly AsyncLocal<IdempotentCall?> Calls = new();

    /// <summary>The idempotency key under which the handler at work was called, or null.</summary>
    internal static IdempotentCall? Call => Calls.Value;

    /// <summary>Carries out a command; the answer is durable. A refusal is an answer, not an exception.</summary>
    /// <param name="command">The command.</param>
    /// <param name="call">The idempotency key, or null where the command's own ids make it idempotent.</param>
    /// <param name="cancellation">Gives up waiting; the command may still be carried out.</param>
    public async Task<CommandResult> Execute(InstanceCommand command, IdempotentCall? call, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(command);
        Calls.Value = call;
        return await bus.InvokeAsync<CommandResult>(command, cancellation);
    }
}
