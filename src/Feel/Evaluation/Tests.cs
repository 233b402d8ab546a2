using System.Text;
using Countersign.Feel.Checks;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Evaluation;

/// <summary>A unary test: a question about one value, which is <c>?</c> inside.</summary>
internal abstract class Test : Node
{
    public override int Strength => Binding.Primary;

    /// <summary>Whether the value passes: true, false or null.</summary>
    public abstract FeelValue Applies(FeelRun run, FeelScope scope, FeelValue value);

    /// <summary>Looks for mistakes, given the type of the tested value.</summary>
    public abstract void CheckAgainst(TypeCheck check, TypeScope scope, FeelType input);

    public sealed override FeelType Check(TypeCheck check, TypeScope scope)
    {
        CheckAgainst(check, scope, scope.Find("?") ?? FeelType.Unknown);
        return FeelType.Boolean;
    }

    public sealed override FeelValue Evaluate(FeelRun run, FeelScope scope)
        => Applies(run, scope, scope.TryGet("?", out var value) ? value : FeelValue.Null);
}

/// <summary><c>-</c>: everything passes.</summary>
internal sealed class AnyTest : Test
{
    public override IEnumerable<Node> Children => [];

    public override FeelValue Applies(FeelRun run, FeelScope scope, FeelValue value) => FeelValue.True;

    public override void CheckAgainst(TypeCheck check, TypeScope scope, FeelType input)
    {
        // Everything passes, whatever its type.
    }

    public override void Print(StringBuilder text) => text.Append('-');
}

/// <summary><c>&lt; 5</c>.</summary>
internal sealed class ComparisonTest(Comparator comparator, Node end) : Test
{
    private readonly FeelValue? _constant = end.Constant;

    public Comparator Comparator => comparator;

    public Node End => end;

    public override IEnumerable<Node> Children => [end];

    public override string Label => comparator.Sign();

    public override FeelValue Applies(FeelRun run, FeelScope scope, FeelValue value)
    {
        run.Step();
        var limit = _constant ?? end.Evaluate(run, scope);
        if (value is FeelNumber x && limit is FeelNumber y)
            return FeelValue.From(comparator.Holds(x.Value.CompareTo(y.Value)));
        return comparator.Apply(run, value, limit) is { } answer
            ? FeelValue.From(answer)
            : run.Fail(this, $"{Words.Kind(value)} and {Words.Kind(limit)} cannot be compared with '{comparator.Sign()}'.");
    }

    public override void CheckAgainst(TypeCheck check, TypeScope scope, FeelType input)
        => check.WantComparable(this, input, check.Visit(end, scope), comparator is not (Comparator.Equal or Comparator.NotEqual));

    public override void Print(StringBuilder text)
    {
        text.Append(comparator.Sign()).Append(' ');
        PrintChild(text, end, Binding.Sum);
    }
}

/// <summary>An expression: passes when it equals the value, contains it, or says true about <c>?</c>.</summary>
internal sealed class ExpressionTest(Node expression, bool usesInput) : Test
{
    private readonly FeelValue? _constant = usesInput ? null : expression.Constant;

    // The commonest question of all is a text among texts.
    private readonly string[]? _texts = !usesInput && expression.Constant is FeelList list && list.All(item => item is FeelString) ? [.. list.Select(item => ((FeelString)item).Value)] : null;

    public Node Expression => expression;

    /// <summary>Whether it speaks of <c>?</c> itself.</summary>
    public bool UsesInput => usesInput;

    public override IEnumerable<Node> Children => [expression];

    public override FeelValue Applies(FeelRun run, FeelScope scope, FeelValue value)
    {
        run.Step();
        if (_texts is not null && value is FeelString text)
            return IsAmong(run, text.Value, _texts);
        if (_constant is not null)
            return Matches(run, value, _constant);
        var result = expression.Evaluate(run, usesInput ? new NameScope("?", value, scope) : scope);
        if (usesInput && result is FeelBoolean)
            return result;
        return Matches(run, value, result);
    }

