using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances.Elements;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances;

/// <content>Timers, messages and incidents.</content>
public static partial class Engine
{
    private static Outcome Fire(Execution x, FireTimer c)
    {
        if (x.State.HasEnded || !x.State.Timers.TryGetValue(c.TimerId, out var timer) || x.Graph.Node(timer.ElementId) is not { } source)
            return Outcome.Nothing;
        x.Emit(new TimerFired(c.TimerId, x.Now));
        if (timer is { Interval: not null, Remaining: not 1 } && (Waits.Recurs(source) || source.Kind == ElementKind.TimerCatch))
            Repeat(x, timer);
        Waits.Happened(x, timer.TokenId, source, ImmutableDictionary<string, JsonElement>.Empty);
        x.Run();
        return x.Outcome;
    }

    /// <summary>
    /// The next firing of a cycle is counted from when this one was due, so that lateness does not add up. What was missed is made up for, one firing after the other; but where so much was
    /// missed that it would be a storm (a cycle of a second that began a century ago), the next firing lies ahead, and of a counted cycle those between are used up.
    /// </summary>
    private static void Repeat(Execution x, TimerState timer)
    {
        const int MostMadeUpFor = 100;
        var (next, steps) = (TimerText.NextAfter(timer.DueAt, timer.Interval), 1L);
        var (missed, made) = (next, 0);
        while (missed < x.Now && made++ < MostMadeUpFor)
            missed = TimerText.NextAfter(missed.Value, timer.Interval);
        if (made > MostMadeUpFor)
            (next, steps) = TimerText.NextBehind(timer.DueAt, timer.Interval!, x.Now);
        var remaining = timer.Remaining is > 0 ? timer.Remaining - steps : timer.Remaining;
        if (next is { } at && remaining != 0 && remaining is not < -1)
            x.Emit(new TimerSet(x.NextId(), timer.TokenId, timer.ElementId, at, (int?)remaining, timer.Interval));
    }

    private static Outcome Correlate(Execution x, CorrelateMessage c)
    {
        if (x.State.HasEnded || !x.State.Subscriptions.TryGetValue(c.SubscriptionId, out var subscription))
            return Outcome.Nothing;
        if (subscription.Seen.Contains(c.MessageId, StringComparer.Ordinal))
            return Outcome.Nothing;
        // What an instance throws reaches itself at once; from the others it must not come back to it under the name of its successor.
        if (subscription.Kind == SubscriptionKind.Signal && InsideId.TryParse(c.MessageId, out var thrower, out _) && x.State.Earlier.Contains(thrower))
            return Outcome.Nothing;
        if (Unfit(c.Variables, x.Context) is { } unfit)
            return unfit;
        Throws.Received(x, c.SubscriptionId, c.MessageId, c.Variables);
        x.Run();
        return x.Outcome;
    }

    private static Outcome Report(Execution x, ReportCall c)
    {
        if (x.State.HasEnded || !x.State.Calls.TryGetValue(c.CallId, out var call) || call.Failed || call.Seen.Contains(c.ReportId, StringComparer.Ordinal) || x.Graph.Node(call.ElementId) is not { } node)
            return Outcome.Nothing;
        x.Emit(new CallReported(c.CallId, c.Report, c.ReportId, c.Code, c.Message, x.Now));
        switch (c.Report)
        {
            case CallReport.Completed when call.Slice is { } slice:
                Slices.Done(x, node, call.TokenId, slice, c);
                break;
            case CallReport.Completed:
                Completion.Finish(x, node, call.TokenId, node.Outputs.IsEmpty && !((CallDetail)node.Detail!).AllOut ? c.Variables.Clear() : c.Variables, call.Variables);
                break;
            case CallReport.Escalation:
                Throws.Escalate(x, node, call.TokenId, c.Code, c.Variables);
                break;
            case CallReport.Error when Errors.FindCatch(x, call.TokenId, c.Code) is { } caught:
                Errors.Catch(x, caught, c.Variables);
                break;
            case CallReport.Error when Errors.NotCaught(x, node, c.Code) is { } problem:
                x.Incident(call.TokenId, node, problem);
                break;
            case CallReport.Failed:
                x.Incident(call.TokenId, node, new Problem("call.failed", c.Message ?? $"The process called by '{node.Title}' did not complete. Correct the cause, then retry the incident: another instance is started."));
                break;
        }

        x.Run();
        return x.Outcome;
    }

    private static Outcome Retry(Execution x, RetryIncident c)
    {
        if (!x.State.Incidents.TryGetValue(c.IncidentId, out var incident))
            return IsKnown(x.State, c.IncidentId) ? Outcome.Nothing : Outcome.Refuse(RefusalKind.NotFound, "incident.not_found", "There is no such incident. Check the id.");
        if (Ended(x) is { } ended)
            return ended;
        if (Blank(c.Reason))
            return Outcome.Refuse(RefusalKind.Invalid, "incident.reason_required", "Retrying needs a reason for the trail. Say what was corrected.");
        x.Emit(new IncidentResolved(c.IncidentId, c.By.Id, c.Reason, x.Now));
        if (incident.Code == NotListening && x.Graph.Node(incident.ElementId) is { } added)
            Listen(x, incident.TokenId ?? InstanceState.RootScope, added);
        else if (incident.JobId is { } jobId && x.State.Jobs.TryGetValue(jobId, out var job))
            x.Emit(new JobRetried(jobId, job.Attempt + 1, x.Now, "operator.retry", c.Reason));
        else if (incident.TokenId is { } tokenId && x.State.Tokens.TryGetValue(tokenId, out var token) && x.Graph.Node(token.ElementId) is { } node)
            ElementBehaviours.Of(node).Retry(x, node, tokenId, incident.Code);
        else
            x.Requeue();
        x.Run();
        return x.Outcome;
    }

    /// <summary>Whether an id was given to something in this instance.</summary>
    private static bool IsKnown(InstanceState state, string id) => InsideId.TryParse(id, out var instance, out var sequence) && instance == state.Id && sequence <= state.Sequence;
}
