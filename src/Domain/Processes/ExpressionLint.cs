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
        var near = new NearNames(known);
        var fromOutside = new SortedDictionary<string, ExpressionUse>(StringComparer.Ordinal);
        foreach (var use in uses)
        {
            foreach (var name in use.Expression.Names.Where(n => !known.Contains(n)))
            {
                if (near.Of(name) is { } similar)
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
}
