using System.Collections.Immutable;
using Countersign.Domain;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Countersign.Projections.Processes;
using Countersign.Projections.Store;
using Countersign.Workers.Streams;

namespace Countersign.Workers.Processes;

/// <summary>Publishes process versions.</summary>
public static class ProcessDoor
{
    /// <summary>Publishes what compiled as the next version, its timers in the place of the last one's; the newest version's sources again add nothing.</summary>
    public static StreamChange<ProcessState, IProcessEvent> Publish(string tenantId, ProcessSources sources, ProcessGraph graph, ImmutableArray<TimerStart> timers, Actor by, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(by);
        var name = graph.Name is { Length: > 0 } given ? given : graph.Key;
        return new(
            tenantId,
            StreamsOf.Process(graph.Key),
            by,
            ProcessState.Evolve,
            state => state?.Hash == graph.Hash ? Outcome.Nothing : Outcome.Of(new ProcessPublished(graph.Key, (state?.Version ?? 0) + 1, name, graph.Hash, by.Id, now)),
            (session, result) =>
            {
                var s = result.State!;
                session.Store(new ProcessVersion(ProcessVersion.IdOf(s.Key, s.Version), s.Key, s.Version, s.Name, s.Hash, sources.ProcessId,
                    [.. sources.Files.Select(f => new ProcessFile(KindOf(f.Kind), f.Name, f.Content))], by.Id, now));
                TimerStartTable.Replace(session, tenantId, s.Key, ProcessVersion.IdOf(s.Key, s.Version), timers);
            });
    }

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
