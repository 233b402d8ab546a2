using Countersign.Feel.Values;

namespace Countersign.Feel.Functions;

/// <summary>How points and ranges lie to each other; a point is a value that can be ordered.</summary>
internal static class Ranges
{
    public static readonly BuiltIn[] Functions =
    [
        new("before", ["point1, point2", "point, range", "range, point", "range1, range2"], "Whether the first ends before the second begins.", "before(1, [2..5])", "true", (in Arguments a)
            => Ask(a, (x, y) => Order(x.End, y.Start) is { } o && (o < 0 || (o == 0 && (!x.EndIncluded || !y.StartIncluded))))),
        new("after", ["point1, point2", "point, range", "range, point", "range1, range2"], "Whether the first begins after the second ends.", "after([6..8], 5)", "true", (in Arguments a)
            => Ask(a, (x, y) => Order(x.Start, y.End) is { } o && (o > 0 || (o == 0 && (!x.StartIncluded || !y.EndIncluded))))),
        new("meets", ["range1, range2"], "Whether the first ends exactly where the second begins.", "meets([1..5], [5..10])", "true", (in Arguments a)
            => Ask(a, (x, y) => x.EndIncluded && y.StartIncluded && Order(x.End, y.Start) == 0, ranges: true)),
        new("met by", ["range1, range2"], "Whether the first begins exactly where the second ends.", "met by([5..10], [1..5])", "true", (in Arguments a)
            => Ask(a, (x, y) => x.StartIncluded && y.EndIncluded && Order(x.Start, y.End) == 0, ranges: true)),
        new("overlaps", ["range1, range2"], "Whether the two have something in common.", "overlaps([1..5], [3..8])", "true", (in Arguments a)
            => Ask(a, Overlaps, ranges: true)),
        new("overlaps before", ["range1, range2"], "Whether the first begins before the second and ends within it.", "overlaps before([1..5], [3..8])", "true", (in Arguments a)
            => Ask(a, OverlapsBefore, ranges: true)),
        new("overlaps after", ["range1, range2"], "Whether the first begins within the second and ends after it.", "overlaps after([3..8], [1..5])", "true", (in Arguments a)
            => Ask(a, (x, y) => OverlapsBefore(y, x), ranges: true)),
        new("finishes", ["point, range", "range1, range2"], "Whether the first lies within the second and ends where it ends.", "finishes(10, [1..10])", "true", (in Arguments a)
            => Ask(a, Finishes)),
        new("finished by", ["range, point", "range1, range2"], "Whether the second lies within the first and ends where it ends.", "finished by([1..10], 10)", "true", (in Arguments a)
            => Ask(a, (x, y) => Finishes(y, x))),
        new("includes", ["range, point", "range1, range2"], "Whether the second lies within the first.", "includes([1..10], 5)", "true", (in Arguments a)
            => Ask(a, Includes)),
        new("during", ["point, range", "range1, range2"], "Whether the first lies within the second.", "during(5, [1..10])", "true", (in Arguments a)
            => Ask(a, (x, y) => Includes(y, x))),
        new("starts", ["point, range", "range1, range2"], "Whether the first lies within the second and begins where it begins.", "starts(1, [1..5])", "true", (in Arguments a)
            => Ask(a, Starts)),
        new("started by", ["range, point", "range1, range2"], "Whether the second lies within the first and begins where it begins.", "started by([1..10], 1)", "true", (in Arguments a)
            => Ask(a, (x, y) => Starts(y, x))),
        new("coincides", ["point1, point2", "range1, range2"], "Whether the two are the same point or range.", "coincides([1..5], [1..5])", "true", (in Arguments a)
            => Ask(a, (x, y) => Order(x.Start, y.Start) == 0 && x.StartIncluded == y.StartIncluded && Order(x.End, y.End) == 0 && x.EndIncluded == y.EndIncluded)),
    ];

    private static FeelValue Ask(in Arguments a, Func<FeelRange, FeelRange, bool> relation, bool ranges = false)
    {
        if (ranges && (a[0] is not FeelRange || a[1] is not FeelRange))
            return a.Wrong(a[0] is FeelRange ? 1 : 0, "a range");
        if (AsRange(a[0]) is not { } first)
            return a.Wrong(0, "a range or a value that can be ordered");
        if (AsRange(a[1]) is not { } second)
            return a.Wrong(1, "a range or a value that can be ordered");
        if (FeelComparison.Compare(Known(first), Known(second)) is null)
            return a.Fail("the two are of different kinds.");
        return FeelValue.From(relation(first, second));
    }

    private static FeelValue Known(FeelRange range) => range.Start.IsNull ? range.End : range.Start;

    private static FeelRange? AsRange(FeelValue value)
    {
        if (value is FeelList { Count: 1 } single)
            value = single[0];
        if (value is FeelRange range)
            return range.IsNegated ? null : range;
        return FeelComparison.Compare(value, value) is null ? null : new FeelRange(value, startIncluded: true, value, endIncluded: true);
    }

    // Order of two ends; a missing end has no order.
    private static int? Order(FeelValue left, FeelValue right) => left.IsNull || right.IsNull ? null : FeelComparison.Compare(left, right);

    // Order of lower (or upper) ends, where a missing one lies beyond all others and an excluded one a little inside.
    private static int OrderStarts(FeelRange x, FeelRange y)
    {
        if (x.Start.IsNull || y.Start.IsNull)
            return (x.Start.IsNull ? 0 : 1) - (y.Start.IsNull ? 0 : 1);
        var order = FeelComparison.Compare(x.Start, y.Start) ?? 0;
        return order != 0 ? order : (x.StartIncluded ? 0 : 1) - (y.StartIncluded ? 0 : 1);
    }

    private static int OrderEnds(FeelRange x, FeelRange y)
    {
        if (x.End.IsNull || y.End.IsNull)
            return (x.End.IsNull ? 1 : 0) - (y.End.IsNull ? 1 : 0);
        var order = FeelComparison.Compare(x.End, y.End) ?? 0;
        return order != 0 ? order : (x.EndIncluded ? 1 : 0) - (y.EndIncluded ? 1 : 0);
    }

    // Whether x reaches into y from below: its end is not before y's start.
    private static bool Reaches(FeelRange x, FeelRange y)
        => Order(x.End, y.Start) is not { } order || order > 0 || (order == 0 && x.EndIncluded && y.StartIncluded);

    private static bool Overlaps(FeelRange x, FeelRange y) => Reaches(x, y) && Reaches(y, x);

    private static bool OverlapsBefore(FeelRange x, FeelRange y)
        => OrderStarts(x, y) < 0 && Reaches(x, y) && OrderEnds(x, y) <= 0;

    private static bool Includes(FeelRange x, FeelRange y) => OrderStarts(x, y) <= 0 && OrderEnds(x, y) >= 0;

    private static bool Finishes(FeelRange x, FeelRange y)
        => x.EndIncluded == y.EndIncluded && Order(x.End, y.End) == 0 && OrderStarts(x, y) >= 0;

    private static bool Starts(FeelRange x, FeelRange y)
        => x.StartIncluded == y.StartIncluded && Order(x.Start, y.Start) == 0 && OrderEnds(x, y) <= 0;
}
