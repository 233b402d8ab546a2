using System.Xml.Linq;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Dmn;

/// <summary>Decision tables.</summary>
internal sealed partial class BoxedCompiler
{
    private Node Table(XElement element, HashSet<string> names)
    {
        var inputs = element.Children("input").Select(e => Input(e, names)).ToArray();
        var outputs = element.Children("output").Select(e => Output(element, e, names)).ToArray();
        var asked = With(names, "?");
        var rules = element.Children("rule").Select((e, i) => Rule(e, i, inputs.Length, outputs.Length, names, asked)).ToArray();
        if (outputs.Length == 0)
        {
            report(element, $"The table of '{owner}' has no output column.", null);
            return new Broken($"The table of '{owner}' has no output column.").At(0, 0);
        }
        var id = element.Attr("id");
        var table = new DecisionTable(string.IsNullOrEmpty(id) ? element.NearestId() : id, owner, Policy(element), Aggregation(element), inputs, outputs, rules).At(0, 0);
        places[table] = PlaceOf(element);
        return table;
    }

    private TableInput Input(XElement element, HashSet<string> names)
    {
        var expression = element.Child("inputExpression");
        var text = expression.Text();
        var allowed = element.Child("inputValues");
        var type = expression is null ? null : types.Resolve(expression, expression.Attr("typeRef"));
        var node = expression is null ? Missing(element) : Feel(expression, text, names);
        var label = element.Attr("label") is { Length: > 0 } given ? given : text.Trim();
        var isWhole = expression?.Attr("typeRef") is "integer" or "long" or "short" or "byte";
        return new TableInput(label, node, type, allowed is null ? null : Tests(allowed, allowed.Text(), names), isWhole);
    }

    private TableOutput Output(XElement table, XElement element, HashSet<string> names)
    {
        var single = table.Children("output").Skip(1).FirstOrDefault() is null;
        var name = element.GivenName();
        if (name.Length == 0)
            name = element.Attr("label") is { Length: > 0 } label && !single ? Parsing.FeelNames.Normalize(label) : "";
        var type = types.Resolve(element, element.Attr("typeRef"));
        var values = element.Child("outputValues");
        var fallback = element.Child("defaultOutputEntry");
        var allowed = values is null ? null : Tests(values, values.Text(), names);
        // The order of the allowed values is the priority of the outputs.
        Node[] order = allowed is TestList list ? [.. list.Children.OfType<ExpressionTest>().Select(t => t.Children.First())] : [];
        return new TableOutput(name.Length == 0 ? null : name, type, fallback is null ? null : Feel(fallback, fallback.Text(), names), allowed, order);
    }

    private TableRule Rule(XElement element, int index, int inputs, int outputs, HashSet<string> names, HashSet<string> asked)
    {
        var id = element.Attr("id") is { Length: > 0 } given ? given : $"rule-{index + 1}";
        var tests = element.Children("inputEntry").Select(e => Single(e, Tests(e, e.Text(), asked))).ToArray();
        var results = element.Children("outputEntry").Select(e => Feel(e, e.Text(), names)).ToArray();
        if (tests.Length != inputs || results.Length != outputs)
        {
            report(element, $"The rule '{id}' has {tests.Length} input and {results.Length} output cells, but the table has {inputs} and {outputs} columns.", null);
            Array.Resize(ref tests, inputs);
            Array.Resize(ref results, outputs);
            for (var i = 0; i < inputs; i++)
                tests[i] ??= (Test)new ExpressionTest(new Broken("A cell is missing."), usesInput: false).At(0, 0);
            for (var i = 0; i < outputs; i++)
                results[i] ??= new Literal(FeelValue.Null).At(0, 0);
        }
        return new TableRule(id, tests, results, PlaceOf(element));
    }

    // One test needs no list around it; a table asks it often.
    private Test Single(XElement at, Test test)
    {
        if (test is not TestList { IsNegated: false, Tests: [var only] })
            return test;
        places[only] = PlaceOf(at);
        return only;
    }

    private HitPolicy Policy(XElement element)
    {
        switch (element.Attr("hitPolicy"))
        {
            case null or "" or "UNIQUE":
                return HitPolicy.Unique;
            case "FIRST":
                return HitPolicy.First;
            case "PRIORITY":
                return HitPolicy.Priority;
            case "ANY":
                return HitPolicy.Any;
            case "COLLECT":
                return HitPolicy.Collect;
            case "RULE ORDER":
                return HitPolicy.RuleOrder;
            case "OUTPUT ORDER":
                return HitPolicy.OutputOrder;
            case var other:
                report(element, $"'{other}' is no hit policy. Use UNIQUE, FIRST, PRIORITY, ANY, COLLECT, RULE ORDER or OUTPUT ORDER.", null);
                return HitPolicy.Unique;
        }
    }

    private Aggregator Aggregation(XElement element)
    {
        switch (element.Attr("aggregation"))
        {
            case null or "":
                return Aggregator.None;
            case "SUM":
                return Aggregator.Sum;
            case "COUNT":
                return Aggregator.Count;
            case "MIN":
                return Aggregator.Min;
            case "MAX":
                return Aggregator.Max;
            case var other:
                report(element, $"'{other}' is no aggregation. Use SUM, COUNT, MIN or MAX.", null);
                return Aggregator.None;
        }
    }
}
