using System.Globalization;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Instances;

/// <content>Going on in a successor.</content>
public static partial class Engine
{
    /// <summary>The facts with which a successor begins: what it took over, and what goes on by that. The runner stores them with the predecessor's last fact, in one transaction.</summary>
    /// <param name="graph">The version that both run.</param>
    /// <param name="before">The predecessor before it ended.</param>
    /// <param name="end">Its last fact.</param>
    /// <param name="link">Where that fact stands.</param>
    /// <param name="context">As for the command.</param>
    /// <param name="by">Who asked.</param>
    public static Outcome TakeOver(ProcessGraph graph, InstanceState before, InstanceContinued end, InstanceLink link, DecideContext context, Actor by)
    {
        ArgumentNullException.ThrowIfNull(end);
        var begun = Continuation.Begin(before, end, link);
        var x = new Execution(graph, InstanceState.Evolve(null, begun), context, by, end.At);
        // It stopped because it had become too long, which it no longer is.
        var stopped = Execution.Ordered(x.State.Incidents, i => i.TokenId is null && i.Code is InstanceLimits.Incident or InstanceLimits.SizeIncident);
        foreach (var incident in stopped)
            x.Emit(new IncidentResolved(incident, by.Id, end.Reason, end.At));
        if (!stopped.IsEmpty)
        {
            x.Requeue();
            x.Run();
        }

        return Outcome.OfAll(x.Outcome is Outcome.Facts facts ? facts.Events.Insert(0, begun) : [begun]);
    }

    private static Outcome Continue(Execution x, ContinueInstance c)
    {
        if (x.State.Status == InstanceStatus.Continued)
            return Outcome.Nothing;
        if (Ended(x) is { } ended)
            return ended;
        if (Unreasoned(c.Reason) is { } refused)
            return refused;
        // Its result would come to an instance that has ended; it is forwarded then, but another worker would have begun the same work meanwhile.
        if (x.Context.Held is { } held)
        {
            return Outcome.Refuse(RefusalKind.Conflict, "instance.attempts_open", string.Create(CultureInfo.InvariantCulture,
                $"Somebody works on the job {held.JobId} until {WaitText.At(held.Until)} at the latest. Wait for the result, or until that time, and ask again; suspend the instance first if new work begins all the time."));
        }

        return Outcome.Of(new InstanceContinued(Continuation.SuccessorOf(x.State.Id), c.By.Id, c.Reason, x.Now));
    }

    /// <summary>A person acts where nothing is open any more.</summary>
    private static Outcome Continued(InstanceCommand command, Guid successor)
    {
        var inside = command switch
        {
            ClaimTask c => c.TaskId,
            ReleaseTask c => c.TaskId,
            ReassignTask c => c.TaskId,
            CompleteTask c => c.TaskId,
            RetryIncident c => c.IncidentId,
            SkipIncident c => c.IncidentId,
            RerouteIncident c => c.IncidentId,
            _ => null,
        };
        var where = inside is null ? "Act on that one." : $"What you act on is there under the id {Continuation.Renamed(inside, successor)}: load it and act on that.";
        return Outcome.Refuse(RefusalKind.Conflict, "instance.continued", $"The instance goes on as {successor:D}, which took over everything that was open. {where}");
    }
}
