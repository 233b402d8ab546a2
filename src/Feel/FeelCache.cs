using System.Collections.Concurrent;

namespace Countersign.Feel;

/// <summary>
/// Keeps compiled expressions by their text. Thread-safe and bounded: when it is full it forgets the older half at once. Texts
/// with errors are kept too, so that a bad text costs once.
/// </summary>
/// <param name="capacity">Most texts kept, at least 16.</param>
public sealed class FeelCache(int capacity = 4096)
{
    private readonly int _capacity = Math.Max(16, capacity);
    private ConcurrentDictionary<Key, FeelCompilation> _young = new();
    private ConcurrentDictionary<Key, FeelCompilation> _old = new();

    /// <summary>A cache for the whole process, for texts compiled without options.</summary>
    public static FeelCache Shared { get; } = new();

    /// <summary>Compiled texts kept at the moment.</summary>
    public int Count => _young.Count + _old.Count;

    /// <summary>The compiled expression, compiled now if it is not kept.</summary>
    public FeelCompilation Expression(string text) => Get(new Key(text, IsTests: false));

    /// <summary>The compiled unary tests, compiled now if they are not kept.</summary>
    public FeelCompilation UnaryTests(string text) => Get(new Key(text, IsTests: true));

    private FeelCompilation Get(Key key)
    {
        if (_young.TryGetValue(key, out var found))
            return found;
        if (!_old.TryGetValue(key, out found))
            found = key.IsTests ? FeelExpression.CompileUnaryTests(key.Text) : FeelExpression.Compile(key.Text);
        var young = _young;
        if (young.Count >= _capacity / 2 && Interlocked.CompareExchange(ref _young, new(), young) == young)
            _old = young;
        _young[key] = found;
        return found;
    }

    private readonly record struct Key(string Text, bool IsTests);
}
