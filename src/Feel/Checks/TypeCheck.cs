using System.Runtime.CompilerServices;
using Countersign.Feel.Dmn;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Functions;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Checks;

/// <summary>
/// One walk over a compiled expression that follows the types as far as they are known. It says only what is certain: where a type is
/// unknown, nothing is wrong. Every node knows its own part, see <see cref="Node.Check"/>.
/// </summary>
/// <param name="report">Takes what is found: the node, the rule, the sentence and the remedy.</param>
internal sealed class TypeCheck(Action<Node, string, string, string> report)
{
    // One value of each kind stands for all of its kind: what an operator does depends on the kinds alone.
    // (Times are two: with and without a zone they calculate differently.)
    private static readonly Dictionary<FeelKind, FeelValue[]> Samples = new()
    {
        [FeelKind.Boolean] = [FeelValue.True],
        [FeelKind.Number] = [FeelValue.From(1)],
        [FeelKind.String] = [FeelValue.From("1")],
        [FeelKind.Date] = [Conversions.ParseTemporal("2026-01-01")!],
        [FeelKind.Time] = [Conversions.ParseTemporal("10:00:00")!, Conversions.ParseTemporal("10:00:00Z")!],
        [FeelKind.DateTime] = [Conversions.ParseTemporal("2026-01-01T10:00:00")!, Conversions.ParseTemporal("2026-01-01T10:00:00Z")!],
        [FeelKind.DaysAndTimeDuration] = [Conversions.ParseTemporal("P1D")!],
        [FeelKind.YearsAndMonthsDuration] = [Conversions.ParseTemporal("P1Y")!],
    };

    /// <summary>Called before a node is looked at and, with false, after it; for keeping track of where in a model it is.</summary>
    public Action<Node, bool>? OnVisit { get; init; }

    /// <summary>Whether variables come from data alone (JSON), so that none of unknown type is a function.</summary>
    public bool VariablesAreData { get; init; }

    /// <summary>Takes every table with the types of its inputs.</summary>
    public Action<DecisionTable, FeelType[]>? OnTable { get; init; }

