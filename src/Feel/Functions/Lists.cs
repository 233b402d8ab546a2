using Countersign.Feel.Evaluation;
using Countersign.Feel.Values;

namespace Countersign.Feel.Functions;

/// <summary>Functions that search, build and order lists; positions begin with 1, negative ones count from the end.</summary>
internal static class Lists
{
    public static readonly BuiltIn[] Functions =
    [
        new("list contains", ["list, element"], "Whether a list has a member equal to a value.", "list contains([1, 2, 3], 2)", "true", Contains),
        new("count", ["list", "list..."], "How many members a list has.", "count([1, 2, 3])", "3", (in Arguments a)
            => a.IsListOrMany(out var list) ? FeelNumber.From(list.Count) : a.Wrong(0, "a list")),
        new("sublist", ["list, start position, length?"], "A part of a list.", "sublist([4, 5, 6], 1, 2)", "[4, 5]", Sublist),
        new("append", ["list, item..."], "The list with more members at its end.", "append([1], 2, 3)", "[1, 2, 3]", (in Arguments a)
            => a.IsList(0, out var list) || a[0].IsNull ? a.Run.List((FeelValue[])[.. (a[0].IsNull ? FeelList.Of(a[0]) : list), .. a.All.Skip(1)]) : a.Wrong(0, "a list")),
        new("concatenate", ["list", "list..."], "One list after another.", "concatenate([1, 2], [3])", "[1, 2, 3]", (in Arguments a) => Concatenate(a, distinct: false)),
        new("insert before", ["list, position, newItem"], "The list with a new member before a position.", "insert before([1, 3], 1, 2)", "[2, 1, 3]", (in Arguments a) => Change(a, Edit.Insert)),
        new("remove", ["list, position"], "The list without the member at a position.", "remove([1, 2, 3], 2)", "[1, 3]", (in Arguments a) => Change(a, Edit.Remove)),
        new("list replace", ["list, position, newItem", "list, match, newItem"], "The list with the member at a position, or all that a function matches, replaced.", "list replace([2, 4, 7, 8], 3, 6)", "[2, 4, 6, 8]", Replace),
        new("reverse", ["list"], "The list from its end.", "reverse([1, 2, 3])", "[3, 2, 1]", (in Arguments a)
            => a.IsList(0, out var list) ? a.Run.List((FeelValue[])[.. list.Reverse()]) : a.Wrong(0, "a list")),
        new("index of", ["list, match"], "The positions of all members equal to a value.", "index of([1, 2, 3, 2], 2)", "[2, 4]", IndexOf),
        new("union", ["list", "list..."], "All members of all lists, each once.", "union([1, 2], [2, 3])", "[1, 2, 3]", (in Arguments a) => Concatenate(a, distinct: true)),
        new("distinct values", ["list"], "The members, each once.", "distinct values([1, 2, 3, 2, 1])", "[1, 2, 3]", (in Arguments a)
            => a.IsList(0, out var list) ? Distinct(a.Run, list) : a.Wrong(0, "a list")),
        new("flatten", ["list"], "All members of all lists within the list.", "flatten([[1, 2], [[3]], 4])", "[1, 2, 3, 4]", Flatten),
        new("sort", ["list, precedes?"], "The list in order; the function says whether its first argument comes before its second.", "sort([3, 1, 4], function(x, y) x < y)", "[1, 3, 4]", Sort),
    ];

    private enum Edit
    {
        Insert,
        Remove,
        Replace,
    }

    private static FeelValue Contains(in Arguments a)
    {
        if (!a.IsList(0, out var list))
            return a.Wrong(0, "a list");
        foreach (var item in list.Items)
        {
            a.Run.Step();
            if (a.Run.AreEqual(item, a[1]) == true)
                return FeelValue.True;
        }
        return FeelValue.False;
    }

    private static FeelValue Sublist(in Arguments a)
    {
        if (!a.IsList(0, out var list))
            return a.Wrong(0, "a list");
        if (!a.IsWhole(1, out var start) || start == 0)
            return a.Wrong(1, "a whole number other than 0");
        var first = start > 0 ? start - 1 : list.Count + start;
        if (first < 0 || first > list.Count)
            return a.Fail("the start position lies outside the list.");
        var count = list.Count - first;
        if (!a.IsMissing(2))
        {
            if (!a.IsWhole(2, out var length) || length < 0 || length > count)
                return a.Wrong(2, "a length within the list");
            count = length;
        }
        return a.Run.List(list.Items.Slice((int)first, (int)count).ToArray());
    }

    private static FeelValue Concatenate(in Arguments a, bool distinct)
    {
        var items = new List<FeelValue>();
        for (var i = 0; i < a.Count; i++)
        {
            if (!a.IsList(i, out var list))
                return a.Wrong(i, "a list");
            a.Run.CheckList((long)items.Count + list.Count);
            items.AddRange(list.Items);
        }
        var all = a.Run.List(items);
        return distinct ? Distinct(a.Run, all) : all;
    }

