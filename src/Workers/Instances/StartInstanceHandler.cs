using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Starts an instance.</summary>
public static class StartInstanceHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(StartInstance command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