    /// <summary>The type of a node, after checking it.</summary>
    public FeelType Visit(Node node, TypeScope scope)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return FeelType.Unknown;
        OnVisit?.Invoke(node, true);
        var type = node.Check(this, scope);
        OnVisit?.Invoke(node, false);
        return type;
    }

    /// <summary>Checks a test against the type of what it tests.</summary>
    public void VisitTest(Test test, TypeScope scope, FeelType input)
    {
        OnVisit?.Invoke(test, true);
        test.CheckAgainst(this, scope, input);
        OnVisit?.Invoke(test, false);
    }

    /// <summary>Checks a cell of an output column, and its value where it is known.</summary>
    public FeelType VisitResult(Node cell, TypeScope scope, TableOutput output)
    {
        OnVisit?.Invoke(cell, true);
        var type = cell.Check(this, scope);
        if (output.Type is { } declared)
            WantAssignable(cell, type, declared, $"The output '{output.Name}'");
        if (output.Allowed is { } allowed && cell.Constant is { IsNull: false } value && IsRefused(allowed, value))
            Report(cell, "table.output-not-allowed", $"{value} is not among the allowed values of the output '{output.Name}', so the result is always null.", "Use one of the allowed values, or allow it.");
        OnVisit?.Invoke(cell, false);
        return type;
    }

    private static bool IsRefused(Test allowed, FeelValue value)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        allowed.CollectNames(names, new HashSet<string>(StringComparer.Ordinal) { "?" });
        if (names.Count > 0)
            return false;
        var result = FeelExpression.Run(FeelOptions.Default, (allowed, value), FeelScope.Empty, static (test, run, scope) => test.allowed.Applies(run, scope, test.value));
        return result.Value.IsFalse;
    }

    public void Report(Node at, string rule, string sentence, string remedy) => report(at, rule, sentence, remedy);

    /// <summary>Reports when a type is known and is not boolean.</summary>
    public void WantBoolean(Node at, FeelType type, string what)
    {
        if (KindOf(type) is { } kind and not FeelKind.Boolean)
            Report(at, "feel.not-boolean", $"{what} is {Words.Kind(kind)}, which is never true.", "Compare it with something, as in: amount > 100.");
    }

    /// <summary>Reports when two values can never be compared.</summary>
    /// <param name="needsOrder">For less and greater, which not all kinds have.</param>
    public void WantComparable(Node at, FeelType left, FeelType right, bool needsOrder)
    {
        if (KindOf(left) is not { } a || KindOf(right) is not { } b)
            return;
        if (a != b)
            Report(at, "feel.type-mismatch", $"{Words.Kind(a)} is compared with {Words.Kind(b)}, which never gives true or false.", "Compare values of one kind, or convert one of them first.");
        else if (needsOrder && !IsOrdered(a))
            Report(at, "feel.type-mismatch", $"{Words.Kind(a)} cannot be ordered, so this comparison never gives true or false.", "Use '=' or '!='.");
    }

    /// <summary>The type of <c>left sign right</c>; reports when the two never work together.</summary>
    public FeelType Calculate(Node at, ArithmeticSign sign, FeelType left, FeelType right)
    {
        if (KindOf(left) is not { } a || KindOf(right) is not { } b)
            return FeelType.Unknown;
        if (a == FeelKind.Number && b == FeelKind.Number)
            return FeelType.Number;
        if (sign == ArithmeticSign.Add && a == FeelKind.String && b == FeelKind.String)
            return FeelType.String;
        if (Samples.TryGetValue(a, out var xs) && Samples.TryGetValue(b, out var ys))
        {
            foreach (var (x, y) in xs.SelectMany(x => ys.Select(y => (x, y))))
            {
                if (Temporals.Calculate(sign, x, y) is { } result)
                    return OfKind(result.Kind);
            }
        }
        Report(at, "feel.type-mismatch", $"'{sign.Text()}' does not work with {Words.Kind(a)} and {Words.Kind(b)}: the result is always null.",
            a == FeelKind.String || b == FeelKind.String ? "Convert with string(...) or number(...)." : "Check both sides.");
        return FeelType.Unknown;
    }

    /// <summary>The type of an entry or property; reports when there is none of the name.</summary>
    public FeelType Select(Node at, FeelType from, string name)
    {
        switch (from.Unwrap())
        {
            case ContextType { Entries.IsEmpty: false } context:
                foreach (var (entry, type) in context.Entries)
                {
                    if (string.Equals(entry, name, StringComparison.Ordinal))
                        return type;
                }
                Report(at, "feel.unknown-entry", $"There is no entry '{name}' here. There are: {string.Join(", ", context.Entries.Take(10).Select(e => e.Name))}.", "Check the spelling.");
                return FeelType.Unknown;
            case ListType list:
                return new ListType(Select(at, list.Item, name));
            case SimpleType simple when Samples.TryGetValue(simple.Kind, out var sample):
                if (Properties.Find(sample[^1], name) is { } property)
                    return property.IsNull ? FeelType.Unknown : OfKind(property.Kind);
                Report(at, "feel.unknown-entry", $"{Words.Kind(simple.Kind)} has no '{name}'.", "Check what stands before the point.");
                return FeelType.Unknown;
            default:
                return FeelType.Unknown;
        }
    }

    /// <summary>Reports when a value of the first type can never become one of the second.</summary>
    public void WantAssignable(Node at, FeelType given, FeelType wanted, string what)
    {
        if (KindOf(given) is not { } a || KindOf(wanted) is not { } b || a == b)
            return;
        // A list of one stands for its member and the other way round, and a date for its midnight.
        if (a == FeelKind.List || b == FeelKind.List || (a == FeelKind.Date && b == FeelKind.DateTime))
            return;
        Report(at, "feel.type-mismatch", $"{what} must be {Words.Kind(b)}, but this is {Words.Kind(a)}.", "Change the expression or the declared type.");
    }

    /// <summary>The type of two alternatives.</summary>
    public static FeelType Either(FeelType left, FeelType right) => KindOf(left) is { } a && KindOf(right) == a ? left : FeelType.Unknown;

    public static FeelType ItemOf(FeelType type) => type.Unwrap() switch
    {
        ListType list => list.Item,
        RangeType range => range.Item,
        SimpleType or ContextType => type,
        _ => FeelType.Unknown,
    };

    /// <summary>The kind of all values of a type; null when it is not known. Null itself conforms to every type.</summary>
    public static FeelKind? KindOf(FeelType type) => type.Unwrap() switch
    {
        SimpleType { Kind: not FeelKind.Null } simple => simple.Kind,
        ListType => FeelKind.List,
        ContextType => FeelKind.Context,
        RangeType => FeelKind.Range,
        FunctionType => FeelKind.Function,
        _ => null,
    };

    public static FeelType OfKind(FeelKind kind) => kind switch
    {
        FeelKind.Boolean => FeelType.Boolean,
        FeelKind.Number => FeelType.Number,
        FeelKind.String => FeelType.String,
        FeelKind.Date => FeelType.Date,
        FeelKind.Time => FeelType.Time,
        FeelKind.DateTime => FeelType.DateTime,
        FeelKind.DaysAndTimeDuration => FeelType.DaysDuration,
        FeelKind.YearsAndMonthsDuration => FeelType.MonthsDuration,
        FeelKind.List => new ListType(FeelType.Unknown),
        _ => FeelType.Unknown,
    };

    private static bool IsOrdered(FeelKind kind) => kind is not (FeelKind.Boolean or FeelKind.List or FeelKind.Context or FeelKind.Range or FeelKind.Function or FeelKind.Null);
}
