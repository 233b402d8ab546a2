using System.Text;
using Countersign.Feel.Checks;
using Countersign.Feel.Functions;
using Countersign.Feel.Parsing;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Evaluation;

/// <summary>A number, string, boolean, null or <c>@"..."</c>.</summary>
internal sealed class Literal(FeelValue value, string? raw = null) : Node
{
    public FeelValue Value { get; } = value;

    public override FeelValue? Constant => raw is not null && Value.IsNull ? null : Value;

    public override int Strength => Binding.Primary;

    public override IEnumerable<Node> Children => [];

    public override string Label => raw is null ? Value.ToString() : "@" + raw;

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
        => raw is not null && Value.IsNull ? run.Fail(this, $"'{raw}' is no date, time or duration.") : Value;

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        if (raw is not null && Value.IsNull)
            check.Report(this, "feel.no-date", $"'{raw}' is no date, time or duration.", "Write it as in @\"2026-11-22\", @\"10:30:00\" or @\"P1D\".");
        return TypeCheck.OfKind(Value.Kind);
    }

    public override void Print(StringBuilder text)
    {
        if (raw is not null)
            text.Append('@').Append(FeelText.Quote(raw));
        else
            text.Append(Value.ToString());
    }
}

/// <summary>A name: a variable, or a built-in function.</summary>
internal sealed class Name : Node
{
    private readonly string _name;
    private readonly FeelValue? _builtIn;

    // Where the name stood in the last context it was found in: contexts of one shape follow each other. Threads may overwrite it; any value is right.
    private int _place;

    public Name(string name)
    {
        _name = name;
        _builtIn = BuiltIns.Find(name);
    }

    public string Text => _name;

    public bool IsBuiltIn => _builtIn is not null;

    public override int Strength => Binding.Primary;

    public override IEnumerable<Node> Children => [];

    public override string Label => _name;

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        for (var layer = scope; layer is not null; layer = layer.Parent)
        {
            if ((layer is ContextScope context ? context.Find(_name, ref _place) : layer.Find(_name)) is { } value)
                return ReferenceEquals(value, FeelValue.Erased) ? run.Fail(this, $"The value of '{_name}' was erased.") : value;
        }
        return _builtIn ?? run.Fail(this, $"There is no '{_name}' here. Check the spelling, or give it a value first.");
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        if (scope.Find(_name) is { } type && (_builtIn is null || !ReferenceEquals(type, FeelType.Unknown)))
            return type;
        if (_builtIn is not null)
            return _builtIn is ITypedFunction function ? function.Type : FeelType.AnyFunction;
        check.Report(this, "feel.unknown-name", $"There is no '{_name}' here, so its value is always null.",
            scope.IsHidden(_name) ? "Draw a requirement from it to here." : scope.Similar(_name) is { } similar ? $"Check the spelling: did you mean '{similar}'?" : "Check the spelling, or give it a value first.");
        return FeelType.Unknown;
    }

    public override void Print(StringBuilder text) => FeelNames.Print(text, _name);
}

/// <summary>What stands where the text could not be read; only in trees that have errors.</summary>
internal sealed class Unreadable : Node
{
    public override int Strength => Binding.Primary;

    public override IEnumerable<Node> Children => [];

    public override FeelValue Evaluate(FeelRun run, FeelScope scope) => FeelValue.Null;

    public override void Print(StringBuilder text) => text.Append("null");
}

/// <summary><c>[a, b]</c>.</summary>
internal sealed class ListLiteral : Node
{
    private readonly Node[] _items;
    private readonly FeelList? _constant;

    public ListLiteral(Node[] items)
    {
        _items = items;
        // A list of constants is made once.
        if (Array.TrueForAll(items, i => i.Constant is { IsNull: false }))
            _constant = FeelList.Of(items.Select(i => i.Constant!));
    }

    public override FeelValue? Constant => _constant;

    public override int Strength => Binding.Primary;

    public override IEnumerable<Node> Children => _items;

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        if (_constant is not null)
            return _constant;
        var values = new FeelValue[_items.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = _items[i].Evaluate(run, scope);
        return run.List(values);
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var types = Array.ConvertAll(_items, item => check.Visit(item, scope));
        return new ListType(types.Length == 0 ? FeelType.Unknown : types.Aggregate(TypeCheck.Either));
    }

    public override void Print(StringBuilder text)
    {
        text.Append('[');
        for (var i = 0; i < _items.Length; i++)
        {
            if (i > 0)
                text.Append(", ");
            _items[i].Print(text);
        }
        text.Append(']');
    }
}

/// <summary><c>{name: value}</c>: later entries see earlier ones.</summary>
internal sealed class ContextLiteral(string[] names, Node[] values) : Node
{
    public override int Strength => Binding.Primary;

