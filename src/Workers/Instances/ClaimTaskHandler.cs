using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Claims a task.</summary>
public static class ClaimTaskHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(ClaimTask command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
