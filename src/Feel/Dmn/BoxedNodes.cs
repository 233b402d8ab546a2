using System.Text;
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

    public override FeelValue Evaluate(FeelRun run, FeelScope scope) => DmnEvaluation.Coerce(run, type, inner.Evaluate(run, scope), what);
}

/// <summary>A boxed context: entries that see those before them; an entry without name is the result.</summary>
internal sealed class BoxedContext((string? Name, Node Value)[] entries) : BoxedNode
{
    public override IEnumerable<Node> Children => entries.Select(e => e.Value);

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

    public override FeelValue Evaluate(FeelRun run, FeelScope scope) => new Closure(name, parameters, result, body, scope);
}

/// <summary>A boxed filter: like <c>list[condition]</c>, but an index stays a list's member.</summary>
internal sealed class BoxedFilter(Node source, Node match) : BoxedNode
{
    public override IEnumerable<Node> Children => [source, match];

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        var value = source.Evaluate(run, scope);
        if (value.IsNull)
            return value;
        var list = value as FeelList ?? FeelList.Of(value);
        return Filter.Select(run, list, item => match.Evaluate(run, new ItemScope(item, scope))) ?? run.Fail("A filter needs a condition.");
    }
}
