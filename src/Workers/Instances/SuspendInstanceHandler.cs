using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Stops an instance for a while.</summary>
public static class SuspendInstanceHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(SuspendInstance command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