    private static FeelValue Change(in Arguments a, Edit edit)
    {
        if (!a.IsList(0, out var list))
            return a.Wrong(0, "a list");
        if (!a.IsWhole(1, out var position))
            return a.Wrong(1, "a whole number");
        var at = position > 0 ? position - 1 : list.Count + position;
        if (position == 0 || at < 0 || at >= list.Count)
            return a.Fail("the position lies outside the list.");
        var items = new List<FeelValue>(list);
        if (edit == Edit.Insert)
            items.Insert((int)at, a[2]);
        else if (edit == Edit.Remove)
            items.RemoveAt((int)at);
        else
            items[(int)at] = a[2];
        return a.Run.List(items);
    }

    private static FeelValue Replace(in Arguments a)
    {
        if (a[1] is not FeelFunction match)
            return Change(a, Edit.Replace);
        if (!a.IsList(0, out var list))
            return a.Wrong(0, "a list");
        var items = new FeelValue[list.Count];
        for (var i = 0; i < items.Length; i++)
        {
            a.Run.Step();
            if (match.Invoke(a.Run, [list[i], a[2]]) is not FeelBoolean answer)
                return a.Fail("the function must say true or false for each member.");
            items[i] = answer.Value ? a[2] : list[i];
        }
        return a.Run.List(items);
    }

    private static FeelValue IndexOf(in Arguments a)
    {
        if (!a.IsList(0, out var list))
            return a.Wrong(0, "a list");
        var found = new List<FeelValue>();
        for (var i = 0; i < list.Count; i++)
        {
            a.Run.Step();
            if (a.Run.AreEqual(list[i], a[1]) == true)
                found.Add(FeelNumber.From(i + 1));
        }
        return a.Run.List(found);
    }

    private static FeelList Distinct(FeelRun run, FeelList list)
    {
        // Hashes first: quadratic comparison would let a long list spend far more time than steps.
        var seen = new HashSet<FeelValue>(new SameInFeel(run));
        var kept = new List<FeelValue>();
        foreach (var item in list.Items)
        {
            run.Step();
            if (seen.Add(item))
                kept.Add(item);
        }
        return run.List(kept);
    }

    private static FeelValue Flatten(in Arguments a)
    {
        if (!a.IsList(0, out var list))
            return a.Wrong(0, "a list");
        var items = new List<FeelValue>();
        Flatten(a.Run, list, items);
        return a.Run.List(items);
    }

    private static void Flatten(FeelRun run, FeelList list, List<FeelValue> into)
    {
        foreach (var item in list.Items)
        {
            run.Step();
            if (item is FeelList inner)
            {
                Flatten(run, inner, into);
                continue;
            }
            run.CheckList(into.Count + 1L);
            into.Add(item);
        }
    }

    private static FeelValue Sort(in Arguments a)
    {
        if (!a.IsList(0, out var list))
            return a.Wrong(0, "a list");
        if (a.Count > 1 && a[1] is not FeelFunction)
            return a.Wrong(1, "a function");
        var precedes = a[1] as FeelFunction;
        var run = a.Run;
        var failed = false;
        bool Before(FeelValue left, FeelValue right)
        {
            run.Step();
            if (precedes is not null)
                return precedes.Invoke(run, [left, right]).IsTrue;
            var order = FeelComparison.Compare(left, right);
            failed |= order is null;
            return order < 0;
        }

        var sorted = MergeSort(list.Items.ToArray(), Before);
        return failed ? a.Fail("the members cannot be ordered.") : run.List(sorted);
    }

    // Stable, and sure to end whatever the function says.
    private static FeelValue[] MergeSort(FeelValue[] items, Func<FeelValue, FeelValue, bool> before)
    {
        var from = items;
        var to = new FeelValue[items.Length];
        for (var width = 1; width < items.Length; width *= 2)
        {
            for (var low = 0; low < items.Length; low += 2 * width)
            {
                var (middle, high) = (Math.Min(low + width, items.Length), Math.Min(low + (2 * width), items.Length));
                var (left, right) = (low, middle);
                for (var at = low; at < high; at++)
                    to[at] = left < middle && (right >= high || !before(from[right], from[left])) ? from[left++] : from[right++];
            }
            (from, to) = (to, from);
        }
        return from;
    }
}

/// <summary>Sameness as FEEL's equality has it, for hash tables.</summary>
/// <param name="run">What comparing lists and contexts is charged to.</param>
internal sealed class SameInFeel(FeelRun run) : IEqualityComparer<FeelValue>
{
    public bool Equals(FeelValue? x, FeelValue? y) => x is not null && y is not null && run.AreEqual(x, y) == true;

    // Moments equal in different zones must share a hash, so only their kind counts, with their second.
    public int GetHashCode(FeelValue obj) => obj switch
    {
        FeelDateTime moment => moment.EpochSecond.GetHashCode(),
        FeelTime => 7,
        FeelList list => HashCode.Combine(list.Count, list.Count > 0 ? GetHashCode(list[0]) : 0),
        FeelContext context => HashCode.Combine(context.Count, 3),
        FeelRange range => HashCode.Combine(GetHashCode(range.Start), GetHashCode(range.End)),
        _ => obj.GetHashCode(),
    };
}
