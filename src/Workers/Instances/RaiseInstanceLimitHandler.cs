using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Lets an instance have more facts.</summary>
public static class RaiseInstanceLimitHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(RaiseInstanceLimit command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
