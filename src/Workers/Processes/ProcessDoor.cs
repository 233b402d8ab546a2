using System.Collections.Immutable;
using Countersign.Domain;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Countersign.Projections.Processes;
using Countersign.Projections.Store;
using Countersign.Workers.Streams;
using Marten;

namespace Countersign.Workers.Processes;

/// <summary>A version to publish, checked and compiled.</summary>
/// <param name="Sources">Its files.</param>
/// <param name="Graph">What they compiled to.</param>
/// <param name="Timers">The timers by which it starts, counted from now.</param>
/// <param name="Rollout">Whom it is for at first; null = all.</param>
/// <param name="Reason">Why it is rolled out so; null with no rollout.</param>
public sealed record CompiledVersion(ProcessSources Sources, ProcessGraph Graph, ImmutableArray<TimerStart> Timers, RolloutTarget? Rollout = null, string? Reason = null);

/// <summary>Publishes process versions, and rolls them out.</summary>
public static class ProcessDoor
{
    /// <summary>
    /// Publishes what compiled as the next version. For all, its timers take the place of the last one's; the timers of one that is rolled out wait until it is promoted. What is in force, or rolled out the same, adds nothing.
    /// </summary>
    public static StreamChange<ProcessState, IProcessEvent> Publish(string tenantId, CompiledVersion version, Actor by, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(by);
        var (sources, graph) = (version.Sources, version.Graph);
        var name = graph.Name is { Length: > 0 } given ? given : graph.Key;
        return Change(tenantId, graph.Key, by, state => ProcessDecider.Decide(state, new PublishProcess(graph.Key, name, graph.Hash, version.Rollout, version.Reason, by), now), version.Timers, (session, fact) =>
        {
            if (fact is ProcessPublished e)
            {
                session.Store(new ProcessVersion(ProcessVersion.IdOf(e.Key, e.Version), e.Key, e.Version, e.Name, e.Hash, sources.ProcessId,
                    [.. sources.Files.Select(f => new ProcessFile(KindOf(f.Kind), f.Name, f.Content))], e.By, e.At));
            }
        });
    }

    /// <summary>Changes whom a candidate is for.</summary>
    public static StreamChange<ProcessState, IProcessEvent> ChangeRollout(string tenantId, string key, ChangeRollout command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Change(tenantId, key, command.By, state => ProcessDecider.Decide(state, command, now), []);
    }

    /// <summary>Puts a candidate in force; its timers, counted from now, take the place of the last one's.</summary>
    public static StreamChange<ProcessState, IProcessEvent> Promote(string tenantId, string key, PromoteVersion command, ImmutableArray<TimerStart> timers, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Change(tenantId, key, command.By, state => ProcessDecider.Decide(state, command, now), timers);
    }

    /// <summary>Takes a candidate back.</summary>
    public static StreamChange<ProcessState, IProcessEvent> Withdraw(string tenantId, string key, WithdrawVersion command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Change(tenantId, key, command.By, state => ProcessDecider.Decide(state, command, now), []);
    }

    // Whatever is decided, who starts next reads the row that is written with it.
    private static StreamChange<ProcessState, IProcessEvent> Change(string tenantId, string key, Actor by, Func<ProcessState?, Outcome> decide, ImmutableArray<TimerStart> timers,
        Action<IDocumentSession, object>? rows = null) => new(tenantId, StreamsOf.Process(key), by, ProcessState.Evolve, decide, (session, result) =>
        {
            foreach (var fact in result.Facts)
                rows?.Invoke(session, fact);
            session.Store(ProcessHead.Of(result.State!, result.Version));
            if (result.Facts.Any(f => f is ProcessVersionPromoted or ProcessPublished { Rollout: null }))
                TimerStartTable.Replace(session, tenantId, key, ProcessVersion.IdOf(key, result.State!.InForce), timers);
        });

    /// <summary>Sources of a stored version.</summary>
    public static ProcessSources SourcesOf(ProcessVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return new ProcessSources([.. version.Files.Select(f => new ProcessSource(Enum.Parse<ProcessSourceKind>(f.Kind, ignoreCase: true), f.Name, f.Content))], version.ProcessId);
    }

    private static string KindOf(ProcessSourceKind kind) => kind switch
    {
        ProcessSourceKind.Bpmn => "bpmn",
        ProcessSourceKind.Dmn => "dmn",
        _ => "form",
    };
}
