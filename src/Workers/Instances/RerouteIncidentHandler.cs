using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>Goes on at another element than where an incident was raised.</summary>
public static class RerouteIncidentHandler
{
    /// <summary>Hands the command to the runner.</summary>
    public static Task<CommandResult> Handle(RerouteIncident command, InstanceRunner runner, CancellationToken cancellation) => runner.Execute(command, CommandDoor.Call, cancellation);
}
