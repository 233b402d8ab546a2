using Countersign.Feel.Evaluation;
using Countersign.Feel.Values;

namespace Countersign.Feel.Checks;

/// <summary>
/// Reads what a cell compares its input with. A cell of a readable shape answers the same for all inputs between two neighbours of its
/// values, so a table can be looked at piece by piece; any other cell is left open.
/// </summary>
internal sealed class CellShape(FeelRun run)
{
    /// <summary>The values that cells compare with, nulls left out.</summary>
    public List<FeelValue> Values { get; } = [];

    /// <summary>Whether some cell asks for less or greater.</summary>
    public bool IsOrdered { get; private set; }

    /// <summary>Reads a test; false when it has another shape.</summary>
    public bool Read(Test test)
    {
        switch (test)
        {
            case AnyTest:
                return true;
            case TestList list:
                return Array.TrueForAll(list.Tests, Read);
            case ComparisonTest comparison:
                return Read(comparison.Comparator, comparison.End);
            case ExpressionTest { UsesInput: true } expression:
                return ReadQuestion(expression.Expression);
            case ExpressionTest expression:
                return ValueOf(expression.Expression) is { } value && Take(value);
            default:
                return false;
        }
    }

    // Expressions that speak of '?' themselves: comparisons of it, joined by and, or and not.
    private bool ReadQuestion(Node node) => node switch
    {
        Comparison { Left: Name { Text: "?" } } comparison => Read(comparison.Comparator, comparison.Right),
        Comparison { Right: Name { Text: "?" } } comparison => Read(comparison.Comparator, comparison.Left),
        Between between when between.Children.First() is Name { Text: "?" } => between.Children.Skip(1).All(end => Read(Comparator.Less, end)),
        Membership { Value: Name { Text: "?" } } membership => Array.TrueForAll(membership.Tests, Read),
        Junction junction => ReadQuestion(junction.Left) && ReadQuestion(junction.Right),
        Call call when call.Children.ToList() is [Name { Text: "not" }, var only] => ReadQuestion(only),
        _ => false,
    };

    private bool Read(Comparator comparator, Node end)
    {
        IsOrdered |= comparator is not (Comparator.Equal or Comparator.NotEqual);
        return ValueOf(end) is { } value && Take(value, onlySimple: true);
    }

    private bool Take(FeelValue value, bool onlySimple = false)
    {
        switch (value)
        {
            case FeelNull:
                return true;
            case FeelRange range when !onlySimple:
                IsOrdered |= !range.IsSingle;
                return Take(range.Start, onlySimple: true) && Take(range.End, onlySimple: true);
            case FeelList list when !onlySimple:
                return list.All(item => Take(item));
            case FeelContext or FeelFunction or FeelRange or FeelList:
                return false;
            default:
                Values.Add(value);
                return true;
        }
    }

    // The value of an expression that needs neither names nor the clock.
    private FeelValue? ValueOf(Node node)
    {
        if (node.Constant is { } constant)
            return constant;
        var names = new HashSet<string>(StringComparer.Ordinal);
        node.CollectNames(names, new HashSet<string>(StringComparer.Ordinal));
        return names.Count == 0 && !NeedsClock(node) ? node.Evaluate(run, FeelScope.Empty) : null;
    }

    private static bool NeedsClock(Node node) => node is Name { Text: "now" or "today" } or Filter || node.Children.Any(NeedsClock);
}
