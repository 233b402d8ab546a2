namespace Countersign.Feel.Checks;

/// <summary>A mistake that can be seen in an expression without evaluating it.</summary>
/// <param name="Rule">What kind of mistake, a stable id such as <c>feel.unknown-name</c>.</param>
/// <param name="Position">Where in the text, in characters from the beginning.</param>
/// <param name="Length">How many characters it concerns.</param>
/// <param name="Sentence">What is wrong, in words a business person understands.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record FeelFinding(string Rule, int Position, int Length, string Sentence, string Remedy);

/// <summary>What is known about the names an expression will see.</summary>
public sealed record FeelKnownNames
{
    /// <summary>Nothing is known: no name is unknown, no variable has a type.</summary>
    public static FeelKnownNames None { get; } = new();

    /// <summary>
    /// Names with their types as FEEL writes them (<c>number</c>, <c>list&lt;string&gt;</c>, <c>context&lt;id: string&gt;</c>); null or
    /// text that is no type means any value.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Names { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Whether these are all names there will be, so that any other is a mistake. Default false.</summary>
    public bool IsComplete { get; init; }
}
