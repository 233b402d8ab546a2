using System.Text;
using Countersign.Feel.Checks;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Dmn;

/// <summary>A boxed expression: evaluated like a node of FEEL, but it has no text of its own.</summary>
internal abstract class BoxedNode : Node
{
    public override int Strength => Binding.Primary;

    public override void Print(StringBuilder text) => text.Append("null");
}

/// <summary>An expression that could not be compiled: null, with the reason.</summary>
internal sealed class Broken(string reason) : BoxedNode
{
    public override IEnumerable<Node> Children => [];

    public override FeelValue Evaluate(FeelRun run, FeelScope scope) => run.Fail(reason);
}

/// <summary>An expression with a declared type.</summary>
internal sealed class Typed(Node inner, FeelType type, string what) : BoxedNode
{
    public override IEnumerable<Node> Children => [inner];

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        check.WantAssignable(inner, check.Visit(inner, scope), type, $"The value of {what}");
        return type;
    }

    public override FeelValue Evaluate(FeelRun run, FeelScope scope) => DmnEvaluation.Coerce(run, type, inner.Evaluate(run, scope), what);
}

/// <summary>A boxed context: entries that see those before them; an entry without name is the result.</summary>
internal sealed class BoxedContext((string? Name, Node Value)[] entries) : BoxedNode
{
    public override IEnumerable<Node> Children => entries.Select(e => e.Value);

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var known = new Dictionary<string, FeelType>(StringComparer.Ordinal);
        var inner = scope.With(known);
        foreach (var (name, node) in entries)
        {
            var type = check.Visit(node, inner);
            if (name is null)
                return type;
            known[name] = type;
        }
        return new ContextType([.. known.Select(k => (k.Key, k.Value))]);
    }

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        var builder = new FeelContextBuilder();
        var inner = new BuilderScope(builder, scope);
        foreach (var (name, node) in entries)
        {
            var value = node.Evaluate(run, inner);
            if (name is null)
                return value;
            builder.Set(name, value);
        }
        return run.Context(builder);
    }
}

/// <summary>A relation: rows of named cells, a list of contexts.</summary>
internal sealed class Relation(string[] columns, Node[][] rows) : BoxedNode
{
    public override IEnumerable<Node> Children => rows.SelectMany(r => r);

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var types = new FeelType?[columns.Length];
        foreach (var row in rows)
        {
            for (var c = 0; c < row.Length; c++)
            {
                var type = check.Visit(row[c], scope);
                if (c < types.Length)
                    types[c] = types[c] is { } before ? TypeCheck.Either(before, type) : type;
            }
        }
        return new ListType(new ContextType([.. columns.Select((name, c) => (name, types[c] ?? FeelType.Unknown))]));
    }

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        var items = new FeelValue[rows.Length];
        for (var r = 0; r < rows.Length; r++)
        {
            var builder = new FeelContextBuilder();
            for (var c = 0; c < columns.Length; c++)
                builder.Set(columns[c], c < rows[r].Length ? rows[r][c].Evaluate(run, scope) : FeelValue.Null);
            items[r] = run.Context(builder);
        }
        return run.List(items);
    }
}

/// <summary>A boxed function.</summary>
internal sealed class BoxedFunction(string name, Parameter[] parameters, FeelType? result, Node body) : BoxedNode
{
    public override IEnumerable<Node> Children => [body];

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var inner = parameters.DistinctBy(p => p.Name, StringComparer.Ordinal).ToDictionary(p => p.Name, p => p.Type ?? FeelType.Unknown, StringComparer.Ordinal);
        var inferred = check.Visit(body, scope.With(inner));
        return new FunctionType([.. parameters.Select(p => p.Type ?? FeelType.Unknown)], result ?? inferred);
    }

    public override FeelValue Evaluate(FeelRun run, FeelScope scope) => new Closure(name, parameters, result, body, scope);
}

/// <summary>A boxed conditional: unlike FEEL's <c>if</c>, its condition must be true, false or null.</summary>
internal sealed class BoxedConditional(Node condition, Node then, Node otherwise) : BoxedNode
{
    public override IEnumerable<Node> Children => [condition, then, otherwise];

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        check.WantBoolean(condition, check.Visit(condition, scope), "The condition");
        return TypeCheck.Either(check.Visit(then, scope), check.Visit(otherwise, scope));
    }

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        var answer = condition.Evaluate(run, scope);
        if (answer is not (FeelBoolean or FeelNull))
            return run.Fail($"The condition must be true or false, not {Words.Kind(answer)}.");
        return (answer.IsTrue ? then : otherwise).Evaluate(run, scope);
    }
}

/// <summary>A boxed filter: the condition must be true or false for every member.</summary>
internal sealed class BoxedFilter(Node source, Node match) : BoxedNode
{
    public override IEnumerable<Node> Children => [source, match];

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var item = TypeCheck.ItemOf(check.Visit(source, scope));
        check.WantBoolean(match, check.Visit(match, scope.WithItem(item)), "The condition of a filter");
        return new ListType(item);
    }

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        var value = source.Evaluate(run, scope);
        if (value.IsNull)
            return value;
        var list = value as FeelList ?? FeelList.Of(value);
        var kept = new List<FeelValue>();
        foreach (var item in list.Items)
        {
            run.Step();
            if (match.Evaluate(run, new ItemScope(item, scope)) is not FeelBoolean answer)
                return run.Fail("The condition of a filter must be true or false for every member.");
            if (answer.Value)
                kept.Add(item);
        }
        return run.List(kept);
    }
}
