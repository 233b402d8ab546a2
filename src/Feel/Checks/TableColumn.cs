using Countersign.Feel.Dmn;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Functions;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Checks;

/// <summary>
/// An input column, cut into pieces within which every cell answers the same. Each piece has one value that stands for it, and the table's own
/// tests are asked about that value.
/// </summary>
internal sealed class TableColumn
{
    private readonly List<Piece> _pieces = [];
    private readonly bool _isOrdered;

    private TableColumn(string label, bool isOrdered)
    {
        Label = label;
        _isOrdered = isOrdered;
    }

    public string Label { get; }

    /// <summary>The pieces that can occur; the last one is null.</summary>
    public IReadOnlyList<Piece> Pieces => _pieces;

    /// <summary>Cuts a column.</summary>
    /// <param name="tests">The column's cells, one a rule.</param>
    public static TableColumn Cut(FeelRun run, TableInput input, FeelType type, Test[] tests)
    {
        var shape = new CellShape(run);
        var isReadable = Array.ConvertAll(tests, shape.Read);
        var limits = new CellShape(run);
        foreach (var allowed in AllowedTests(input, type))
            _ = limits.Read(allowed);
        var values = shape.Values.Concat(limits.Values).ToList();
        var kind = values.Count > 0 ? values[0].Kind : TypeCheck.KindOf(type) == FeelKind.Boolean ? FeelKind.Boolean : (FeelKind?)null;
        var isUsable = values.TrueForAll(v => v.Kind == kind && (kind is FeelKind.Boolean || FeelComparison.Compare(values[0], v) is not null))
            && !(kind is FeelKind.String && (shape.IsOrdered || limits.IsOrdered));
        var isOrdered = isUsable && kind is not (null or FeelKind.Boolean or FeelKind.String);
        var column = new TableColumn(input.Label, isOrdered);
        foreach (var (value, from, to) in isUsable ? Cut(values, kind, input.IsWhole) : [(FeelValue.From("something"), null, null)])
            column.Add(run, input, type, tests, isReadable, isUsable, new Piece(value, from, to));
        column.Add(run, input, type, tests, isReadable, isUsable, new Piece(FeelValue.Null, null, null));
        return column;
    }

    /// <summary>Some pieces in words; empty when they are all there are.</summary>
    public string Describe(IReadOnlyList<int> chosen)
    {
        var all = Enumerable.Range(0, _pieces.Count).Where(i => !_pieces[i].IsNull).ToList();
        var picked = chosen.Where(i => !_pieces[i].IsNull).ToList();
        if (picked.Count == all.Count)
            return "";
        if (!_isOrdered)
        {
            if (!picked.Exists(i => _pieces[i].IsOther))
                return $"{Label} is {string.Join(" or ", picked.Select(i => _pieces[i].Value))}";
            var others = all.Except(picked).Where(i => !_pieces[i].IsOther).Select(i => _pieces[i].Value.ToString()).ToList();
            return others.Count == 0 ? "" : $"{Label} is none of {string.Join(", ", others)}";
        }
        var ranges = new List<string>();
        for (var i = 0; i < picked.Count;)
        {
            var last = i;
            while (last + 1 < picked.Count && picked[last + 1] == picked[last] + 1)
                last++;
            ranges.Add(Range(_pieces[picked[i]], _pieces[picked[last]]));
            i = last + 1;
        }
        return $"{Label} is {string.Join(" or ", ranges)}";
    }

    private static IEnumerable<Test> AllowedTests(TableInput input, FeelType type)
    {
        if (input.Allowed is { } allowed)
            yield return allowed;
        for (var named = type as NamedType; named is not null; named = named.Definition as NamedType)
        {
            if (named.Allowed is { } test)
                yield return test;
        }
    }

    private void Add(FeelRun run, TableInput input, FeelType type, Test[] tests, bool[] isReadable, bool isUsable, Piece piece)
    {
        if (!piece.IsNull && isUsable && !piece.IsOther && (!type.Accepts(run, piece.Value) || input.Allowed?.Applies(run, FeelScope.Empty, piece.Value).IsFalse == true))
            return;
        if (piece.IsOther && AllowedTests(input, type).Any())
            return;
        bool Reads(int rule) => tests[rule] is AnyTest || (isUsable && isReadable[rule]);
        bool Holds(int rule) => tests[rule] is AnyTest || tests[rule].Applies(run, FeelScope.Empty, piece.Value).IsTrue;
        piece.Sure = RuleSet.Of(tests.Length, rule => Reads(rule) && Holds(rule));
        piece.Possible = RuleSet.Of(tests.Length, rule => !Reads(rule) || Holds(rule));
        _pieces.Add(piece);
    }

