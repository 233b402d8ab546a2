using System.Collections.Immutable;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Values;

namespace Countersign.Feel.Types;

/// <summary>A type of the FEEL language, as it is written after <c>instance of</c> or defined by a model.</summary>
internal abstract class FeelType
{
    public static readonly FeelType Any = new AnyType();

    /// <summary>What nothing is known about: it conforms to every type.</summary>
    public static readonly FeelType Unknown = new AnyType();

    public static readonly FeelType Number = new SimpleType("number", FeelKind.Number);
    public static readonly FeelType String = new SimpleType("string", FeelKind.String);
    public static readonly FeelType Boolean = new SimpleType("boolean", FeelKind.Boolean);
    public static readonly FeelType Date = new SimpleType("date", FeelKind.Date);
    public static readonly FeelType Time = new SimpleType("time", FeelKind.Time);
    public static readonly FeelType DateTime = new SimpleType("date and time", FeelKind.DateTime);
    public static readonly FeelType DaysDuration = new SimpleType("days and time duration", FeelKind.DaysAndTimeDuration);
    public static readonly FeelType MonthsDuration = new SimpleType("years and months duration", FeelKind.YearsAndMonthsDuration);
    public static readonly FeelType AnyList = new ListType(Any);
    public static readonly FeelType AnyContext = new ContextType([]);
    public static readonly FeelType AnyRange = new RangeType(Any);
    public static readonly FeelType AnyFunction = new FunctionType(null, Any);
    public static readonly FeelType NullType = new SimpleType("Null", FeelKind.Null);

    /// <summary>The type of a simple name; null when it is none of FEEL's own.</summary>
    public static FeelType? FromName(string name) => name switch
    {
        "Any" => Any,
        "Null" => NullType,
        "number" => Number,
        "string" => String,
        "boolean" => Boolean,
        "date" => Date,
        "time" => Time,
        "date and time" or "dateTime" => DateTime,
        "days and time duration" or "dayTimeDuration" => DaysDuration,
        "years and months duration" or "yearMonthDuration" => MonthsDuration,
        "list" => AnyList,
        "context" => AnyContext,
        "range" => AnyRange,
        "function" => AnyFunction,
        _ => null,
    };

    /// <summary>Whether the value is of this type, by the rules of <c>instance of</c>.</summary>
    public virtual bool Includes(FeelRun run, FeelValue value) => !value.IsNull ? Matches(run, value) : ReferenceEquals(this, NullType);

    /// <summary>Whether the value conforms: null always does.</summary>
    public bool Accepts(FeelRun run, FeelValue value)
    {
        run.Step();
        return value.IsNull || Matches(run, value);
    }

    /// <summary>
    /// The value as this type: a list of one where its item is wanted, an item where a list is wanted, midnight of a date; null when
    /// nothing fits (the second result then is false).
    /// </summary>
    public (FeelValue Value, bool Fits) Coerce(FeelRun run, FeelValue value)
    {
        if (Accepts(run, value))
            return (value, true);
        if (value is FeelList { Count: 1 } single && this is not ListType && Unwrap() is not ListType && Accepts(run, single[0]))
            return (single[0], true);
        if (Unwrap() is ListType list && value is not FeelList && list.Item.Accepts(run, value))
        {
            var wrapped = FeelList.Of(value);
            return Accepts(run, wrapped) ? (wrapped, true) : (FeelValue.Null, false);
        }
        if (value is FeelDate date && ReferenceEquals(Unwrap(), DateTime))
            return (new FeelDateTime(date, new FeelTime(0, 0, FeelZone.Utc)), true);
        return (FeelValue.Null, false);
    }

    /// <summary>Whether every value of this type is also one of the other.</summary>
    /// <param name="depth">How deep the question was asked: types may contain themselves, so beyond some levels the answer is yes.</param>
    public virtual bool ConformsTo(FeelType other, int depth = 0)
    {
        const int DeepEnough = 8;
        other = other.Unwrap();
        return other is AnyType || ReferenceEquals(this, other) || ReferenceEquals(this, Unknown) || depth > DeepEnough || ConformsToUnwrapped(other, depth + 1);
    }

    public virtual FeelType Unwrap() => this;

    protected abstract bool Matches(FeelRun run, FeelValue value);

    protected abstract bool ConformsToUnwrapped(FeelType other, int depth);
}

internal sealed class AnyType : FeelType
{
    public override string ToString() => "Any";

    protected override bool Matches(FeelRun run, FeelValue value) => true;

    protected override bool ConformsToUnwrapped(FeelType other, int depth) => false;
}

internal sealed class SimpleType(string name, FeelKind kind) : FeelType
{
    public FeelKind Kind { get; } = kind;

