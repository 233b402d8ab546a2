using System.Runtime.CompilerServices;
using Countersign.Domain.Trail;

namespace Countersign.Workers.Trail.Exports;

/// <summary>What one export knows while it is written.</summary>
internal sealed class ExportRun(ExportRequest request, IReadOnlyList<EpochRange> ranges, BundleWriter writer, LeafPages pages, Action<ExportProgress>? progress)
{
    /// <summary>Leaves are gone through once each for records, hashes, contents, decisions, table and dossiers.</summary>
    private const int Rounds = 6;

    private readonly long _total = Math.Max(1, Rounds * ranges.Sum(r => r.End - r.First));
    private long _done;

    public ExportRequest Request { get; } = request;

    public IReadOnlyList<EpochRange> Ranges { get; } = ranges;

    public BundleWriter Writer { get; } = writer;

    /// <summary>SHA-256 of the documents that the contents refer to.</summary>
    public HashSet<string> Documents { get; } = new(StringComparer.Ordinal);

    public long Contents { get; set; }

    public async IAsyncEnumerable<StoredLeaf> Leaves(EpochRange range, string step, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var leaf in pages.Read(range, cancel))
        {
            yield return leaf;
            if (++_done % 1000 == 0)
                Say(step);
        }
    }

    /// <summary>The selected events with their leaves, in order.</summary>
    public async IAsyncEnumerable<(EpochRange Range, StoredLeaf Leaf, StoredEvent Event)> Selected(string step, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var range in Ranges)
        {
            await foreach (var leaf in Leaves(range, step, cancel))
            {
                if (leaf.Event is { } stored && Request.Selection.Covers((EventLeaf)leaf.Record))
                    yield return (range, leaf, stored);
            }
        }
    }

    /// <summary>The selected steps of instances, instance by instance.</summary>
    public async IAsyncEnumerable<ProcessStep> Steps([EnumeratorCancellation] CancellationToken cancel)
    {
        Say("Writing the course of the processes");
        var canonical = new CanonicalJson();
        await foreach (var stored in pages.Instances(Ranges, cancel))
        {
            if (!Request.Selection.Covers(stored.ToLeaf(canonical, late: false)))
                continue;
            foreach (var step in ProcessStep.All(stored))
                yield return step;
        }
    }

    public void Say(string step) => progress?.Invoke(new ExportProgress(step, Math.Min(1, (double)_done / _total)));
}