    public override void CheckAgainst(TypeCheck check, TypeScope scope, FeelType input)
    {
        var result = check.Visit(expression, usesInput ? scope.With("?", input) : scope);
        var kind = TypeCheck.KindOf(result);
        if (kind is FeelKind.Boolean && TypeCheck.KindOf(input) is not FeelKind.Boolean)
            return;
        if (kind is FeelKind.Range && TypeCheck.KindOf(input) is not FeelKind.Range)
            check.WantComparable(this, input, TypeCheck.ItemOf(result), needsOrder: true);
        else if (kind is FeelKind.List && TypeCheck.KindOf(input) is not FeelKind.List)
            check.WantComparable(this, input, Inside(result), needsOrder: false);
        else
            check.WantComparable(this, input, result, needsOrder: false);
    }

    // Members may be lists and ranges themselves.
    private static FeelType Inside(FeelType list) => TypeCheck.ItemOf(list).Unwrap() is SimpleType item ? item : FeelType.Unknown;

    public override void Print(StringBuilder text) => expression.Print(text);

    private FeelValue Matches(FeelRun run, FeelValue value, FeelValue result)
    {
        switch (result)
        {
            case FeelRange range when value is not FeelRange:
                return FeelComparison.Contains(range, value) is { } contained
                    ? FeelValue.From(contained)
                    : run.Fail(this, $"{Words.Kind(value)} cannot be compared with the ends of this range.");
            case FeelRange range:
                return FeelValue.From(run.AreEqual(range, value) == true);
            case FeelList list when value is FeelList && run.AreEqual(value, list) == true:
                return FeelValue.True;
            case FeelList list:
                return InList(run, value, list);
            case FeelBoolean when value is not (FeelBoolean or FeelNull):
                return result;
            default:
                return run.AreEqual(value, result) is { } equal
                    ? FeelValue.From(equal)
                    : run.Fail(this, $"{Words.Kind(value)} and {Words.Kind(result)} cannot be compared.");
        }
    }

    private static FeelValue InList(FeelRun run, FeelValue value, FeelList list)
    {
        foreach (var item in list.Items)
        {
            run.Step();
            if (item is FeelRange range && value is not FeelRange ? FeelComparison.Contains(range, value) == true : run.AreEqual(value, item) == true)
                return FeelValue.True;
            if (item is FeelList inner && value is not FeelList && InList(run, value, inner).IsTrue)
                return FeelValue.True;
        }
        return FeelValue.False;
    }

    private static FeelValue IsAmong(FeelRun run, string text, string[] texts)
    {
        foreach (var one in texts)
        {
            run.Step();
            if (string.Equals(one, text, StringComparison.Ordinal))
                return FeelValue.True;
        }
        return FeelValue.False;
    }
}

/// <summary>Tests separated by commas, one of which must pass, or none with <c>not(...)</c>.</summary>
internal sealed class TestList(Test[] tests, bool negated) : Test
{
    public Test[] Tests => tests;

    public bool IsNegated => negated;

    public override IEnumerable<Node> Children => tests;

    public override string Label => negated ? "not" : "";

    public override FeelValue Applies(FeelRun run, FeelScope scope, FeelValue value)
    {
        FeelValue answer = FeelValue.False;
        foreach (var test in tests)
        {
            var one = test.Applies(run, scope, value);
            if (one.IsTrue)
                return FeelValue.From(!negated);
            if (one.IsNull)
                answer = one;
        }
        if (!negated)
            return answer;
        return answer.IsNull ? answer : FeelValue.True;
    }

    public override void CheckAgainst(TypeCheck check, TypeScope scope, FeelType input)
    {
        foreach (var test in tests)
            check.VisitTest(test, scope, input);
    }

    public override void Print(StringBuilder text)
    {
        if (negated)
            text.Append("not(");
        for (var i = 0; i < tests.Length; i++)
        {
            if (i > 0)
                text.Append(", ");
            tests[i].Print(text);
        }
        if (negated)
            text.Append(')');
    }
}
