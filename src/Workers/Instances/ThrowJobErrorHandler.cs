using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Takes a BPMN error from a worker.</summary>
public static class ThrowJobErrorHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(ThrowJobError command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
