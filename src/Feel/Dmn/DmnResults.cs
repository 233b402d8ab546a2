using System.Collections.Immutable;
using Countersign.Feel.Values;

namespace Countersign.Feel.Dmn;

/// <summary>How bad a finding in a model is.</summary>
public enum DmnSeverity
{
    /// <summary>The model works, but not as its author may expect.</summary>
    Warning,

    /// <summary>Something in the model cannot work.</summary>
    Error,
}

/// <summary>A finding in a model.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="ElementId">The id of the nearest element that has one; empty when the whole document is concerned.</param>
/// <param name="Line">The line in the document, 1 first; 0 when unknown.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Expression">Where in an expression's text it is; null when it is not in one.</param>
public sealed record DmnDiagnostic(DmnSeverity Severity, string ElementId, int Line, string Message, FeelDiagnostic? Expression = null);

/// <summary>What loading gave.</summary>
/// <param name="Model">The model; null when the document could not be read at all. Decisions with errors give null.</param>
/// <param name="Diagnostics">All findings.</param>
public sealed record DmnLoadResult(DmnModel? Model, ImmutableArray<DmnDiagnostic> Diagnostics)
{
    /// <summary>Whether there is a model and no finding is an error.</summary>
    public bool Succeeded => Model is not null && !Diagnostics.Any(d => d.Severity == DmnSeverity.Error);
}

/// <summary>Limits and surroundings of loading.</summary>
public sealed record DmnLoadOptions
{
    /// <summary>The default limits, no imported models.</summary>
    public static DmnLoadOptions Default { get; } = new();

    /// <summary>Models that this one may import, found by their namespaces.</summary>
    public IReadOnlyCollection<DmnModel> Imports { get; init; } = [];

    /// <summary>Largest document in bytes. Default 5 MB.</summary>
    public int MaxBytes { get; init; } = 5 * 1024 * 1024;

    /// <summary>Deepest nesting of elements. Default 100.</summary>
    public int MaxDepth { get; init; } = 100;
}

/// <summary>What evaluating a decision gave.</summary>
/// <param name="Value">The decision's value; null when the evaluation failed.</param>
/// <param name="Tables">Every decision table that was evaluated on the way, in order.</param>
/// <param name="Warnings">The first reasons for values that became null.</param>
/// <param name="Failure">Set when the evaluation was ended by its budget or by the caller.</param>
public sealed record DmnResult(FeelValue Value, ImmutableArray<DmnTableTrace> Tables, ImmutableArray<FeelWarning> Warnings, FeelFailure? Failure)
{
    /// <summary>Evaluation steps spent.</summary>
    public long Steps { get; init; }
}

/// <summary>A decision, input, knowledge model or service of a model.</summary>
/// <param name="Id">The id within the model.</param>
/// <param name="Name">The name, as expressions use it.</param>
/// <param name="Type">The type it is declared with; null for none.</param>
public sealed record DmnElement(string Id, string Name, string? Type);
