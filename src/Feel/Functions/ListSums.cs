using Countersign.Feel.Values;

namespace Countersign.Feel.Functions;

/// <summary>Functions that make one value of a list of numbers or other ordered values.</summary>
internal static class ListSums
{
    public static readonly BuiltIn[] Functions =
    [
        new("min", ["list", "list..."], "The smallest member.", "min([5, 4, 10])", "4", (in Arguments a) => Extreme(a, sign: -1)),
        new("max", ["list", "list..."], "The largest member.", "max(1, 2, 3)", "3", (in Arguments a) => Extreme(a, sign: 1)),
        new("sum", ["list", "list..."], "The sum of numbers or durations.", "sum([1, 2, 3])", "6", Sum),
        new("product", ["list", "list..."], "The product of numbers.", "product([2, 3, 4])", "24", Product),
        new("mean", ["list", "list..."], "The average of numbers.", "mean([1, 2, 3])", "2", Mean),
        new("median", ["list", "list..."], "The number in the middle, or the mean of the two there.", "median(8, 2, 5, 3, 4)", "4", Median),
        new("stddev", ["list", "list..."], "The sample standard deviation of numbers.", "stddev(2, 4, 7, 5)", "2.081665999466132735282297706979931", Deviation),
        new("mode", ["list", "list..."], "The numbers that are there most often, in order.", "mode([6, 1, 9, 6, 1])", "[1, 6]", Mode),
    ];

    private static FeelValue Extreme(in Arguments a, int sign)
    {
        if (!a.IsListOrMany(out var list))
            return a.Wrong(0, "a list");
        if (list.Count == 0)
            return FeelValue.Null;
        var best = list[0];
        foreach (var item in list.Items)
        {
            a.Run.Step();
            if (FeelComparison.Compare(item, best) is not { } order)
                return a.Fail("the members cannot be ordered.");
            if (order * sign > 0)
                best = item;
        }
        return best;
    }

    private static FeelValue Sum(in Arguments a)
    {
        if (!a.IsListOrMany(out var list))
            return a.Wrong(0, "a list");
        if (list.Count == 0)
            return FeelValue.Null;
        if (list[0] is FeelDaysDuration or FeelMonthsDuration)
        {
            var total = list[0];
            for (var i = 1; i < list.Count; i++)
            {
                a.Run.Step();
                if (Evaluation.Temporals.Calculate(Evaluation.ArithmeticSign.Add, total, list[i]) is not { } next || next.Kind != list[0].Kind)
                    return a.Fail("the members cannot be added.");
                total = next;
            }
            return total;
        }
        return TryFold(a, list, Decimal34.Zero, Decimal34.TryAdd, out var sum) ? new FeelNumber(sum) : a.Fail("the list must have numbers only.");
    }

    private static FeelValue Product(in Arguments a)
    {
        if (!a.IsListOrMany(out var list))
            return a.Wrong(0, "a list");
        if (list.Count == 0)
            return FeelValue.Null;
        return TryFold(a, list, Decimal34.One, Decimal34.TryMultiply, out var product) ? new FeelNumber(product) : a.Fail("the list must have numbers only.");
    }

    private static FeelValue Mean(in Arguments a)
    {
        if (!a.IsListOrMany(out var list))
            return a.Wrong(0, "a list");
        return TryMean(a, list, out var mean) ? new FeelNumber(mean) : a.Fail("the list must have numbers only, and at least one.");
    }

    private static FeelValue Median(in Arguments a)
    {
        if (!a.IsListOrMany(out var list))
            return a.Wrong(0, "a list");
        if (!TryNumbers(a, list, out var numbers))
            return a.Fail("the list must have numbers only.");
        if (numbers.Count == 0)
            return FeelValue.Null;
        numbers.Sort();
        var middle = numbers.Count / 2;
        if (numbers.Count % 2 == 1)
            return new FeelNumber(numbers[middle]);
        return Decimal34.TryAdd(numbers[middle - 1], numbers[middle], out var both) && Decimal34.TryDivide(both, Decimal34.From(2), out var median)
            ? new FeelNumber(median)
            : a.Fail("the numbers are too large.");
    }

    private static FeelValue Deviation(in Arguments a)
    {
        if (!a.IsListOrMany(out var list))
            return a.Wrong(0, "a list");
        if (list.Count < 2 || !TryMean(a, list, out var mean))
            return a.Fail("the list must have at least two members, all of them numbers.");
        var squares = Decimal34.Zero;
        foreach (var item in list.Items)
        {
            a.Run.Step();
            if (!Decimal34.TrySubtract(((FeelNumber)item).Value, mean, out var distance) || !Decimal34.TryMultiply(distance, distance, out var square)
                || !Decimal34.TryAdd(squares, square, out squares))
                return a.Fail("the numbers are too large.");
        }
        return Decimal34.TryDivide(squares, Decimal34.From(list.Count - 1), out var variance) && variance.TrySqrt(out var deviation)
            ? new FeelNumber(deviation)
            : a.Fail("the numbers are too large.");
    }

    private static FeelValue Mode(in Arguments a)
    {
        if (!a.IsListOrMany(out var list))
            return a.Wrong(0, "a list");
        if (!TryNumbers(a, list, out var numbers))
            return a.Fail("the list must have numbers only.");
        var groups = numbers.GroupBy(n => n).ToList();
        var most = groups.Count == 0 ? 0 : groups.Max(g => g.Count());
        return a.Run.List((FeelValue[])[.. groups.Where(g => g.Count() == most).Select(g => g.Key).Order().Select(n => (FeelValue)new FeelNumber(n))]);
    }

    private delegate bool Step(Decimal34 left, Decimal34 right, out Decimal34 result);

    private static bool TryFold(in Arguments a, FeelList list, Decimal34 start, Step step, out Decimal34 result)
    {
        result = start;
        foreach (var item in list.Items)
        {
            a.Run.Step();
            if (item is not FeelNumber number || !step(result, number.Value, out result))
                return false;
        }
        return true;
    }

    private static bool TryMean(in Arguments a, FeelList list, out Decimal34 mean)
    {
        mean = default;
        return list.Count > 0 && TryFold(a, list, Decimal34.Zero, Decimal34.TryAdd, out var sum) && Decimal34.TryDivide(sum, Decimal34.From(list.Count), out mean);
    }

    private static bool TryNumbers(in Arguments a, FeelList list, out List<Decimal34> numbers)
    {
        numbers = new List<Decimal34>(list.Count);
        foreach (var item in list.Items)
        {
            a.Run.Step();
            if (item is not FeelNumber number)
                return false;
            numbers.Add(number.Value);
        }
        return true;
    }
}
