using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Fires a timer.</summary>
public static class FireTimerHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(FireTimer command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
