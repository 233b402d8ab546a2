namespace Countersign.Feel;

/// <summary>What an evaluation may know and spend.</summary>
public sealed record FeelOptions
{
    /// <summary>
    /// The moment <c>now()</c> and <c>today()</c> answer with, given by the caller. Unset, both answer null with a warning: the
    /// language has no clock of its own.
    /// </summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary>What the evaluation may spend; the default suits conditions and decision tables.</summary>
    public FeelBudget Budget { get; init; } = FeelBudget.Default;

    /// <summary>Ends the evaluation from outside; looked at every thousand steps.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Options without a clock, with the default budget.</summary>
    public static FeelOptions Default { get; } = new();
}

/// <summary>
/// Deterministic limits: the same expression on the same values spends the same on every machine. An evaluation that would go
/// beyond one ends with a <see cref="FeelFailure"/>.
/// </summary>
public sealed record FeelBudget
{
    /// <summary>The default limits.</summary>
    public static FeelBudget Default { get; } = new();

    /// <summary>Evaluation steps: one for each operation, list member and 16 characters of text made. Default 1,000,000 (some 50 ms).</summary>
    public long Steps { get; init; } = 1_000_000;

    /// <summary>Nested operations, function calls included. Default and highest useful value 2,000.</summary>
    public int Depth { get; init; } = 2_000;

    /// <summary>Members of one list or entries of one context. Default 100,000.</summary>
    public int ListLength { get; init; } = 100_000;

    /// <summary>Characters of one string. Default 1,000,000.</summary>
    public int StringLength { get; init; } = 1_000_000;

    /// <summary>Characters that the result has as text (<see cref="Values.FeelValue.Size"/>): what is built of shared parts can be far longer than what was spent on it. Default 4,000,000.</summary>
    public int ResultLength { get; init; } = 4_000_000;
}

/// <summary>What to know when an expression is compiled.</summary>
public sealed record FeelCompileOptions
{
    /// <summary>Options without known names.</summary>
    public static FeelCompileOptions Default { get; } = new();

    /// <summary>
    /// Names that the expression may use, so that names with spaces or signs are read as one name (<c>Monthly Salary</c>,
    /// <c>order-id</c>). Without them, words in a row are read as one name and signs as operators.
    /// </summary>
    public IReadOnlyCollection<string> Names { get; init; } = [];

    /// <summary>Longest text accepted, in characters. Default 100,000.</summary>
    public int MaxLength { get; init; } = 100_000;

    internal IReadOnlyDictionary<string, Types.FeelType>? ModelTypes { get; init; }

    internal Parsing.FeelNames? ModelNames { get; init; }
}
