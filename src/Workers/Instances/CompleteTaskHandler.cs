using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Completes a task.</summary>
public static class CompleteTaskHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(CompleteTask command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
