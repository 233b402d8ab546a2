using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Countersign.Feel.Values;

namespace Countersign.Feel;

/// <summary>The names an expression can see, in layers: a name is looked up in this layer, then in its parents, then among the built-in functions.</summary>
public abstract class FeelScope
{
    private protected FeelScope(FeelScope? parent) => Parent = parent;

    /// <summary>A scope without names.</summary>
    public static FeelScope Empty { get; } = new ContextScope(FeelContext.Empty, null);

    /// <summary>The layer below; null for the last one.</summary>
    public FeelScope? Parent { get; }

    /// <summary>
    /// A layer over JSON variables. A variable is read when an expression first uses it and kept then, so it must stay readable as
    /// long as the scope is used.
    /// </summary>
    /// <param name="variables">The variables; must not be changed while the scope is used.</param>
    /// <param name="parent">The layer below; null for none.</param>
    public static FeelScope FromJson(IReadOnlyDictionary<string, JsonElement> variables, FeelScope? parent = null) => new JsonScope(variables, parent);

    /// <summary>A layer over a context's entries.</summary>
    public static FeelScope FromContext(FeelContext context, FeelScope? parent = null) => new ContextScope(context, parent);

    /// <summary>A layer with one more name on top of this scope.</summary>
    /// <param name="value">The value; <see cref="FeelValue.Erased"/> for data that was erased.</param>
    public FeelScope With(string name, FeelValue value) => new NameScope(name, value, this);

    /// <summary>Looks a name up in all layers.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out FeelValue? value)
    {
        for (var layer = this; layer is not null; layer = layer.Parent)
        {
            value = layer.Find(name);
            if (value is not null)
                return true;
        }
        value = null;
        return false;
    }

    /// <summary>The value of a name in this layer alone; null when it has none.</summary>
    internal abstract FeelValue? Find(string name);
}

/// <summary>One name.</summary>
internal sealed class NameScope(string name, FeelValue value, FeelScope? parent) : FeelScope(parent)
{
    internal override FeelValue? Find(string wanted) => string.Equals(wanted, name, StringComparison.Ordinal) ? value : null;
}

/// <summary>A function's parameters.</summary>
internal sealed class FrameScope(string[] names, FeelValue[] values, FeelScope? parent) : FeelScope(parent)
{
    internal override FeelValue? Find(string name)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (string.Equals(names[i], name, StringComparison.Ordinal))
                return values[i];
        }
        return null;
    }
}

/// <summary>A context's entries.</summary>
internal sealed class ContextScope(FeelContext context, FeelScope? parent) : FeelScope(parent)
{
    internal override FeelValue? Find(string name) => context.TryGetValue(name, out var value) ? value : null;

    internal FeelValue? Find(string name, ref int place) => context.Find(name, ref place);
}

/// <summary>The entries of a context literal that were evaluated so far.</summary>
internal sealed class BuilderScope(FeelContextBuilder builder, FeelScope? parent) : FeelScope(parent)
{
    internal override FeelValue? Find(string name) => builder.Find(name);
}

/// <summary>The member a filter looks at: its entries by name, and itself as <c>item</c>.</summary>
internal sealed class ItemScope(FeelValue item, FeelScope? parent) : FeelScope(parent)
{
    internal override FeelValue? Find(string name)
    {
        if (item is FeelContext context && context.TryGetValue(name, out var value))
            return value;
        return string.Equals(name, "item", StringComparison.Ordinal) ? item : null;
    }
}

/// <summary>JSON variables, read when first used.</summary>
internal sealed class JsonScope(IReadOnlyDictionary<string, JsonElement> variables, FeelScope? parent) : FeelScope(parent)
{
    // Replaced as a whole, so readers on other threads see either the old or the new chain of read variables.
    private volatile Entry? _read;

    internal override FeelValue? Find(string name)
    {
        for (var entry = _read; entry is not null; entry = entry.Next)
        {
            if (ReferenceEquals(entry.Name, name) || string.Equals(entry.Name, name, StringComparison.Ordinal))
                return entry.Value;
        }
        if (!variables.TryGetValue(name, out var element))
            return null;
        var value = FeelValue.FromJson(element);
        _read = new Entry(name, value, _read);
        return value;
    }

    private sealed record Entry(string Name, FeelValue Value, Entry? Next);
}
