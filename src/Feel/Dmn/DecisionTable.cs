using System.Runtime.InteropServices;
using Countersign.Feel.Checks;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Dmn;

/// <summary>How a table with several matching rules answers.</summary>
internal enum HitPolicy
{
    Unique,
    First,
    Priority,
    Any,
    Collect,
    RuleOrder,
    OutputOrder,
}

/// <summary>What a collecting table makes of its outputs.</summary>
internal enum Aggregator
{
    None,
    Sum,
    Count,
    Min,
    Max,
}

/// <summary>A column of input: what is tested, and what it may be.</summary>
/// <param name="IsWhole">Whether the model says that its numbers are whole ones; only for looking at the table, FEEL has one kind of number.</param>
internal sealed record TableInput(string Label, Node Expression, FeelType? Type, Test? Allowed, bool IsWhole);

/// <summary>A column of output.</summary>
internal sealed record TableOutput(string? Name, FeelType? Type, Node? Default, Test? Allowed, Node[] Order);

/// <summary>A row.</summary>
internal sealed record TableRule(string Id, Test[] Tests, Node[] Results, DmnPlace Place);

/// <summary>A decision table.</summary>
internal sealed class DecisionTable(string id, string owner, HitPolicy policy, Aggregator aggregator, TableInput[] inputs, TableOutput[] outputs, TableRule[] rules) : BoxedNode
{
    public HitPolicy Policy => policy;

    public TableInput[] Inputs => inputs;

    public TableRule[] Rules => rules;

    /// <summary>Whether there is an answer when no rule matches.</summary>
    public bool HasDefault => Array.Exists(outputs, o => o.Default is not null);

    /// <summary>Whether no matching rule is an ordinary answer: an empty list, or the number 0.</summary>
    public bool AcceptsNoMatch => (policy, aggregator) is (HitPolicy.Collect, Aggregator.None or Aggregator.Count) or (HitPolicy.RuleOrder or HitPolicy.OutputOrder, _);

