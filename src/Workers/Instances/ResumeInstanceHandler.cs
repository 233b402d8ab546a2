using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Lets a suspended instance go on.</summary>
public static class ResumeInstanceHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(ResumeInstance command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
