using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Countersign.Feel.Values;

namespace Countersign.Feel.Evaluation;

/// <summary>One evaluation: what is left of its budget, and its warnings.</summary>
internal sealed class FeelRun
{
    private const int MostWarnings = 32;
    private const int DeepestValue = 200;
    private const int CharactersPerStep = 16;
    private const int ShallowDepth = 24;

    [ThreadStatic]
    private static FeelRun? _spare;

    private bool _isRented;
    private FeelBudget _budget = FeelBudget.Default;
    private long _left;
    private long _nextLook;
    private int _depth;
    private List<FeelWarning>? _warnings;

    public FeelOptions Options { get; private set; } = FeelOptions.Default;

    public FeelBudget Budget => _budget;

    /// <summary>Steps spent so far.</summary>
    public long Spent => _budget.Steps - _left;

    public ImmutableArray<FeelWarning> Warnings => _warnings is null ? [] : [.. _warnings];

    /// <summary>What rules matched, when the caller wants to know.</summary>
    public List<Dmn.DmnTableTrace>? Traces { get; set; }

    public static FeelRun Rent(FeelOptions options)
    {
        // One run a thread is kept; an evaluation inside another gets its own.
        var run = _spare;
        if (run is null)
            _spare = run = new FeelRun();
        else if (run._isRented)
            run = new FeelRun();
        run._isRented = true;
        run.Options = options;
        run._budget = options.Budget;
        run._left = run._budget.Steps;
        run._nextLook = run._left;
        return run;
    }

    public void Return()
    {
        Options = FeelOptions.Default;
        _depth = 0;
        _warnings = null;
        Traces = null;
        _isRented = false;
    }

    /// <summary>Charges one step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Step()
    {
        if (--_left < _nextLook)
            Look();
    }

    /// <summary>Charges several steps.</summary>
    public void Charge(long steps)
    {
        _left -= steps;
        if (_left < _nextLook)
            Look();
    }

    /// <summary>Enters something nested by a number of levels; pair with <see cref="Leave"/>.</summary>
    public void Enter(int levels)
    {
        _depth += levels;
        // The look at the stack costs more than a small evaluation, and a shallow tree needs none.
        if (_depth <= ShallowDepth && _depth <= _budget.Depth)
            return;
        if (_depth > _budget.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Exceeded(FeelFailureReason.Depth, $"The evaluation is nested deeper than {_budget.Depth} levels. Look for a function that calls itself without end.");
    }

    public void Leave(int levels) => _depth -= levels;

    public FeelString Text(string text)
    {
        if (text.Length > _budget.StringLength)
            throw Exceeded(FeelFailureReason.StringLength, $"A text would be longer than {_budget.StringLength} characters. Make it shorter or split the work.");
        Charge(text.Length / CharactersPerStep);
        return new FeelString(text);
    }

    /// <summary>Refuses a text before it is made, and charges for it.</summary>
    public void CheckText(long length)
    {
        LimitText(length);
        Charge(length / CharactersPerStep);
    }

    /// <summary>Refuses a text that grows too long; it is charged when it is finished.</summary>
    public void LimitText(long length)
    {
        if (length > _budget.StringLength)
            throw Exceeded(FeelFailureReason.StringLength, $"A text would be longer than {_budget.StringLength} characters. Make it shorter or split the work.");
    }

    public void CheckList(long length)
    {
        if (length > _budget.ListLength)
            throw Exceeded(FeelFailureReason.ListLength, $"A list would have more than {_budget.ListLength} members. Filter or split it first.");
    }

    /// <summary>Refuses a result that could not be written down.</summary>
    public FeelValue Result(FeelValue value) => value.Size <= _budget.ResultLength ? value
        : throw Exceeded(FeelFailureReason.ResultLength, $"The result would be longer than {_budget.ResultLength} characters as text. Give less: a part of it, or a reference.");

    /// <summary>
    /// FEEL's <c>=</c>. Texts, lists and contexts are charged for by the length that they have as text, before they are walked through: built of shared parts, a value of sixty lists can be
    /// longer than all memory.
    /// </summary>
    public bool? AreEqual(FeelValue left, FeelValue right)
    {
        if (left.Kind == right.Kind && left.Kind is FeelKind.List or FeelKind.Context or FeelKind.Range or FeelKind.String)
            Charge(Math.Min(left.Size, right.Size) / CharactersPerStep);
        return FeelComparison.AreEqual(left, right);
    }

    public FeelList List(FeelValue[] items)
    {
        if (items.Length == 0)
            return FeelList.Empty;
        CheckList(items.Length);
        Charge(items.Length);
        var list = new FeelList(items);
        CheckNesting(list.Nesting);
        return list;
    }

    public FeelList List(List<FeelValue> items)
    {
        CheckList(items.Count);
        return List(items.ToArray());
    }

    public FeelContext Context(FeelContextBuilder builder)
    {
        CheckList(builder.Count);
        Charge(builder.Count);
        var context = builder.Build();
        CheckNesting(context.Nesting);
        return context;
    }

    /// <summary>Notes why a value is null and returns null.</summary>
    public FeelValue Fail(Node at, string message)
    {
        _warnings ??= [];
        if (_warnings.Count < MostWarnings)
            _warnings.Add(new FeelWarning(at.Position, at.Length, message));
        return FeelValue.Null;
    }

    /// <summary>Notes why a built-in function gave null and returns null.</summary>
    public FeelValue Fail(string message)
    {
        _warnings ??= [];
        if (_warnings.Count < MostWarnings)
            _warnings.Add(new FeelWarning(0, 0, message));
        return FeelValue.Null;
    }

    private void CheckNesting(int nesting)
    {
        if (nesting > DeepestValue)
            throw Exceeded(FeelFailureReason.Depth, $"A value would be nested deeper than {DeepestValue} levels.");
    }

    private void Look()
    {
        if (_left < 0)
            throw Exceeded(FeelFailureReason.Steps, $"The evaluation needs more than {_budget.Steps} steps. Make lists and ranges smaller, or ask for a larger budget.");
        if (Options.Cancellation.IsCancellationRequested)
            throw Exceeded(FeelFailureReason.Cancelled, "The evaluation was cancelled.");
        const int LookEvery = 1000;
        _nextLook = Math.Max(0, _left - LookEvery);
    }

    private static FeelStop Exceeded(FeelFailureReason reason, string message) => new(new FeelFailure(reason, message));
}

/// <summary>
/// Unwinds an evaluation that was ended by its budget. It is caught by the entry points of the library and never leaves it.
/// </summary>
[SuppressMessage("Design", "CA1032", Justification = "Thrown in one place, never leaves the library.")]
[SuppressMessage("Design", "CA1064", Justification = "Never leaves the library.")]
internal sealed class FeelStop(FeelFailure failure) : Exception
{
    public FeelFailure Failure { get; } = failure;
}
