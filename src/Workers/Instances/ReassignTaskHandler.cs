using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Reassigns a task.</summary>
public static class ReassignTaskHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(ReassignTask command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
