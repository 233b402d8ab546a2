namespace Countersign.Feel.Values;

/// <summary>FEEL's equality and order: both can have no answer, which is null.</summary>
public static class FeelComparison
{
    private const long NanosPerDay = 86_400_000_000_000;

    /// <summary>
    /// FEEL's <c>=</c>: null when the kinds differ. Times and dates with time compare to the second, as the standard's tests have it.
    /// </summary>
    public static bool? AreEqual(FeelValue left, FeelValue right)
    {
        if (left is FeelString text && right is FeelString other)
            return string.Equals(text.Value, other.Value, StringComparison.Ordinal);
        if (ReferenceEquals(left, right) && left.Kind is not (FeelKind.List or FeelKind.Context or FeelKind.Function))
            return true;
        if (left.IsNull || right.IsNull)
            return left.IsNull && right.IsNull;
        if (left.Kind != right.Kind)
            return null;
        return (left, right) switch
        {
            (FeelNumber a, FeelNumber b) => a.Value == b.Value,
            (FeelBoolean, FeelBoolean) => false,
            (FeelDate a, FeelDate b) => a.OrderTo(b) == 0,
            (FeelDateTime a, FeelDateTime b) => IsComparable(a.Zone, b.Zone) ? a.EpochSecond == b.EpochSecond : false,
            (FeelTime a, FeelTime b) => TimesAreEqual(a, b),
            (FeelDaysDuration a, FeelDaysDuration b) => a.Nanoseconds == b.Nanoseconds,
            (FeelMonthsDuration a, FeelMonthsDuration b) => a.Months == b.Months,
            (FeelList a, FeelList b) => ListsAreEqual(a, b),
            (FeelContext a, FeelContext b) => ContextsAreEqual(a, b),
            (FeelRange a, FeelRange b) => RangesAreEqual(a, b),
            _ => left.Equals(right),
        };
    }

    /// <summary>FEEL's order: negative, 0 or positive; null when the two cannot be ordered.</summary>
    public static int? Compare(FeelValue left, FeelValue right) => (left, right) switch
    {
        (FeelNumber a, FeelNumber b) => a.Value.CompareTo(b.Value),
        (FeelString a, FeelString b) => CompareText(a.Value, b.Value),
        (FeelDate a, FeelDate b) => a.OrderTo(b),
        (FeelDateTime a, FeelDateTime b) => IsComparable(a.Zone, b.Zone) ? a.EpochNano.CompareTo(b.EpochNano) : null,
        (FeelTime a, FeelTime b) => IsComparable(a.Zone, b.Zone) ? a.UtcNanoOfDay().CompareTo(b.UtcNanoOfDay()) : null,
        (FeelDaysDuration a, FeelDaysDuration b) => a.Nanoseconds.CompareTo(b.Nanoseconds),
        (FeelMonthsDuration a, FeelMonthsDuration b) => a.Months.CompareTo(b.Months),
        _ => null,
    };

    /// <summary>Whether a value lies in a range; null when it cannot be ordered against an end.</summary>
    public static bool? Contains(FeelRange range, FeelValue value)
    {
        if (value is FeelNumber number && range.Start is FeelNumber from && range.End is FeelNumber to && !range.IsSingle)
            return Contains(range, number.Value, from.Value, to.Value);
        if (range.IsSingle)
            return AreEqual(range.Start, value) is { } equal ? equal != range.IsNegated : null;
        if (!range.Start.IsNull)
        {
            if (Compare(value, range.Start) is not { } low)
                return null;
            if (low < 0 || (low == 0 && !range.StartIncluded))
                return range.End.IsNull || Compare(value, range.End) is not null ? false : null;
        }
        if (range.End.IsNull)
            return true;
        return Compare(value, range.End) is { } high ? high < 0 || (high == 0 && range.EndIncluded) : null;
    }

    private static bool Contains(FeelRange range, Decimal34 value, Decimal34 from, Decimal34 to)
    {
        var low = value.CompareTo(from);
        if (low < 0 || (low == 0 && !range.StartIncluded))
            return false;
        var high = value.CompareTo(to);
        return high < 0 || (high == 0 && range.EndIncluded);
    }

    // Code point order: surrogates sort above the rest of the basic plane, as UTF-8 bytes would.
    private static int CompareText(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            var (a, b) = (left[i], right[i]);
            if (a == b)
                continue;
            if (char.IsSurrogate(a) != char.IsSurrogate(b))
                return char.IsSurrogate(a) ? 1 : -1;
            return a.CompareTo(b);
        }
        return left.Length.CompareTo(right.Length);
    }

    private static bool IsComparable(FeelZone? left, FeelZone? right) => (left is null) == (right is null);

    private static bool TimesAreEqual(FeelTime left, FeelTime right)
    {
        if (!IsComparable(left.Zone, right.Zone))
            return false;
        var (a, b) = (left.Zone?.OffsetAt(null, 0), right.Zone?.OffsetAt(null, 0));
        if (left.Zone is not null && (a is null || b is null))
            return left.SecondOfDay == right.SecondOfDay && Equals(left.Zone, right.Zone);
        var difference = (left.SecondOfDay - (a ?? 0)) - (right.SecondOfDay - (b ?? 0));
        return difference * 1_000_000_000L % NanosPerDay == 0;
    }

    private static bool? ListsAreEqual(FeelList left, FeelList right)
    {
        if (left.Count != right.Count)
            return false;
        for (var i = 0; i < left.Count; i++)
        {
            if (AreEqual(left[i], right[i]) != true)
                return false;
        }
        return true;
    }

    private static bool? ContextsAreEqual(FeelContext left, FeelContext right)
    {
        if (left.Count != right.Count)
            return false;
        for (var i = 0; i < left.Count; i++)
        {
            if (!right.TryGetValue(left.Names[i], out var other) || AreEqual(left.Items[i], other) != true)
                return false;
        }
        return true;
    }

    private static bool RangesAreEqual(FeelRange left, FeelRange right)
        => left.StartIncluded == right.StartIncluded && left.EndIncluded == right.EndIncluded
            && left.IsSingle == right.IsSingle && left.IsNegated == right.IsNegated
            && AreEqual(left.Start, right.Start) == true && AreEqual(left.End, right.End) == true;
}
