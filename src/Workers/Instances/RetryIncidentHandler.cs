using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Tries again what raised an incident.</summary>
public static class RetryIncidentHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(RetryIncident command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
