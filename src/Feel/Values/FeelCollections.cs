using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Countersign.Feel.Values;

/// <summary>An immutable list of values.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "FEEL's own word is list.")]
public sealed class FeelList : FeelValue, IReadOnlyList<FeelValue>
{
    /// <summary>The empty list.</summary>
    public static readonly FeelList Empty = new(Array.Empty<FeelValue>());

    private readonly FeelValue[] _items;

    private int _nesting;
    private long _size;

    internal FeelList(FeelValue[] items)
        : base(FeelKind.List) => _items = items;

    internal static int NestingOf(ReadOnlySpan<FeelValue> items)
    {
        var deepest = 0;
        foreach (var item in items)
        {
            var nesting = item switch { FeelList list => list.Nesting, FeelContext context => context.Nesting, FeelRange => 1, _ => 0 };
            deepest = Math.Max(deepest, nesting);
        }
        return deepest + 1;
    }

    /// <inheritdoc />
    public int Count => _items.Length;

    /// <inheritdoc />
    public FeelValue this[int index] => _items[index];

    internal ReadOnlySpan<FeelValue> Items => _items;

    /// <summary>How deep lists and contexts are nested in this one, itself included.</summary>
    internal int Nesting => _nesting != 0 ? _nesting : _nesting = NestingOf(_items);

    /// <inheritdoc />
    public override long Size => _size != 0 ? _size : _size = SizeOf(_items);

    internal static long SizeOf(ReadOnlySpan<FeelValue> items)
    {
        // A value that holds another twice has it twice as text: sixty doublings are more than all memory, so the sum ends somewhere.
        const long Enough = 1L << 60;
        long size = 2;
        foreach (var item in items)
            size = Math.Min(Enough, size + item.Size);
        return size;
    }

    /// <summary>A list of the given values, copied.</summary>
    public static FeelList Of(params IEnumerable<FeelValue> items)
    {
        var copy = items.ToArray();
        return copy.Length == 0 ? Empty : new FeelList(copy);
    }

    /// <inheritdoc />
    public IEnumerator<FeelValue> GetEnumerator() => ((IEnumerable<FeelValue>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc />
    public override bool Equals(FeelValue? other) => other is FeelList list && _items.AsSpan().SequenceEqual(list._items);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in _items)
            hash.Add(item);
        return hash.ToHashCode();
    }
}

/// <summary>Immutable named entries in the order they were written; equality ignores the order.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "FEEL's own word is context.")]
public sealed class FeelContext : FeelValue, IReadOnlyDictionary<string, FeelValue>
{
    /// <summary>The context without entries.</summary>
    public static readonly FeelContext Empty = new([], []);

    // Up to this many entries a linear search beats a hash table.
    private const int LinearLimit = 8;

    private readonly string[] _names;
    private readonly FeelValue[] _values;
    private readonly Dictionary<string, int>? _index;
    private int _nesting;
    private long _size;

