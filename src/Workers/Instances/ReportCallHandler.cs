using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Tells an instance how a process that it called fared.</summary>
public static class ReportCallHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(ReportCall command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
