using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Cancels an instance.</summary>
public static class CancelInstanceHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(CancelInstance command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
