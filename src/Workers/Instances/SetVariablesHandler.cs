using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Sets variables from outside.</summary>
public static class SetVariablesHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(SetVariables command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
