using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Goes on behind what raised an incident.</summary>
public static class SkipIncidentHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(SkipIncident command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