    private static IEnumerable<(FeelValue Value, FeelValue? From, FeelValue? To)> Cut(List<FeelValue> values, FeelKind? kind, bool isWhole)
    {
        switch (kind)
        {
            case null:
                return [(FeelValue.From("something"), null, null)];
            case FeelKind.Boolean:
                return [(FeelValue.True, FeelValue.True, FeelValue.True), (FeelValue.False, FeelValue.False, FeelValue.False)];
            case FeelKind.String:
                var texts = values.Distinct().ToList();
                return [.. texts.Select(t => (t, (FeelValue?)t, (FeelValue?)t)), (FeelValue.From("\uFFFFanother"), null, null)];
            case FeelKind.Number when isWhole:
                return Ordered(values).Where(piece => HasWhole(piece.Value, piece.From, piece.To));
            default:
                return Ordered(values);
        }
    }

    // Points and what lies before, between and behind them.
    private static IEnumerable<(FeelValue Value, FeelValue? From, FeelValue? To)> Ordered(List<FeelValue> values)
    {
        values.Sort((a, b) => FeelComparison.Compare(a, b) ?? 0);
        FeelValue? last = null;
        foreach (var value in values)
        {
            if (last is not null && FeelComparison.Compare(last, value) == 0)
                continue;
            if ((last is null ? Beside(value, ArithmeticSign.Subtract) : Middle(last, value)) is { } before)
                yield return (before, last, value);
            yield return (value, value, value);
            last = value;
        }
        if (Beside(last!, ArithmeticSign.Add) is { } behind)
            yield return (behind, last, null);
    }

    // Between 4 and 5 there is no whole number, so nothing can be missing there.
    private static bool HasWhole(FeelValue value, FeelValue? from, FeelValue? to)
    {
        if (from is not FeelNumber low || to is not FeelNumber high)
            return true;
        if (ReferenceEquals(from, to))
            return ((FeelNumber)value).Value.IsInteger;
        return low.Value.TryRescale(0, DecimalRounding.Floor, out var floor) && Decimal34.TryAdd(floor, Decimal34.One, out var next) && next < high.Value;
    }

    private static FeelValue? Beside(FeelValue value, ArithmeticSign sign)
    {
        var step = value.Kind is FeelKind.YearsAndMonthsDuration ? Conversions.ParseTemporal("P1M")! : Conversions.ParseTemporal(value.Kind is FeelKind.Time ? "PT1S" : "P1D")!;
        var beside = value is FeelNumber number
            ? (sign == ArithmeticSign.Add ? Decimal34.TryAdd(number.Value, Decimal34.One, out var n) : Decimal34.TrySubtract(number.Value, Decimal34.One, out n)) ? new FeelNumber(n) : null
            : Temporals.Calculate(sign, value, step);
        var order = beside is null ? null : FeelComparison.Compare(beside, value);
        // Times of day begin again after the last one.
        return order is { } found && found != 0 && (found > 0) == (sign == ArithmeticSign.Add) ? beside : null;
    }

    private static FeelValue? Middle(FeelValue low, FeelValue high)
    {
        var two = FeelValue.From(2);
        FeelValue? middle = null;
        if (low is FeelNumber a && high is FeelNumber b)
        {
            if (Decimal34.TryAdd(a.Value, b.Value, out var sum) && Decimal34.TryDivide(sum, Decimal34.From(2), out var half))
                middle = new FeelNumber(half);
        }
        else if (Temporals.Calculate(ArithmeticSign.Subtract, high, low) is { } distance && Temporals.Calculate(ArithmeticSign.Divide, distance, two) is { } half)
        {
            middle = Temporals.Calculate(ArithmeticSign.Add, low, half);
        }
        return middle is not null && FeelComparison.Compare(middle, low) > 0 && FeelComparison.Compare(middle, high) < 0 ? middle : null;
    }

    private static string Range(Piece first, Piece last)
    {
        if (first.From is null)
            return last.To is null ? "anything" : $"{(last.IsPoint ? "<=" : "<")} {last.To}";
        if (last.To is null)
            return $"{(first.IsPoint ? ">=" : ">")} {first.From}";
        return first.IsPoint && ReferenceEquals(first, last) ? first.From.ToString() : $"{(first.IsPoint ? '[' : '(')}{first.From}..{last.To}{(last.IsPoint ? ']' : ')')}";
    }

    /// <summary>A piece: the value that stands for it, and the values it lies between (the same one twice for a point).</summary>
    internal sealed class Piece(FeelValue value, FeelValue? from, FeelValue? to)
    {
        public FeelValue Value => value;

        public FeelValue? From => from;

        public FeelValue? To => to;

        public bool IsNull => value.IsNull;

        public bool IsPoint => from is not null && ReferenceEquals(from, to);

        /// <summary>Everything that no cell names.</summary>
        public bool IsOther => !value.IsNull && from is null && to is null;

        /// <summary>Rules whose cell certainly passes.</summary>
        public RuleSet Sure { get; set; }

        /// <summary>Rules whose cell passes or cannot be read.</summary>
        public RuleSet Possible { get; set; }
    }
}
