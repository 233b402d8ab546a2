using System.Collections.Immutable;
using System.Text.Json;

namespace Countersign.Domain.Instances;

/// <summary>An open task as inboxes read it; deleted with the task.</summary>
/// <param name="Verdicts">Answers the task accepts.</param>
public sealed record TaskRow(string Id, Guid InstanceId, string ProcessKey, int ProcessVersion, string ElementId, string Name, string? FormId, ImmutableArray<string> Groups,
    ImmutableArray<string> Users, string? Assignee, ImmutableArray<Separation> SeparateFrom, string? DecisionId, string? Why, int Priority, DateTimeOffset? DueAt,
    DateTimeOffset CreatedAt, string? BusinessKey, ImmutableArray<string> Verdicts = default);

/// <summary>An open job as workers fetch it; deleted with the job.</summary>
/// <param name="Attempt">The attempt that is due (the fence).</param>
public sealed record JobRow(string Id, Guid InstanceId, string ProcessKey, int ProcessVersion, string ElementId, string Type, int Attempt, int Retries, DateTimeOffset DueAt,
    ImmutableDictionary<string, string> Headers, ImmutableDictionary<string, JsonElement> Variables, bool Failed)
{
    /// <summary>W3C trace context of the command that made the attempt due, for whoever carries it out; set where rows are written.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Id under which the outside world knows its effect, where its instance has gone on in a successor since; null = its own.</summary>
    public string? FirstId { get; init; }

    /// <summary>The first instance of its chain, where there is one; null = its own.</summary>
    public Guid? FirstInstanceId { get; init; }
}

/// <summary>A timer that is set; deleted when fired or cancelled.</summary>
public sealed record TimerRow(string Id, Guid InstanceId, string ElementId, DateTimeOffset DueAt);

/// <summary>A message subscription that is open.</summary>
public sealed record SubscriptionRow(string Id, Guid InstanceId, string ElementId, string MessageName, string CorrelationKey);

/// <summary>A signal that an instance waits for.</summary>
public sealed record SignalRow(string Id, Guid InstanceId, string ElementId, string SignalName);

/// <summary>An incident that is open; it is shown while its instance is suspended, too, since an operator has to see to it.</summary>
public sealed record IncidentRow(string Id, Guid InstanceId, string ProcessKey, int ProcessVersion, string ElementId, string Code, string Message, string? JobId, DateTimeOffset RaisedAt,
    bool Suspended = false);

/// <summary>A business key that a running instance holds alone; deleted when it ends. Inserted, never overwritten: the second of two is a lost race.</summary>
/// <param name="Id">Process and business key (<see cref="IdOf"/>).</param>
/// <param name="InstanceId">The holder.</param>
public sealed record BusinessKeyRow(string Id, Guid InstanceId)
{
    /// <summary>Id of the row of a process and business key. A process key has no slash.</summary>
    public static string IdOf(string processKey, string businessKey) => $"{processKey}/{businessKey}";
}

/// <summary>The change of all readable rows between two states of one instance.</summary>
/// <param name="Upserts">Rows to store.</param>
/// <param name="Deletes">Rows (their last content) to delete.</param>
public sealed record RowChanges(ImmutableArray<object> Upserts, ImmutableArray<object> Deletes);
