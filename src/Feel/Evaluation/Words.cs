using Countersign.Feel.Values;

namespace Countersign.Feel.Evaluation;

/// <summary>Words for messages.</summary>
internal static class Words
{
    public static string Kind(FeelValue value) => Kind(value.Kind);

    public static string Kind(FeelKind kind) => kind switch
    {
        FeelKind.Null => "nothing (null)",
        FeelKind.Boolean => "true or false",
        FeelKind.Number => "a number",
        FeelKind.String => "a text",
        FeelKind.Date => "a date",
        FeelKind.Time => "a time",
        FeelKind.DateTime => "a date and time",
        FeelKind.DaysAndTimeDuration => "a duration in days and time",
        FeelKind.YearsAndMonthsDuration => "a duration in years and months",
        FeelKind.List => "a list",
        FeelKind.Context => "a context",
        FeelKind.Range => "a range",
        _ => "a function",
    };
}

/// <summary>The six comparisons.</summary>
internal enum Comparator
{
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

internal static class Comparators
{
    public static string Sign(this Comparator comparator) => comparator switch
    {
        Comparator.Equal => "=",
        Comparator.NotEqual => "!=",
        Comparator.Less => "<",
        Comparator.AtMost => "<=",
        Comparator.Greater => ">",
        _ => ">=",
    };

    /// <summary>The comparison's answer; null when the two cannot be compared.</summary>
    public static bool? Apply(this Comparator comparator, FeelRun run, FeelValue left, FeelValue right)
    {
        if (comparator is Comparator.Equal or Comparator.NotEqual)
            return run.AreEqual(left, right) is { } equal ? equal == (comparator == Comparator.Equal) : null;
        if (FeelComparison.Compare(left, right) is not { } order)
            return null;
        return comparator.Holds(order);
    }

    /// <summary>Whether the comparison holds for two values in this order.</summary>
    public static bool Holds(this Comparator comparator, int order) => comparator switch
    {
        Comparator.Equal => order == 0,
        Comparator.NotEqual => order != 0,
        Comparator.Less => order < 0,
        Comparator.AtMost => order <= 0,
        Comparator.Greater => order > 0,
        _ => order >= 0,
    };
}
