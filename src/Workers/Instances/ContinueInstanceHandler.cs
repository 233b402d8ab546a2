using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Lets an instance go on in a successor.</summary>
public static class ContinueInstanceHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(ContinueInstance command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
