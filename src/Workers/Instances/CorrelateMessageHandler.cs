using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Hands a message to the instance that waits for it.</summary>
public static class CorrelateMessageHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(CorrelateMessage command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
