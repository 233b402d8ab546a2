using System.Text;
using Countersign.Feel.Checks;
using Countersign.Feel.Parsing;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Evaluation;

/// <summary>One <c>name in values</c> or <c>name in from..to</c> of a loop.</summary>
internal sealed record Iteration(string Name, Node From, Node? To)
{
    public IEnumerable<Node> Nodes => To is null ? [From] : [From, To];

    public void Print(StringBuilder text)
    {
        FeelNames.Print(text, Name);
        From.Print(text.Append(" in "));
        To?.Print(text.Append(".."));
    }
}

/// <summary><c>for i in list return expression</c>; several loops nest from left to right.</summary>
internal sealed class ForLoop(Iteration[] iterations, Node body) : Node
{
    public override int Strength => Binding.Loose;

    public override IEnumerable<Node> Children => [.. iterations.SelectMany(i => i.Nodes), body];

    public override string Label => string.Join('|', iterations.Select(i => i.Name + (i.To is null ? "" : "..")));

    public override IEnumerable<string> Binds => [.. iterations.Select(i => i.Name), "partial"];

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        var results = new List<FeelValue>();
        return Loop(run, scope, 0, results) ? run.List(results) : FeelValue.Null;
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var inner = Iterations.Check(check, scope, iterations);
        return new ListType(check.Visit(body, inner.With("partial", new ListType(FeelType.Unknown))));
    }

    public override void Print(StringBuilder text)
    {
        Iterations.Print(text.Append("for "), iterations);
        body.Print(text.Append(" return "));
    }

    private bool Loop(FeelRun run, FeelScope scope, int at, List<FeelValue> results)
    {
        if (at == iterations.Length)
        {
            run.CheckList(results.Count + 1L);
            results.Add(body.Evaluate(run, new PartialScope(run, results, scope)));
            return true;
        }
        var source = Iterations.Source(run, scope, iterations[at]);
        if (source is null)
        {
            _ = run.Fail(this, $"'{iterations[at].Name}' has nothing to go through: a loop needs a list, or a range of whole numbers or dates.");
            return false;
        }
        foreach (var value in source)
        {
            run.Step();
            if (!Loop(run, new NameScope(iterations[at].Name, value, scope), at + 1, results))
                return false;
        }
        return true;
    }

    /// <summary>The results so far, as <c>partial</c>; made only when asked for.</summary>
    private sealed class PartialScope(FeelRun run, List<FeelValue> results, FeelScope parent) : FeelScope(parent)
    {
        internal override FeelValue? Find(string name) => string.Equals(name, "partial", StringComparison.Ordinal) ? run.List(results) : null;
    }
}

/// <summary><c>some x in list satisfies condition</c> and <c>every</c>.</summary>
internal sealed class Quantified(bool isSome, Iteration[] iterations, Node condition) : Node
{
    public override int Strength => Binding.Loose;

    public override IEnumerable<Node> Children => [.. iterations.SelectMany(i => i.Nodes), condition];

    public override string Label => (isSome ? "some" : "every") + string.Join('|', iterations.Select(i => i.Name));

    public override IEnumerable<string> Binds => iterations.Select(i => i.Name);

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        return Loop(run, scope, 0);
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        check.WantBoolean(condition, check.Visit(condition, Iterations.Check(check, scope, iterations)), "The condition after 'satisfies'");
        return FeelType.Boolean;
    }

    public override void Print(StringBuilder text)
    {
        Iterations.Print(text.Append(isSome ? "some " : "every "), iterations);
        condition.Print(text.Append(" satisfies "));
    }

    private FeelValue Loop(FeelRun run, FeelScope scope, int at)
    {
        if (at == iterations.Length)
            return condition.Evaluate(run, scope) is FeelBoolean answer ? answer : run.Fail(condition, "The condition is neither true nor false.");
        var source = Iterations.Source(run, scope, iterations[at]);
        if (source is null)
            return run.Fail(this, $"'{iterations[at].Name}' has nothing to go through: a list is needed.");
        // The deciding value ends the search: true for some, false for every.
        var deciding = FeelValue.From(isSome);
        FeelValue result = FeelValue.From(!isSome);
        foreach (var value in source)
        {
            run.Step();
            var one = Loop(run, new NameScope(iterations[at].Name, value, scope), at + 1);
            if (ReferenceEquals(one, deciding))
                return deciding;
            if (one.IsNull)
                result = one;
        }
        return result;
    }
}

internal static class Iterations
{
    public static void Print(StringBuilder text, Iteration[] iterations)
    {
        for (var i = 0; i < iterations.Length; i++)
        {
            if (i > 0)
                text.Append(", ");
            iterations[i].Print(text);
        }
    }

    /// <summary>Checks what is gone through, and gives the layer with the loops' names.</summary>
    public static TypeScope Check(TypeCheck check, TypeScope scope, Iteration[] iterations)
    {
        foreach (var iteration in iterations)
        {
            var from = check.Visit(iteration.From, scope);
            if (iteration.To is null)
            {
                scope = scope.With(iteration.Name, TypeCheck.ItemOf(from));
                continue;
            }
            check.WantComparable(iteration.To, from, check.Visit(iteration.To, scope), needsOrder: true);
            scope = scope.With(iteration.Name, from);
        }
        return scope;
    }

    /// <summary>The values to go through; null when there is nothing of the kind.</summary>
    public static IEnumerable<FeelValue>? Source(FeelRun run, FeelScope scope, Iteration iteration)
    {
        var from = iteration.From.Evaluate(run, scope);
        if (iteration.To is not null)
            return Members(from, iteration.To.Evaluate(run, scope), skipFirst: false, skipLast: false);
        return from switch
        {
            FeelList list => list,
            FeelRange range => Members(range.Start, range.End, !range.StartIncluded, !range.EndIncluded),
            FeelNull => null,
            _ => [from],
        };
    }

    private static IEnumerable<FeelValue>? Members(FeelValue from, FeelValue to, bool skipFirst, bool skipLast)
    {
        if (from is FeelNumber a && to is FeelNumber b && a.Value.TryToInt64(out var first) && b.Value.TryToInt64(out var last))
            return Count(first, last, skipFirst, skipLast, FeelNumber.From);
        if (from is FeelDate start && to is FeelDate end)
            return Count(start.EpochDay, end.EpochDay, skipFirst, skipLast, day => FeelDate.TryFromEpochDay(day, out var date) ? date : FeelValue.Null);
        return null;
    }

    private static IEnumerable<FeelValue> Count(long first, long last, bool skipFirst, bool skipLast, Func<long, FeelValue> make)
    {
        var step = first <= last ? 1 : -1;
        for (var i = first; ; i += step)
        {
            if (!((skipFirst && i == first) || (skipLast && i == last)))
                yield return make(i);
            if (i == last)
                yield break;
        }
    }
}
