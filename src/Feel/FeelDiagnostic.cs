using System.Collections.Immutable;

namespace Countersign.Feel;

/// <summary>Something wrong with an expression's text.</summary>
/// <param name="Position">Where, in characters from the beginning, 0 first.</param>
/// <param name="Length">How many characters it concerns, at least 0.</param>
/// <param name="Message">What is wrong and what to do, in words a business person understands.</param>
public sealed record FeelDiagnostic(int Position, int Length, string Message);

/// <summary>Something odd during an evaluation that made a value null.</summary>
/// <param name="Position">Where in the expression's text, in characters.</param>
/// <param name="Length">How many characters it concerns.</param>
/// <param name="Message">What happened.</param>
public sealed record FeelWarning(int Position, int Length, string Message);

/// <summary>Why an evaluation was ended.</summary>
public enum FeelFailureReason
{
    /// <summary>More steps than the budget allows.</summary>
    Steps,

    /// <summary>Nested deeper than the budget allows.</summary>
    Depth,

    /// <summary>A list or context larger than the budget allows.</summary>
    ListLength,

    /// <summary>A string longer than the budget allows.</summary>
    StringLength,

    /// <summary>A result that is longer as text than the budget allows.</summary>
    ResultLength,

    /// <summary>The caller cancelled.</summary>
    Cancelled,
}

/// <summary>An evaluation that was ended before it had a value.</summary>
/// <param name="Reason">Which limit ended it.</param>
/// <param name="Message">What happened and what to do.</param>
public sealed record FeelFailure(FeelFailureReason Reason, string Message);

/// <summary>What compiling gave: an expression, or errors that say why not.</summary>
/// <param name="Expression">The expression; null when there are errors.</param>
/// <param name="Errors">All errors found, in order of position.</param>
public sealed record FeelCompilation(FeelExpression? Expression, ImmutableArray<FeelDiagnostic> Errors)
{
    /// <summary>Whether there is an expression.</summary>
    public bool Succeeded => Expression is not null;
}

/// <summary>What an evaluation gave.</summary>
/// <param name="Value">The value; null when the evaluation failed.</param>
/// <param name="Warnings">The first 32 reasons for values that became null.</param>
/// <param name="Failure">Set when the evaluation was ended by its budget or by the caller.</param>
public readonly record struct FeelResult(Values.FeelValue Value, ImmutableArray<FeelWarning> Warnings, FeelFailure? Failure)
{
    /// <summary>Evaluation steps spent: the same for the same expression on the same values, on every machine.</summary>
    public long Steps { get; init; }
}
