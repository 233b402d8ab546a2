using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Moves tokens of an instance.</summary>
public static class ModifyInstanceHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(ModifyInstance command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