    public override string ToString() => name;

    protected override bool Matches(FeelRun run, FeelValue value) => value.Kind == Kind;

    protected override bool ConformsToUnwrapped(FeelType other, int depth) => other is SimpleType simple && simple.Kind == Kind;
}

internal sealed class ListType(FeelType item) : FeelType
{
    public FeelType Item { get; } = item;

    public override string ToString() => $"list<{Item}>";

    protected override bool Matches(FeelRun run, FeelValue value)
    {
        if (value is not FeelList list)
            return false;
        foreach (var member in list.Items)
        {
            if (!Item.Accepts(run, member))
                return false;
        }
        return true;
    }

    protected override bool ConformsToUnwrapped(FeelType other, int depth) => other is ListType list && Item.ConformsTo(list.Item, depth);
}

internal sealed class RangeType(FeelType item) : FeelType
{
    public FeelType Item { get; } = item;

    public override string ToString() => $"range<{Item}>";

    protected override bool Matches(FeelRun run, FeelValue value) => value is FeelRange range && Item.Accepts(run, range.Start) && Item.Accepts(run, range.End);

    protected override bool ConformsToUnwrapped(FeelType other, int depth) => other is RangeType range && Item.ConformsTo(range.Item, depth);
}

internal sealed class ContextType(ImmutableArray<(string Name, FeelType Type)> entries) : FeelType
{
    public ImmutableArray<(string Name, FeelType Type)> Entries { get; } = entries;

    public override string ToString() => $"context<{string.Join(", ", Entries.Select(e => $"{e.Name}: {e.Type}"))}>";

    protected override bool Matches(FeelRun run, FeelValue value)
    {
        if (value is not FeelContext context)
            return false;
        foreach (var (name, type) in Entries)
        {
            if (!context.TryGetValue(name, out var entry) || !type.Accepts(run, entry))
                return false;
        }
        return true;
    }

    protected override bool ConformsToUnwrapped(FeelType other, int depth)
        => other is ContextType context && context.Entries.All(wanted => Entries.Any(e => e.Name == wanted.Name && e.Type.ConformsTo(wanted.Type, depth)));
}

/// <summary>A function type; no parameter list means any function.</summary>
internal sealed class FunctionType(ImmutableArray<FeelType>? parameters, FeelType result) : FeelType
{
    public ImmutableArray<FeelType>? Parameters { get; } = parameters;

    public FeelType Result { get; } = result;

    public override string ToString() => Parameters is { } known ? $"function<{string.Join(", ", known)}>->{Result}" : "function";

    protected override bool Matches(FeelRun run, FeelValue value) => value is FeelFunction function && (Parameters is null || ((function as ITypedFunction)?.Type ?? AnyFunction).ConformsTo(this));

    protected override bool ConformsToUnwrapped(FeelType other, int depth)
    {
        if (other is not FunctionType function)
            return false;
        if (function.Parameters is not { } wanted)
            return true;
        // A caller of the other type passes its parameters, so they must fit ours.
        return Parameters is { } mine && mine.Length == wanted.Length && Result.ConformsTo(function.Result, depth)
            && mine.Zip(wanted).All(pair => pair.Second.ConformsTo(pair.First, depth));
    }
}

/// <summary>A function that knows its type.</summary>
internal interface ITypedFunction
{
    FunctionType Type { get; }
}

/// <summary>A type defined by a model: its name, the type it stands for and what its values must satisfy.</summary>
internal sealed class NamedType(string name) : FeelType
{
    /// <summary>Set once while the model is loaded; definitions may refer to each other.</summary>
    public FeelType Definition { get; set; } = Any;

    /// <summary>Whether a value is one of the allowed ones; null when all are.</summary>
    public Func<FeelRun, FeelValue, bool>? IsAllowed { get; set; }

    /// <summary>The test of the allowed values, for looking at it; null when all are allowed.</summary>
    public Test? Allowed { get; set; }

    public override string ToString() => name;

    public override FeelType Unwrap() => Definition.Unwrap();

    // Asking for an instance asks for the kind of value; which of its values are allowed is another question.
    public override bool Includes(FeelRun run, FeelValue value) => Definition.Includes(run, value);

    public override bool ConformsTo(FeelType other, int depth = 0) => ReferenceEquals(this, other) || Definition.ConformsTo(other, depth);

    protected override bool Matches(FeelRun run, FeelValue value) => Definition.Accepts(run, value) && IsAllowed?.Invoke(run, value) != false;

    protected override bool ConformsToUnwrapped(FeelType other, int depth) => Definition.ConformsTo(other, depth);
}
