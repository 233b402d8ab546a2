using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Instances;

/// <summary>
/// An instance that goes on in a successor. What lives inside keeps its sequence number and gets the successor's name, so that an id of one is an id of the
/// other by changing the name alone; decisions keep their ids, because their records stay where they were made.
/// </summary>
public static class Continuation
{
    /// <summary>The successor's id follows from its predecessor's: an instance goes on in one other at most, however often it is asked.</summary>
    /// <param name="instanceId">The predecessor.</param>
    public static Guid SuccessorOf(Guid instanceId) => new(SHA256.HashData(Encoding.UTF8.GetBytes($"continue {instanceId:D}")).AsSpan(0, 16));

    /// <summary>The id of the same thing in another instance of the chain; what is no id of something inside stays as it is.</summary>
    /// <param name="id">An id of something inside an instance.</param>
    /// <param name="instanceId">The other instance.</param>
    public static string Renamed(string id, Guid instanceId) => InsideId.TryParse(id, out _, out var sequence) ? InsideId.Of(instanceId, sequence) : id;

    /// <summary>The command for the successor when a late letter came to the predecessor: a result, a message, a timer, a report. Null for everything that a person does, which the person should see refused.</summary>
    /// <param name="command">The command that came.</param>
    /// <param name="successorId">The instance that goes on.</param>
    public static InstanceCommand? Forwarded(InstanceCommand command, Guid successorId) => command switch
    {
        CompleteJob c => c with { InstanceId = successorId, JobId = Renamed(c.JobId, successorId) },
        FailJob c => c with { InstanceId = successorId, JobId = Renamed(c.JobId, successorId) },
        ThrowJobError c => c with { InstanceId = successorId, JobId = Renamed(c.JobId, successorId) },
        FireTimer c => c with { InstanceId = successorId, TimerId = Renamed(c.TimerId, successorId) },
        CorrelateMessage c => c with { InstanceId = successorId, SubscriptionId = Renamed(c.SubscriptionId, successorId) },
        ReportCall c => c with { InstanceId = successorId, CallId = Renamed(c.CallId, successorId) },
        // A caller that no longer wants it.
        CancelInstance { By.Kind: ActorKind.System } c => c with { InstanceId = successorId },
        _ => null,
    };

    /// <summary>What the successor begins with.</summary>
    /// <param name="before">The predecessor before it ended.</param>
    /// <param name="end">Its last fact.</param>
    /// <param name="link">Where that fact stands.</param>
    public static InstanceTakenOver Begin(InstanceState before, InstanceContinued end, InstanceLink link)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(end);
        return new InstanceTakenOver(end.SuccessorId, before.ProcessKey, before.Version, before.Hash, before.BusinessKey, before.Parent, link, end.By, end.Reason, end.At, Moved(before, end.SuccessorId));
    }

    private static InstanceState Moved(InstanceState s, Guid to)
    {
        string New(string id) => InsideId.TryParse(id, out var instance, out _) && instance == s.Id ? Renamed(id, to) : id;
        ImmutableDictionary<string, T> Keys<T>(ImmutableDictionary<string, T> all, Func<string, T, T>? change = null) =>
            all.IsEmpty ? all : all.Clear().SetItems(all.Select(p => KeyValuePair.Create(New(p.Key), change is null ? p.Value : change(p.Key, p.Value))));
        return s with
        {
            Id = to,
            Earlier = s.Earlier.Add(s.Id),
            Predecessor = null,
            EventLimit = null,
            LimitNeared = null,
            Events = 0,
            // The outside world knows an effect by the job that first asked for it.
            Jobs = Keys(s.Jobs, (id, j) => j with { FirstId = j.FirstId ?? id }),
            Tasks = Keys(s.Tasks),
            Timers = Keys(s.Timers),
            Subscriptions = Keys(s.Subscriptions),
            Calls = Keys(s.Calls),
            Compensations = Keys(s.Compensations),
            Incidents = Keys(s.Incidents, (_, i) => i.JobId is null ? i : i with { JobId = New(i.JobId) }),
            ClosedTasks = [.. s.ClosedTasks.Select(t => t with { TaskId = New(t.TaskId) })],
        };
    }
}