    public override IEnumerable<Node> Children =>
    [
        .. inputs.Select(i => i.Expression), .. inputs.Select(i => i.Allowed).OfType<Node>(),
        .. outputs.Select(o => o.Default).OfType<Node>(), .. outputs.Select(o => o.Allowed).OfType<Node>(), .. outputs.SelectMany(o => o.Order),
        .. rules.SelectMany(r => r.Tests), .. rules.SelectMany(r => r.Results),
    ];

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        var values = new FeelValue[inputs.Length];
        var fits = true;
        for (var i = 0; i < values.Length; i++)
            fits &= TryInput(run, scope, inputs[i], out values[i]);
        var matched = fits ? Match(run, scope, values) : [];
        var result = fits ? Answer(run, scope, matched) : FeelValue.Null;
        run.Traces?.Add(Trace(matched, values, result));
        return result;
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var types = new FeelType[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            var type = check.Visit(inputs[i].Expression, scope);
            if (inputs[i].Type is { } declared)
                check.WantAssignable(inputs[i].Expression, type, declared, $"The input '{inputs[i].Label}'");
            types[i] = inputs[i].Type ?? type;
            if (inputs[i].Allowed is { } allowed)
                check.VisitTest(allowed, scope, types[i]);
        }
        foreach (var rule in rules)
        {
            for (var i = 0; i < types.Length; i++)
                check.VisitTest(rule.Tests[i], scope.With("?", types[i]), types[i]);
        }
        var results = Array.ConvertAll(outputs, output => CheckOutput(check, scope, output));
        check.OnTable?.Invoke(this, types);
        var one = outputs.Length == 1 ? results[0] : new ContextType([.. outputs.Select((o, i) => (o.Name ?? $"output {i + 1}", results[i]))]);
        return (policy, aggregator) switch
        {
            (HitPolicy.Collect, Aggregator.Count) => FeelType.Number,
            (HitPolicy.Collect, Aggregator.None) or (HitPolicy.RuleOrder or HitPolicy.OutputOrder, _) => new ListType(one),
            _ => one,
        };
    }

    private FeelType CheckOutput(TypeCheck check, TypeScope scope, TableOutput output)
    {
        var column = Array.IndexOf(outputs, output);
        var cells = rules.Select(r => r.Results[column]).Concat(output.Default is { } fallback ? [fallback] : []);
        FeelType? type = null;
        foreach (var cell in cells)
        {
            var found = check.VisitResult(cell, scope, output);
            type = type is null ? found : TypeCheck.Either(type, found);
        }
        return output.Type ?? type ?? FeelType.Unknown;
    }

    /// <summary>The place of a rule's constant results in the order of priority, column after column; null when it is not known.</summary>
    public int[]? ConstantRank(int rule)
    {
        var rank = new int[outputs.Length];
        for (var c = 0; c < rank.Length; c++)
        {
            if (rules[rule].Results[c].Constant is not { } value || !Array.TrueForAll(outputs[c].Order, o => o.Constant is not null))
                return null;
            var at = Array.FindIndex(outputs[c].Order, o => FeelComparison.AreEqual(o.Constant!, value) == true);
            rank[c] = at < 0 ? int.MaxValue : at;
        }
        return rank;
    }

    private DmnTableTrace Trace(List<TableRule> matched, FeelValue[] values, FeelValue result)
    {
        // With the priority policy only the winning rule counts as the reason; it is put first by Answer.
        var ids = new string[policy == HitPolicy.Priority ? Math.Min(matched.Count, 1) : matched.Count];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = matched[i].Id;
        var asked = new (string, FeelValue)[values.Length];
        for (var i = 0; i < asked.Length; i++)
            asked[i] = (inputs[i].Label, values[i]);
        return new DmnTableTrace(id, owner, ImmutableCollectionsMarshal.AsImmutableArray(ids), ImmutableCollectionsMarshal.AsImmutableArray(asked), result);
    }

    private static bool TryInput(FeelRun run, FeelScope scope, TableInput input, out FeelValue value)
    {
        value = input.Expression.Evaluate(run, scope);
        if (input.Type is not null)
        {
            var (coerced, isOfType) = input.Type.Coerce(run, value);
            if (!isOfType)
            {
                _ = run.Fail($"The input '{input.Label}' must be of type {input.Type}, not {Words.Kind(value)}.");
                return false;
            }
            value = coerced;
        }
        if (input.Allowed is null || value.IsNull)
            return true;
        foreach (var one in value is FeelList list ? list.Items : new ReadOnlySpan<FeelValue>(ref value))
        {
            if (!input.Allowed.Applies(run, scope, one).IsTrue)
            {
                _ = run.Fail($"The input '{input.Label}' has a value that is not among its allowed values.");
                return false;
            }
        }
        return true;
    }

    private List<TableRule> Match(FeelRun run, FeelScope scope, FeelValue[] values)
    {
        var matched = new List<TableRule>(1);
        foreach (var rule in rules)
        {
            run.Step();
            var matches = true;
            for (var i = 0; i < values.Length && matches; i++)
                matches = rule.Tests[i] is AnyTest || rule.Tests[i].Applies(run, scope, values[i]).IsTrue;
            if (!matches)
                continue;
            matched.Add(rule);
            if (policy == HitPolicy.First)
                break;
        }
        return matched;
    }

    private FeelValue Answer(FeelRun run, FeelScope scope, List<TableRule> matched)
    {
        if (matched.Count == 0)
            return Nothing(run, scope);
        if (policy == HitPolicy.First || (policy == HitPolicy.Unique && matched.Count == 1))
            return Output(run, scope, matched[0].Results);
        var results = new List<FeelValue>(matched.Count);
        foreach (var rule in matched)
            results.Add(Output(run, scope, rule.Results));
        switch (policy)
        {
            case HitPolicy.Unique:
                return run.Fail($"Several rules match ({string.Join(", ", matched.Select(r => r.Id))}), but only one may. Make the rules exclude each other or choose another hit policy.");
            case HitPolicy.Any when results.Exists(r => FeelComparison.AreEqual(r, results[0]) != true):
                return run.Fail($"The matching rules ({string.Join(", ", matched.Select(r => r.Id))}) have different results, but must agree.");
            case HitPolicy.Any:
                return results[0];
            case HitPolicy.Priority or HitPolicy.OutputOrder:
                var order = Ordered(run, scope, results);
                if (policy == HitPolicy.OutputOrder)
                    return run.List((FeelValue[])[.. order.Select(i => results[i])]);
                (matched[0], matched[order[0]]) = (matched[order[0]], matched[0]);
                return results[order[0]];
            case HitPolicy.Collect when aggregator != Aggregator.None:
                return Aggregate(run, results);
            default:
                return run.List(results);
        }
    }

    private FeelValue Nothing(FeelRun run, FeelScope scope)
    {
        if (HasDefault)
        {
            var defaults = Output(run, scope, [.. outputs.Select(o => o.Default ?? new Literal(FeelValue.Null))]);
            return policy is HitPolicy.Collect && aggregator == Aggregator.None ? run.List((FeelValue[])[defaults]) : defaults;
        }
        return (policy, aggregator) switch
        {
            (HitPolicy.Collect, Aggregator.None) or (HitPolicy.RuleOrder, _) or (HitPolicy.OutputOrder, _) => FeelList.Empty,
            (HitPolicy.Collect, Aggregator.Count) => FeelNumber.From(0),
            _ => run.Fail("No rule matches. Add a rule for this case or a default output."),
        };
    }

    private FeelValue Output(FeelRun run, FeelScope scope, Node[] cells)
    {
        if (outputs.Length == 1)
            return Cell(run, scope, outputs[0], cells[0]);
        var builder = new FeelContextBuilder();
        for (var i = 0; i < outputs.Length; i++)
            builder.Set(outputs[i].Name ?? $"output {i + 1}", Cell(run, scope, outputs[i], cells[i]));
        return run.Context(builder);
    }

    private static FeelValue Cell(FeelRun run, FeelScope scope, TableOutput output, Node cell)
    {
        var value = DmnEvaluation.Coerce(run, output.Type, cell.Evaluate(run, scope), $"the output '{output.Name}'");
        if (output.Allowed is { } allowed && !value.IsNull && !allowed.Applies(run, scope, value).IsTrue)
            return run.Fail($"The output '{output.Name}' has a value that is not among its allowed values.");
        return value;
    }

    // Positions of the results by the order of the allowed outputs, column after column; equal ones keep the rules' order.
    private List<int> Ordered(FeelRun run, FeelScope scope, List<FeelValue> results)
    {
        var order = outputs.Select(o => o.Order.Select(n => n.Evaluate(run, scope)).ToList()).ToList();
        int Rank(int result, int column)
        {
            var value = outputs.Length == 1 ? results[result] : ((FeelContext)results[result])[outputs[column].Name ?? $"output {column + 1}"];
            var at = order[column].FindIndex(o => FeelComparison.AreEqual(o, value) == true);
            return at < 0 ? int.MaxValue : at;
        }

        var ranks = results.Select((_, i) => outputs.Select((_, c) => Rank(i, c)).ToArray()).ToList();
        return
        [
            .. Enumerable.Range(0, results.Count).Order(Comparer<int>.Create((a, b) =>
            {
                for (var c = 0; c < outputs.Length; c++)
                {
                    if (ranks[a][c] != ranks[b][c])
                        return ranks[a][c].CompareTo(ranks[b][c]);
                }
                return a.CompareTo(b);
            })),
        ];
    }

    private FeelValue Aggregate(FeelRun run, List<FeelValue> results)
    {
        if (aggregator == Aggregator.Count)
            return FeelNumber.From(results.Count);
        var function = aggregator switch { Aggregator.Sum => "sum", Aggregator.Min => "min", _ => "max" };
        return Functions.BuiltIns.Find(function)!.Invoke(run, [run.List(results)]);
    }
}
