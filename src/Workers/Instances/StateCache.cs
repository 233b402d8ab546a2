using System.Runtime.InteropServices;
using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>
/// States one writer has seen last, bounded in number and estimated bytes; the one used longest ago leaves first. Owned by its
/// writer, so without locks; never trusted by itself: the writer reads each stream's newer facts before it decides.
/// </summary>
internal sealed class StateCache(int entries, long bytes)
{
    private readonly Dictionary<InstanceKey, LinkedListNode<Entry>> _byKey = [];
    private readonly LinkedList<Entry> _byUse = new();
    private long _bytes;

    public int Count => _byKey.Count;

    public long Bytes => _bytes;

    public LoadedInstance? Find(InstanceKey key)
    {
        if (!_byKey.TryGetValue(key, out var node))
            return null;
        _byUse.Remove(node);
        _byUse.AddFirst(node);
        return node.Value.State;
    }

    /// <summary>Keeps a state; hands out those that had to leave.</summary>
    public void Keep(InstanceKey key, LoadedInstance state, List<(InstanceKey Key, LoadedInstance State)> left)
    {
        Forget(key);
        // What has ended is only asked again by a late repeat; it must not push out what waits.
        if (state.Opened is null || state.Opened.HasEnded)
            return;
        var entry = new Entry(key, state, Weigh(state));
        _byKey[key] = _byUse.AddFirst(entry);
        _bytes += entry.Bytes;
        while (_byUse.Last is { } last && (_byKey.Count > entries || _bytes > bytes))
        {
            Forget(last.Value.Key);
            left.Add((last.Value.Key, last.Value.State));
        }
    }

    public void Forget(InstanceKey key)
    {
        if (!_byKey.Remove(key, out var node))
            return;
        _byUse.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    // An estimate: twice the variables' text (text and index), more where a sealed form is kept beside, and a fixed part for the rest.
    private static long Weigh(LoadedInstance state)
    {
        var size = 4_096L + WeighVariables(state.Opened!);
        return ReferenceEquals(state.Opened, state.Sealed) ? size : size * 2;
    }

    private static long WeighVariables(InstanceState state)
    {
        var size = 0L;
        foreach (var scope in state.Variables.Values)
        {
            foreach (var (name, value) in scope)
                size += name.Length + 2L * JsonMarshal.GetRawUtf8Value(value).Length;
        }

        return size;
    }

    private sealed record Entry(InstanceKey Key, LoadedInstance State, long Bytes);
}
