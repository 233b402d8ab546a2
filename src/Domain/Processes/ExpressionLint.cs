namespace Countersign.Domain.Processes;

/// <summary>A FEEL expression and where it stands.</summary>
/// <param name="What">What it is for, for a sentence.</param>
internal sealed record ExpressionUse(ProcessExpression Expression, string ElementId, string What, int? Line);

/// <summary>
/// Looks at the expressions of a process without values: what can never work, and names that nothing in the process gives. All are warnings: a version
/// that was published before a check existed must go on running, and what an instance is started with is not written in the file.
/// </summary>
internal static class ExpressionLint
{
    private const int MostNames = 20;

    // Names that the engine gives: to mappings after a task of a person, and to repetitions.
    private static readonly string[] Given =
        ["taskResult", "loopCounter", "numberOfInstances", "numberOfActiveInstances", "numberOfCompletedInstances", "numberOfTerminatedInstances"];

    public static void Check(ProcessGraph graph, IReadOnlyList<ExpressionUse> uses, FindingList findings)
    {
        foreach (var use in uses)
        {
            foreach (var finding in use.Expression.Check())
                findings.Warning(finding.Rule, use.ElementId, $"{use.What}, character {finding.Position + 1}: {finding.Sentence}", finding.Remedy, use.Line);
        }

        CheckNames(uses, SetBy(graph), findings);
    }

    private static void CheckNames(IReadOnlyList<ExpressionUse> uses, HashSet<string> known, FindingList findings)
    {
        var fromOutside = new SortedDictionary<string, ExpressionUse>(StringComparer.Ordinal);
        foreach (var use in uses)
        {
            foreach (var name in use.Expression.Names.Where(n => !known.Contains(n)))
            {
                if (Similar(name, known) is { } similar)
                    findings.Warning("variable.unknown", use.ElementId, $"{use.What} uses '{name}', which nothing in the process sets.", $"Did you mean '{similar}'? Otherwise give '{name}' when an instance starts.", use.Line);
                else
                    fromOutside.TryAdd(name, use);
            }
        }

        if (fromOutside.Count == 0)
            return;
        var first = fromOutside.Values.OrderBy(u => u.Line ?? 0).First();
        var names = string.Join(", ", fromOutside.Keys.Take(MostNames)) + (fromOutside.Count > MostNames ? ", …" : "");
        findings.Warning("variable.from-outside", first.ElementId, $"Nothing in the process sets: {names}. They are null unless an instance is started with them or a worker gives them.",
            "Give them, or correct their names.", first.Line);
    }

    private static HashSet<string> SetBy(ProcessGraph graph)
    {
        var known = new HashSet<string>(Given, StringComparer.Ordinal);
        known.UnionWith(graph.DataClasses.Select(d => d.Variable));
        foreach (var node in graph.Nodes)
        {
            known.UnionWith(node.Inputs.Concat(node.Outputs).Select(m => m.Target[0]));
            string?[] results =
            [
                node.Detail switch
                {
                    PolicyDetail policy => policy.ResultVariable,
                    DecisionDetail decision => decision.ResultVariable,
                    ScriptDetail script => script.ResultVariable,
                    UserTaskDetail task => task.VerdictVariable,
                    _ => null,
                },
                node.Repeat?.Element,
                node.Repeat?.OutputCollection,
            ];
            known.UnionWith(results.OfType<string>());
        }

        return known;
    }

    // One letter wrong, missing, doubled or swapped with its neighbour, or another case. Short names are too near to each other to tell.
    private static string? Similar(string name, HashSet<string> known)
    {
        const int Shortest = 4;
        return name.Length < Shortest ? null : known.Where(k => k.Length >= Shortest && IsNear(name, k)).Order(StringComparer.Ordinal).FirstOrDefault();
    }

    private static bool IsNear(string left, string right)
    {
        if (string.Equals(left, right, StringComparison.OrdinalIgnoreCase))
            return true;
        // Items beside item is a list beside its member, not a slip.
        if (Math.Abs(left.Length - right.Length) > 1 || left == right + "s" || right == left + "s")
            return false;
        var start = 0;
        while (start < left.Length && start < right.Length && left[start] == right[start])
            start++;
        var end = 0;
        while (end < left.Length - start && end < right.Length - start && left[^(end + 1)] == right[^(end + 1)])
            end++;
        var (a, b) = (left.Length - start - end, right.Length - start - end);
        return (a <= 1 && b <= 1) || (a == 2 && b == 2 && left[start] == right[start + 1] && left[start + 1] == right[start]);
    }
}
