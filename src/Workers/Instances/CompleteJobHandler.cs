using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Takes a job's result.</summary>
public static class CompleteJobHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(CompleteJob command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
