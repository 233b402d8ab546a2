using System.Globalization;
using Countersign.Api.Http;
using Countersign.Client;
using Countersign.Client.Batches;
using Countersign.Domain.Batches;
using Countersign.Domain.Instances;
using Countersign.Projections.Instances;
using Countersign.Workers.Batches;
using Marten;
using BatchKind = Countersign.Domain.Batches.BatchKind;
using InstanceStatus = Countersign.Client.Instances.InstanceStatus;

namespace Countersign.Api.Batches;

/// <summary>Chooses the instances or incidents of a batch, as the reader, once: what comes into being afterwards is no part of it.</summary>
internal sealed class BatchChoice(Lists lists)
{
    /// <summary>Incidents that are looked through for those whose instances fit; more are too many for one batch, whichever of them fit.</summary>
    private const int MostLookedThrough = 100_000;

    private const int AtOnce = 5_000;

    /// <summary>What is wrong with a selection, or null.</summary>
    public static ProblemAnswer? Problem(BatchSelection s) =>
        s.Process is not null && !KeyText.TryParse(s.Process, null, out _) ? Problems.Invalid("/selection/process", "This is not a process key.")
        : s.Version is < 1 ? Problems.Invalid("/selection/version", "A version is a whole number from 1.")
        : s.Version is not null && s.Process is null ? Problems.Invalid("/selection/process", "Name the process that the version is of.")
        : s.Status is InstanceStatus.Completed or InstanceStatus.Cancelled or InstanceStatus.Continued ? Problems.Invalid("/selection/status", "Nothing can be done to instances that have ended. Choose running or suspended, or leave it out.")
        : s.IncidentCode is { Length: 0 or > 255 } ? Problems.Invalid("/selection/incidentCode", "An incident code is 1 to 255 characters.")
        : s.IncidentElementId is { Length: 0 or > 255 } ? Problems.Invalid("/selection/incidentElementId", "An element id is 1 to 255 characters.")
        : s.Instances is { Count: > BatchDecider.Most } ? Problems.Invalid("/selection/instances", "At most 10,000 instances in one batch.")
        : s.Process is null && s.IncidentCode is null && s.Instances is not { Count: > 0 } ? Problems.Invalid("/selection", "Name a process, an incident code or instances: a batch never takes everything.")
        : null;

    /// <summary>One more than may be chosen at most, so that too many are told from the most.</summary>
    public async Task<IReadOnlyList<BatchTarget>> Find(Call call, BatchKind kind, BatchSelection s)
    {
        await using var session = lists.Open(call);
        if (BatchCommands.ActsOnIncidents(kind))
            return await OfIncidents(session, s, call.Cancellation);
        // Ids alone are taken as they are: what is not there is refused by name.
        if (s is { Instances: { } ids, Process: null, Status: null, IncidentCode: null, IncidentElementId: null, StartedBefore: null })
            return [.. ids.Distinct().Select(i => new BatchTarget(i, null))];
        if (s.IncidentCode is null && s.IncidentElementId is null)
            return [.. (await Instances(session, s, null, call.Cancellation)).Select(i => new BatchTarget(i, null))];
        var stuck = await Incidents(session, s, MostLookedThrough, call.Cancellation);
        return stuck.Count > MostLookedThrough ? stuck : [.. (await Fitting(session, s, stuck, call.Cancellation)).Select(i => new BatchTarget(i, null))];
    }

    private static async Task<IReadOnlyList<BatchTarget>> OfIncidents(IQuerySession session, BatchSelection s, CancellationToken cancellation)
    {
        if (s.Status is null && s.StartedBefore is null)
            return await Incidents(session, s, BatchDecider.Most, cancellation);
        // Of these two only the instance knows.
        var incidents = await Incidents(session, s, MostLookedThrough, cancellation);
        if (incidents.Count > MostLookedThrough)
            return incidents;
        var fitting = (await Fitting(session, s, incidents, cancellation)).ToHashSet();
        return [.. incidents.Where(i => fitting.Contains(i.InstanceId))];
    }

    /// <summary>Those instances of incidents that the whole selection fits.</summary>
    private static async Task<List<Guid>> Fitting(IQuerySession session, BatchSelection s, IReadOnlyList<BatchTarget> incidents, CancellationToken cancellation)
    {
        var fitting = new List<Guid>();
        foreach (var some in incidents.Select(i => i.InstanceId).Distinct().Chunk(AtOnce))
            fitting.AddRange(await Instances(session, s, some, cancellation));
        return fitting;
    }

    /// <summary>The selection in words, for the trail.</summary>
    public static string Words(BatchSelection s)
    {
        var parts = new List<string>();
        if (s.Process is not null)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"process {s.Process}{(s.Version is { } v ? $" version {v}" : "")}"));
        if (s.Status is { } status)
            parts.Add(ClientJson.NameOf(status));
        if (s.IncidentCode is not null)
            parts.Add("incident " + s.IncidentCode);
        if (s.IncidentElementId is not null)
            parts.Add("stuck at " + s.IncidentElementId);
        if (s.StartedBefore is { } before)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"started before {before.UtcDateTime:yyyy-MM-dd HH:mm} UTC"));
        if (s.Instances is { Count: > 0 } ids)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{ids.Distinct().Count()} named by id"));
        return string.Join(", ", parts);
    }

    private static async Task<IReadOnlyList<BatchTarget>> Incidents(IQuerySession session, BatchSelection s, int most, CancellationToken cancellation)
    {
        IQueryable<IncidentRow> query = session.Query<IncidentRow>();
        if (s.Process is { } process)
            query = query.Where(i => i.ProcessKey == process);
        if (s.Version is { } version)
            query = query.Where(i => i.ProcessVersion == version);
        if (s.IncidentCode is { } code)
            query = query.Where(i => i.Code == code);
        if (s.IncidentElementId is { } element)
            query = query.Where(i => i.ElementId == element);
        if (s.Instances is { Count: > 0 } ids)
        {
            var named = ids.ToArray();
            query = query.Where(i => i.InstanceId.IsOneOf(named));
        }

        var found = await query.OrderBy(i => i.RaisedAt).ThenBy(i => i.Id).Select(i => new { i.Id, i.InstanceId }).Take(most + 1).ToListAsync(cancellation);
        return [.. found.Select(i => new BatchTarget(i.InstanceId, i.Id))];
    }

    private static async Task<IReadOnlyList<Guid>> Instances(IQuerySession session, BatchSelection s, Guid[]? stuck, CancellationToken cancellation)
    {
        string[] states = s.Status is { } status ? [ClientJson.NameOf(status)] : ["running", "suspended"];
        var query = session.Query<InstanceSummary>().Where(i => i.Status.IsOneOf(states));
        if (s.Process is { } process)
            query = query.Where(i => i.ProcessKey == process);
        if (s.Version is { } version)
            query = query.Where(i => i.ProcessVersion == version);
        if (s.StartedBefore is { } before)
        {
            var at = before.ToUniversalTime();
            query = query.Where(i => i.StartedAt < at);
        }

        if (s.Instances is { Count: > 0 } ids)
        {
            var named = ids.ToArray();
            query = query.Where(i => i.InstanceId.IsOneOf(named));
        }

        if (stuck is not null)
            query = query.Where(i => i.InstanceId.IsOneOf(stuck));
        return await query.OrderBy(i => i.StartedAt).ThenBy(i => i.Id).Select(i => i.InstanceId).Take(BatchDecider.Most + 1).ToListAsync(cancellation);
    }
}
