using System.Text;
using Countersign.Feel.Checks;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Evaluation;

/// <summary><c>a = b</c> and the other comparisons.</summary>
internal sealed class Comparison(Comparator comparator, Node left, Node right) : Node
{
    private readonly FeelValue? _constant = right.Constant;

    public Comparator Comparator => comparator;

    public Node Left => left;

    public Node Right => right;

    public override int Strength => Binding.Comparison;

    public override IEnumerable<Node> Children => [left, right];

    public override string Label => comparator.Sign();

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        var a = left.Evaluate(run, scope);
        var b = _constant ?? right.Evaluate(run, scope);
        if (a is FeelNumber x && b is FeelNumber y)
            return FeelValue.From(comparator.Holds(x.Value.CompareTo(y.Value)));
        return comparator.Apply(run, a, b) is { } answer
            ? FeelValue.From(answer)
            : run.Fail(this, $"{Words.Kind(a)} and {Words.Kind(b)} cannot be compared with '{comparator.Sign()}'.");
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        check.WantComparable(this, check.Visit(left, scope), check.Visit(right, scope), comparator is not (Comparator.Equal or Comparator.NotEqual));
        return FeelType.Boolean;
    }

    public override void Print(StringBuilder text)
    {
        PrintChild(text, left, Binding.Comparison);
        text.Append(' ').Append(comparator.Sign()).Append(' ');
        PrintChild(text, right, Binding.Sum);
    }
}

/// <summary><c>a and b</c>, <c>a or b</c> with three truth values.</summary>
internal sealed class Junction(bool isAnd, Node left, Node right) : Node
{
    public bool IsAnd => isAnd;

    public Node Left => left;

    public Node Right => right;

    public override int Strength => isAnd ? Binding.And : Binding.Or;

    public override IEnumerable<Node> Children => [left, right];

    public override string Label => isAnd ? "and" : "or";

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        // The absorbing value decides alone: false for and, true for or.
        var absorbing = isAnd ? FeelValue.False : FeelValue.True;
        var a = left.Evaluate(run, scope);
        if (ReferenceEquals(a, absorbing))
            return absorbing;
        var b = right.Evaluate(run, scope);
        if (ReferenceEquals(b, absorbing))
            return absorbing;
        return a is FeelBoolean && b is FeelBoolean ? b : FeelValue.Null;
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        check.WantBoolean(left, check.Visit(left, scope), $"What stands before '{Label}'");
        check.WantBoolean(right, check.Visit(right, scope), $"What stands after '{Label}'");
        return FeelType.Boolean;
    }

    public override void Print(StringBuilder text)
    {
        PrintChild(text, left, Strength);
        text.Append(isAnd ? " and " : " or ");
        PrintChild(text, right, Strength + 1);
    }
}

/// <summary><c>a between b and c</c>.</summary>
internal sealed class Between(Node value, Node low, Node high) : Node
{
    public override int Strength => Binding.Comparison;

    public override IEnumerable<Node> Children => [value, low, high];

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        var tested = value.Evaluate(run, scope);
        var from = FeelComparison.Compare(tested, low.Evaluate(run, scope));
        var to = FeelComparison.Compare(tested, high.Evaluate(run, scope));
        return from is null || to is null
            ? run.Fail(this, "'between' needs three values of one kind that can be ordered.")
            : FeelValue.From(from >= 0 && to <= 0);
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var tested = check.Visit(value, scope);
        check.WantComparable(this, tested, check.Visit(low, scope), needsOrder: true);
        check.WantComparable(this, tested, check.Visit(high, scope), needsOrder: true);
        return FeelType.Boolean;
    }

    public override void Print(StringBuilder text)
    {
        PrintChild(text, value, Binding.Sum);
        text.Append(" between ");
        PrintChild(text, low, Binding.Sum);
        text.Append(" and ");
        PrintChild(text, high, Binding.Sum);
    }
}

/// <summary><c>a in (tests)</c>.</summary>
internal sealed class Membership(Node value, Test[] tests) : Node
{
    public Node Value => value;

    public Test[] Tests => tests;

    public override int Strength => Binding.Comparison;

    public override IEnumerable<Node> Children => [value, .. tests];

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        var tested = value.Evaluate(run, scope);
        if (tests.Length == 1)
            return tests[0].Applies(run, scope, tested);
        FeelValue answer = FeelValue.False;
        foreach (var test in tests)
        {
            var one = test.Applies(run, scope, tested);
            if (one.IsTrue)
                return one;
            if (one.IsNull)
                answer = one;
        }
        return answer;
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var tested = check.Visit(value, scope);
        foreach (var test in tests)
            check.VisitTest(test, scope, tested);
        return FeelType.Boolean;
    }

    public override void Print(StringBuilder text)
    {
        PrintChild(text, value, Binding.Sum);
        text.Append(" in (");
        for (var i = 0; i < tests.Length; i++)
        {
            if (i > 0)
                text.Append(", ");
            tests[i].Print(text);
        }
        text.Append(')');
    }
}

/// <summary><c>a instance of T</c>.</summary>
internal sealed class InstanceOf(Node value, FeelType type) : Node
{
    public override int Strength => Binding.InstanceOf;

    public override IEnumerable<Node> Children => [value];

    public override string Label => type.ToString()!;

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        return FeelValue.From(type.Includes(run, value.Evaluate(run, scope)));
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        _ = check.Visit(value, scope);
        return FeelType.Boolean;
    }

    public override void Print(StringBuilder text)
    {
        PrintChild(text, value, Binding.InstanceOf);
        text.Append(" instance of ").Append(type);
    }
}

/// <summary><c>if a then b else c</c>: anything but true takes the else branch.</summary>
internal sealed class Conditional(Node condition, Node then, Node otherwise) : Node
{
    public override int Strength => Binding.Loose;

    public override IEnumerable<Node> Children => [condition, then, otherwise];

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        return (condition.Evaluate(run, scope).IsTrue ? then : otherwise).Evaluate(run, scope);
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        check.WantBoolean(condition, check.Visit(condition, scope), "The condition");
        return TypeCheck.Either(check.Visit(then, scope), check.Visit(otherwise, scope));
    }

    public override void Print(StringBuilder text)
    {
        condition.Print(text.Append("if "));
        then.Print(text.Append(" then "));
        otherwise.Print(text.Append(" else "));
    }
}
