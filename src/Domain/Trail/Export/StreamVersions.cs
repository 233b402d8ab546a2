namespace Countersign.Domain.Trail;

/// <summary>Holds that the versions of each stream rise by one: none left out, none twice, none reordered.</summary>
internal sealed class StreamVersions
{
    private readonly Dictionary<string, long> _last = new(StringComparer.Ordinal);

    public int Count => _last.Count;

    /// <summary>Streams whose beginning lies before the range.</summary>
    public int Begun { get; private set; }

    /// <summary>Takes the next event of a stream and says what is wrong with its version, if anything.</summary>
    public string? Advance(EventLeaf leaf, BundleEpoch epoch)
    {
        var known = _last.TryGetValue(leaf.Stream, out var last);
        _last[leaf.Stream] = leaf.Version;
        if (known)
            return leaf.Version == last + 1 ? null : $"After version {last} of the stream comes version {leaf.Version}: one was left out, doubled or reordered.";
        if (leaf.Version == 1)
            return null;
        Begun++;
        // Only a range that starts at the first leaf of all shows every stream from its beginning.
        return epoch is { Epoch: 1, First: 0 } ? $"The stream begins with version {leaf.Version} instead of 1." : null;
    }
}
