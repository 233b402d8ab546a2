using System.Collections.Immutable;

namespace Countersign.Domain.Processes.Import;

/// <content>What was read so far, and how an exact translation puts it together.</content>
internal sealed partial class JuelParser
{
    /// <summary>The other engine's words; none of them can be a variable there.</summary>
    private static readonly ImmutableHashSet<string> Reserved = ["and", "or", "not", "eq", "ne", "lt", "gt", "le", "ge", "instanceof", "div", "mod"];

    /// <summary>What the other engine counts in a repetition, and what counts the same here.</summary>
    private static readonly ImmutableDictionary<string, string> Counters = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["nrOfInstances"] = "numberOfInstances",
        ["nrOfActiveInstances"] = "numberOfActiveInstances",
        ["nrOfCompletedInstances"] = "numberOfCompletedInstances",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    private readonly SortedSet<string> _variables = new(StringComparer.Ordinal);

    private enum Level
    {
        Lowest,
        Or,
        And,
        Comparison,
        Sum,
        Product,
        Highest,
    }

    /// <summary>The variables it takes, in order.</summary>
    public IEnumerable<string> Variables => _variables;

    /// <summary>Whether the whole can only give true or false.</summary>
    public bool IsTruth { get; private set; }

    /// <summary>Whether the whole is a time from now.</summary>
    public bool IsTime { get; private set; }

    private static string? Different(string name)
    {
        if (Reserved.Contains(name))
            return $"'{name}' cannot be a variable there.";
        if (Counters.TryGetValue(name, out var here))
            return $"'{name}' is called '{here}' here.";
        return name == "loopCounter" ? "'loopCounter' counts from 0 there and from 1 here." : null;
    }

    /// <summary>A side of and, or: JUEL takes null as false. A text there gives null in FEEL, and the evaluation stops.</summary>
    private Piece Truth(Piece side)
    {
        if (!isExact || side.IsTruth)
            return side;
        return side.IsPath ? new Piece($"({side.Text} != null and {side.Text})", Level.Highest, IsTruth: true) : Fail("'and' and 'or' are given something that is neither true nor false.");
    }

    private Piece Opposite(Piece what)
    {
        if (what.IsTruth)
            return new Piece($"not({what.Text})", Level.Highest, IsTruth: true);
        return what.IsPath ? new Piece($"({what.Text} = null or not({what.Text}))", Level.Highest, IsTruth: true) : Fail("'not' is given something that is neither true nor false.");
    }

    private Piece Negative()
    {
        if (!isExact)
            return new Piece($"-{Unary().At(Level.Highest)}", Level.Product);
        return _at < text.Length && char.IsAsciiDigit(text[_at]) && Number() is { IsLiteral: true } number ? number with { Text = "-" + number.Text } : Fail("It calculates, and nothing and texts count as numbers there.");
    }

    /// <summary>Equality means the same; an order with null is false in JUEL (and null in FEEL), but null is at most and at least null.</summary>
    private Piece Compared(Piece left, string sign, Piece right)
    {
        if (!left.IsPlain || !right.IsPlain)
            return Fail("It compares something else than variables, texts and numbers.");
        if (sign is "=" or "!=")
            return new Piece($"{left.Text} {sign} {right.Text}", Level.Comparison, IsTruth: true);
        if (left.Text == "null" || right.Text == "null")
            return Fail("It asks whether something is less or more than nothing.");
        var guards = string.Concat(new[] { left, right }.Where(p => p.IsPath).Select(p => p.Text + " != null and "));
        var ordered = $"({guards}{left.Text} {sign} {right.Text})";
        var nothing = left.IsPath && right.IsPath && sign.EndsWith('=') ? $"({left.Text} = null and {right.Text} = null or {ordered})" : ordered;
        return new Piece(nothing, Level.Highest, IsTruth: true);
    }

    /// <param name="Text">FEEL.</param>
    /// <param name="Binds">How strongly its outermost operator binds.</param>
    /// <param name="IsPath">A variable or a part of one.</param>
    /// <param name="IsLiteral">A text, a number, true, false or null.</param>
    /// <param name="IsTruth">Gives true or false, or null where it cannot be said.</param>
    /// <param name="IsTime">A time from now.</param>
    private readonly record struct Piece(string Text, Level Binds, bool IsPath = false, bool IsLiteral = false, bool IsTruth = false, bool IsTime = false)
    {
        public bool IsPlain => IsPath || IsLiteral;

        public string At(Level least) => Binds < least ? $"({Text})" : Text;
    }
}
