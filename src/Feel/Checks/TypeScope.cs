using Countersign.Feel.Types;

namespace Countersign.Feel.Checks;

/// <summary>What is known about names at one place of an expression, in layers like those of an evaluation.</summary>
internal sealed class TypeScope
{
    private readonly TypeScope? _parent;
    private readonly Dictionary<string, FeelType> _names;
    private readonly bool _isOpen;
    private readonly IReadOnlySet<string>? _hidden;

    private TypeScope(TypeScope? parent, Dictionary<string, FeelType> names, bool isOpen, IReadOnlySet<string>? hidden = null)
    {
        _hidden = hidden;
        _parent = parent;
        _names = names;
        _isOpen = isOpen;
    }

    /// <summary>A last layer.</summary>
    /// <param name="isOpen">Whether there may be other names too.</param>
    /// <param name="hidden">Names that are certainly not there even so.</param>
    public static TypeScope Root(Dictionary<string, FeelType> names, bool isOpen, IReadOnlySet<string>? hidden = null) => new(null, names, isOpen, hidden);

    /// <summary>A layer on top.</summary>
    public TypeScope With(string name, FeelType type) => new(this, new Dictionary<string, FeelType>(StringComparer.Ordinal) { [name] = type }, isOpen: false);

    /// <summary>A layer of several names on top; they may be added to while it is used.</summary>
    public TypeScope With(Dictionary<string, FeelType> names) => new(this, names, isOpen: false);

    /// <summary>The layer of a filter: the member's entries and <c>item</c>. Of an unknown member anything may be an entry.</summary>
    public TypeScope WithItem(FeelType item)
    {
        var names = new Dictionary<string, FeelType>(StringComparer.Ordinal) { ["item"] = item };
        if (item.Unwrap() is not ContextType context)
            return new TypeScope(this, names, isOpen: item.Unwrap() is AnyType);
        foreach (var (name, type) in context.Entries)
            names[name] = type;
        // A member may have more entries than its type tells, but a name meant for one of them is in the type.
        return new TypeScope(this, names, isOpen: context.Entries.IsEmpty);
    }

    /// <summary>The type of a name; Unknown when it may be there; null when it is certainly not.</summary>
    public FeelType? Find(string name)
    {
        for (var layer = this; layer is not null; layer = layer._parent)
        {
            if (layer._names.TryGetValue(name, out var type))
                return type;
            if (layer._isOpen)
                return layer._hidden?.Contains(name) == true ? null : FeelType.Unknown;
        }
        return null;
    }

    /// <summary>Whether the name exists, but not for this place.</summary>
    public bool IsHidden(string name)
    {
        for (var layer = this; layer is not null; layer = layer._parent)
        {
            if (layer._hidden?.Contains(name) == true)
                return true;
        }
        return false;
    }

    /// <summary>A known name that looks like the given one; null when none does.</summary>
    public string? Similar(string name)
    {
        const int TooFar = 3;
        string? best = null;
        var least = Math.Min(TooFar, (name.Length / 2) + 1);
        for (var layer = this; layer is not null; layer = layer._parent)
        {
            foreach (var known in layer._names.Keys)
            {
                var distance = Spelling.Distance(name, known, least);
                if (distance < least)
                    (best, least) = (known, distance);
            }
        }
        return best;
    }
}

/// <summary>How far apart two spellings are.</summary>
internal static class Spelling
{
    private const int Longest = 60;

    /// <summary>Letters to add, remove or change, regardless of case; the limit when it is that or more.</summary>
    public static int Distance(string left, string right, int limit)
    {
        if (Math.Abs(left.Length - right.Length) >= limit || left.Length > Longest || right.Length > Longest)
            return limit;
        Span<int> row = stackalloc int[Longest + 1];
        for (var j = 0; j <= right.Length; j++)
            row[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var change = diagonal + (char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return Math.Min(limit, row[right.Length]);
    }
}
