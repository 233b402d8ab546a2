using Countersign.Feel.Dmn;

namespace Countersign.Feel.Checks;

/// <summary>A mistake that can be seen in a model without evaluating it.</summary>
/// <param name="Rule">What kind of mistake, a stable id such as <c>table.gap</c>.</param>
/// <param name="Severity">Error when it can never work, warning when it goes wrong for some inputs only.</param>
/// <param name="ElementId">The id of the nearest element that has one.</param>
/// <param name="Line">The line in the document, 1 first; 0 when unknown.</param>
/// <param name="Sentence">What is wrong.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record DmnFinding(string Rule, DmnSeverity Severity, string ElementId, int Line, string Sentence, string Remedy);

/// <summary>What is known about the inputs a model will get.</summary>
public sealed record DmnCheckOptions
{
    /// <summary>Nothing is known: any name that the model does not declare may be given.</summary>
    public static DmnCheckOptions Default { get; } = new();

    /// <summary>
    /// All names that will be given, so that any other is a mistake; with their types as FEEL writes them, null for any. Null (the
    /// default) when they are not known.
    /// </summary>
    public IReadOnlyDictionary<string, string?>? Given { get; init; }
}