    internal FeelContext(string[] names, FeelValue[] values)
        : base(FeelKind.Context)
    {
        _names = names;
        _values = values;
        if (names.Length <= LinearLimit)
            return;
        _index = new Dictionary<string, int>(names.Length, StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
            _index[names[i]] = i;
    }

    /// <inheritdoc />
    public int Count => _names.Length;

    /// <inheritdoc />
    public IEnumerable<string> Keys => _names;

    /// <inheritdoc />
    public IEnumerable<FeelValue> Values => _values;

    internal ReadOnlySpan<string> Names => _names;

    internal int Nesting => _nesting != 0 ? _nesting : _nesting = FeelList.NestingOf(_values);

    /// <inheritdoc />
    public override long Size => _size != 0 ? _size : _size = FeelList.SizeOf(_values) + _names.Sum(n => (long)n.Length);

    internal ReadOnlySpan<FeelValue> Items => _values;

    /// <summary>The entry's value, or null when there is no such entry.</summary>
    public FeelValue this[string key] => TryGetValue(key, out var value) ? value : Null;

    /// <summary>A context of the given entries; a later entry of the same name replaces an earlier one.</summary>
    public static FeelContext Of(params IEnumerable<(string Name, FeelValue Value)> entries)
    {
        var builder = new FeelContextBuilder();
        foreach (var (name, value) in entries)
            builder.Set(name, value);
        return builder.Build();
    }

    /// <inheritdoc />
    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    /// <inheritdoc />
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out FeelValue value)
    {
        var at = IndexOf(key);
        value = at >= 0 ? _values[at] : null;
        return at >= 0;
    }

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, FeelValue>> GetEnumerator()
    {
        for (var i = 0; i < _names.Length; i++)
            yield return new(_names[i], _values[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc />
    public override bool Equals(FeelValue? other)
    {
        if (other is not FeelContext context || context.Count != Count)
            return false;
        for (var i = 0; i < _names.Length; i++)
        {
            if (!context.TryGetValue(_names[i], out var value) || !value.Equals(_values[i]))
                return false;
        }
        return true;
    }

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = Count;
        for (var i = 0; i < _names.Length; i++)
            hash ^= HashCode.Combine(StringComparer.Ordinal.GetHashCode(_names[i]), _values[i]);
        return hash;
    }

    /// <summary>The entry's value, looked for first where it stood the last time; null when there is no such entry.</summary>
    internal FeelValue? Find(string name, ref int place)
    {
        var at = place;
        if ((uint)at < (uint)_names.Length && string.Equals(_names[at], name, StringComparison.Ordinal))
            return _values[at];
        at = IndexOf(name);
        if (at < 0)
            return null;
        place = at;
        return _values[at];
    }

    private int IndexOf(string key)
    {
        if (_index is not null)
            return _index.TryGetValue(key, out var found) ? found : -1;
        for (var i = 0; i < _names.Length; i++)
        {
            if (string.Equals(_names[i], key, StringComparison.Ordinal))
                return i;
        }
        return -1;
    }
}

/// <summary>Collects entries for a context.</summary>
internal sealed class FeelContextBuilder
{
    private readonly List<string> _names = [];
    private readonly List<FeelValue> _values = [];
    private Dictionary<string, int>? _index;

    public int Count => _names.Count;

    public void Set(string name, FeelValue value)
    {
        var at = IndexOf(name);
        if (at >= 0)
        {
            _values[at] = value;
            return;
        }
        _index?.Add(name, _names.Count);
        _names.Add(name);
        _values.Add(value);
    }

    public bool Contains(string name) => IndexOf(name) >= 0;

    public FeelValue? Find(string name) => IndexOf(name) is >= 0 and var at ? _values[at] : null;

    public FeelContext Build() => _names.Count == 0 ? FeelContext.Empty : new([.. _names], [.. _values]);

    private int IndexOf(string name)
    {
        if (_index is null && _names.Count > 12)
        {
            _index = new Dictionary<string, int>(StringComparer.Ordinal);
            for (var i = 0; i < _names.Count; i++)
                _index[_names[i]] = i;
        }
        if (_index is not null)
            return _index.TryGetValue(name, out var found) ? found : -1;
        return _names.IndexOf(name);
    }
}

/// <summary>
/// An interval. A missing end makes it open without limit, as in <c>&gt; 5</c>; the list of a range's members is not stored.
/// </summary>
public sealed class FeelRange : FeelValue
{
    /// <summary>Creates an interval; a null end means no limit on that side.</summary>
    public FeelRange(FeelValue start, bool startIncluded, FeelValue end, bool endIncluded)
        : base(FeelKind.Range)
    {
        Start = start;
        StartIncluded = startIncluded;
        End = end;
        EndIncluded = endIncluded;
    }

    private FeelRange(FeelValue only, bool negated)
        : this(only, startIncluded: true, only, endIncluded: true)
    {
        IsSingle = true;
        IsNegated = negated;
    }

    // (= 10) and (!= 10) are ranges of their own: the first is not equal to [10..10].
    internal bool IsSingle { get; }

    internal bool IsNegated { get; }

    internal static FeelRange Single(FeelValue only, bool negated) => new(only, negated);

    /// <summary>The lower end; null without one.</summary>
    public FeelValue Start { get; }

    /// <summary>Whether the lower end belongs to the interval.</summary>
    public bool StartIncluded { get; }

    /// <summary>The upper end; null without one.</summary>
    public FeelValue End { get; }

    /// <summary>Whether the upper end belongs to the interval.</summary>
    public bool EndIncluded { get; }

    /// <inheritdoc />
    public override long Size => FeelList.SizeOf([Start, End]);

    /// <inheritdoc />
    public override bool Equals(FeelValue? other) => other is FeelRange range
        && range.StartIncluded == StartIncluded && range.EndIncluded == EndIncluded
        && range.IsSingle == IsSingle && range.IsNegated == IsNegated
        && range.Start.Equals(Start) && range.End.Equals(End);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Start, End, StartIncluded, EndIncluded);
}
