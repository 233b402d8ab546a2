using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Takes a job's failed attempt.</summary>
public static class FailJobHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(FailJob command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
