using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Releases a task.</summary>
public static class ReleaseTaskHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(ReleaseTask command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
