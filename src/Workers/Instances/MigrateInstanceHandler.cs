using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Lets an instance run another version of its process.</summary>
public static class MigrateInstanceHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(MigrateInstance command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