    public override IEnumerable<Node> Children => values;

    public override string Label => string.Join('|', names);

    public override IEnumerable<string> Binds => names;

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        var builder = new FeelContextBuilder();
        var inner = new BuilderScope(builder, scope);
        for (var i = 0; i < names.Length; i++)
        {
            if (builder.Contains(names[i]))
                return run.Fail(values[i], $"The entry '{names[i]}' is there twice. Give one of them another name.");
            builder.Set(names[i], values[i].Evaluate(run, inner));
        }
        return run.Context(builder);
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var entries = new Dictionary<string, FeelType>(StringComparer.Ordinal);
        var inner = scope.With(entries);
        for (var i = 0; i < names.Length; i++)
        {
            var type = check.Visit(values[i], inner);
            if (!entries.TryAdd(names[i], type))
                check.Report(values[i], "feel.double-entry", $"The entry '{names[i]}' is there twice, so the context is always null.", "Give one of them another name.");
        }
        return new ContextType([.. names.Distinct(StringComparer.Ordinal).Select(name => (name, entries[name]))]);
    }

    public override void Print(StringBuilder text)
    {
        text.Append('{');
        for (var i = 0; i < names.Length; i++)
        {
            if (i > 0)
                text.Append(", ");
            text.Append(FeelNames.IsPlain(names[i]) ? names[i] : FeelText.Quote(names[i])).Append(": ");
            values[i].Print(text);
        }
        text.Append('}');
    }
}

/// <summary><c>[a..b]</c> with each end in or out.</summary>
internal sealed class RangeLiteral(Node start, bool startIncluded, Node end, bool endIncluded) : Node
{
    // A range between constants is made once.
    private readonly FeelRange? _constant = start.Constant is { } from && end.Constant is { } to && IsPossible(from, to)
        ? new FeelRange(from, startIncluded, to, endIncluded)
        : null;

    public override FeelValue? Constant => _constant;

    public override int Strength => Binding.Primary;

    public override IEnumerable<Node> Children => [start, end];

    public override string Label => (startIncluded ? "[" : "(") + (endIncluded ? "]" : ")");

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        if (_constant is not null)
            return _constant;
        var from = start.Evaluate(run, scope);
        var to = end.Evaluate(run, scope);
        if (from.IsNull || to.IsNull)
            return run.Fail(this, "A range needs both ends. Use for example '>= 5' for a range that is open on one side.");
        if (!IsPossible(from, to))
            return run.Fail(this, $"A range cannot go from {Words.Kind(from)} to {Words.Kind(to)}.");
        return new FeelRange(from, startIncluded, to, endIncluded);
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var (from, to) = (check.Visit(start, scope), check.Visit(end, scope));
        check.WantComparable(this, from, to, needsOrder: true);
        return new RangeType(TypeCheck.Either(from, to));
    }

    public override void Print(StringBuilder text)
    {
        text.Append(startIncluded ? '[' : '(');
        PrintChild(text, start, Binding.Sum);
        text.Append("..");
        PrintChild(text, end, Binding.Sum);
        text.Append(endIncluded ? ']' : ')');
    }

    private static bool IsPossible(FeelValue from, FeelValue to)
        => from.Kind == to.Kind && from.Kind is not (FeelKind.Null or FeelKind.List or FeelKind.Context or FeelKind.Function or FeelKind.Range or FeelKind.Boolean);
}

/// <summary><c>(&lt; 10)</c> as a value: a range open on one side.</summary>
internal sealed class OpenRange(Comparator comparator, Node end) : Node
{
    public override int Strength => Binding.Primary;

    public override IEnumerable<Node> Children => [end];

    public override string Label => comparator.Sign();

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        return Make(comparator, end.Evaluate(run, scope)) ?? run.Fail(this, "A range needs an end.");
    }

    public override FeelType Check(TypeCheck check, TypeScope scope) => new RangeType(check.Visit(end, scope));

    public override void Print(StringBuilder text)
    {
        text.Append('(').Append(comparator.Sign()).Append(' ');
        PrintChild(text, end, Binding.Sum);
        text.Append(')');
    }

    private static FeelRange? Make(Comparator comparator, FeelValue end) => comparator switch
    {
        _ when end.IsNull => null,
        Comparator.Less => new FeelRange(FeelValue.Null, startIncluded: false, end, endIncluded: false),
        Comparator.AtMost => new FeelRange(FeelValue.Null, startIncluded: false, end, endIncluded: true),
        Comparator.Greater => new FeelRange(end, startIncluded: false, FeelValue.Null, endIncluded: false),
        Comparator.AtLeast => new FeelRange(end, startIncluded: true, FeelValue.Null, endIncluded: false),
        _ => FeelRange.Single(end, comparator == Comparator.NotEqual),
    };
}
