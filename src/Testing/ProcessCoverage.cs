using System.Collections.Immutable;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;

namespace Countersign.Testing;

/// <summary>Which elements and sequence flows of a process tests have reached.</summary>
/// <param name="ProcessKey">The process.</param>
/// <param name="Elements">Elements reached, in the order of the file.</param>
/// <param name="MissedElements">Elements not reached, in the order of the file.</param>
/// <param name="Flows">Sequence flows taken, in the order of the file.</param>
/// <param name="MissedFlows">Sequence flows not taken, in the order of the file.</param>
public sealed record ProcessCoverage(string ProcessKey, ImmutableArray<string> Elements, ImmutableArray<string> MissedElements, ImmutableArray<string> Flows, ImmutableArray<string> MissedFlows)
{
    /// <summary>Share of elements and flows reached, 0 to 1.</summary>
    public double Share => Elements.Length + Flows.Length + MissedElements.Length + MissedFlows.Length is var all and > 0 ? (double)(Elements.Length + Flows.Length) / all : 1;

    /// <summary>What this or the other has reached: put the runs of several tests together.</summary>
    /// <param name="other">Coverage of the same version of the process.</param>
    /// <exception cref="ProcessTestException">It is of another process.</exception>
    public ProcessCoverage With(ProcessCoverage other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.ProcessKey != ProcessKey)
            throw new ProcessTestException($"Coverage of '{other.ProcessKey}' cannot be added to that of '{ProcessKey}'. Keep one for each process.");
        return new ProcessCoverage(ProcessKey, [.. Elements.Union(other.Elements, StringComparer.Ordinal)], [.. MissedElements.Intersect(other.MissedElements, StringComparer.Ordinal)],
            [.. Flows.Union(other.Flows, StringComparer.Ordinal)], [.. MissedFlows.Intersect(other.MissedFlows, StringComparer.Ordinal)]);
    }

    internal static ProcessCoverage Of(ProcessGraph graph, IEnumerable<TestInstance> instances)
    {
        var (elements, flows) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var instance in instances)
        {
            elements.UnionWith(instance.Path);
            flows.UnionWith(instance.Flows);
            foreach (var armed in instance.Facts.OfType<CompensationArmed>())
                elements.UnionWith(graph.Node(armed.ElementId)?.Boundaries.Where(b => b.Kind == ElementKind.CompensationBoundary).Select(b => b.Id) ?? []);
        }

        return new ProcessCoverage(graph.Key, [.. graph.Nodes.Select(n => n.Id).Where(elements.Contains)], [.. graph.Nodes.Select(n => n.Id).Where(n => !elements.Contains(n))],
            [.. graph.Flows.Select(f => f.Id).Where(flows.Contains)], [.. graph.Flows.Select(f => f.Id).Where(f => !flows.Contains(f))]);
    }
}

/// <content>Coverage.</content>
public sealed partial class ProcessTest
{
    /// <summary>Which elements and flows the instances of this test have reached.</summary>
    /// <param name="process">Key of the process, its newest version; null means the first of the test.</param>
    /// <exception cref="ProcessTestException">There is no such process in this test.</exception>
    public ProcessCoverage Coverage(string? process = null)
    {
        var known = process is null ? _processes[0] : Newest(process) ?? throw new ProcessTestException($"There is no process '{process}' in this test. Ask for one of: {string.Join(", ", NewestOfEach().Select(p => p.Graph.Key))}.");
        return ProcessCoverage.Of(known.Graph, _instances.Where(i => i.Graph == known.Graph));
    }
}
