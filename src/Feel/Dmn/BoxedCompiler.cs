using System.Xml.Linq;
using Countersign.Feel.Checks;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Parsing;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Dmn;

/// <summary>Compiles boxed expressions.</summary>
internal sealed partial class BoxedCompiler(DmnTypes types, FeelNames modelNames, Action<XElement, string, FeelDiagnostic?> report, string owner, Dictionary<Node, DmnPlace> places)
{
    private static readonly HashSet<string> Kinds = new(StringComparer.Ordinal)
    {
        "literalExpression", "context", "decisionTable", "relation", "list", "functionDefinition", "invocation", "conditional", "for", "some", "every", "filter",
    };

    /// <summary>The boxed expression among an element's children; null when there is none.</summary>
    public Node? Find(XElement parent, HashSet<string> names)
        => parent.Elements().FirstOrDefault(e => e.Name.Namespace == parent.Name.Namespace && Kinds.Contains(e.Name.LocalName)) is { } found ? Boxed(found, names) : null;

    /// <summary>Parameters and body of a function definition.</summary>
    public (Parameter[] Parameters, Node? Body) Function(XElement definition, HashSet<string> names)
    {
        var inner = new HashSet<string>(names, StringComparer.Ordinal);
        var parameters = new List<Parameter>();
        foreach (var parameter in definition.Children("formalParameter"))
        {
            inner.Add(parameter.GivenName());
            parameters.Add(new Parameter(parameter.GivenName(), types.Resolve(parameter, parameter.Attr("typeRef"))));
        }
        if (definition.Attr("kind") is { } kind and not "FEEL")
        {
            report(definition, $"'{owner}' has a function of kind {kind}. Functions outside the model are not run here: write it in FEEL.", null);
            return ([.. parameters], new Broken("A function outside the model is not run."));
        }
        return ([.. parameters], Find(definition, inner));
    }

    private Node Boxed(XElement element, HashSet<string> names)
    {
        var node = element.Name.LocalName switch
        {
            "literalExpression" => Literal(element, names),
            "context" => Context(element, names),
            "decisionTable" => Table(element, names),
            "relation" => Relation(element, names),
            "list" => (Node)new ListLiteral([.. element.Elements().Where(e => Kinds.Contains(e.Name.LocalName)).Select(e => Boxed(e, names))]).At(0, 0),
            "functionDefinition" => FunctionNode(element, names),
            "invocation" => Invocation(element, names),
            "conditional" => new BoxedConditional(Part(element, "if", names), Part(element, "then", names), Part(element, "else", names)).At(0, 0),
            "filter" => new BoxedFilter(Part(element, "in", names), Part(element, "match", With(names, "item"))).At(0, 0),
            _ => Iterator(element, names),
        };
        // A table's type is that of its outputs, a function's that of its results.
        if (element.Name.LocalName is "decisionTable" or "functionDefinition" || types.Resolve(element, element.Attr("typeRef")) is not { } type)
            return node;
        return new Typed(node, type, $"an expression of '{owner}'").At(0, 0);
    }

    private Node Literal(XElement element, HashSet<string> names)
    {
        var language = element.Attr("expressionLanguage");
        if (language is not null && !language.Contains("feel", StringComparison.OrdinalIgnoreCase))
        {
            report(element, $"'{language}' is not understood here: write expressions in FEEL.", null);
            return new Broken($"The expression language '{language}' is not understood.").At(0, 0);
        }
        return Feel(element, element.Text(), names);
    }

    private Node Feel(XElement at, string text, HashSet<string> names)
    {
        if (string.IsNullOrWhiteSpace(text))
            return new Literal(FeelValue.Null).At(0, 0);
        var compiled = FeelExpression.Compile(text, Options(names));
        return Accept(at, compiled) ?? new Broken($"The expression '{Short(text)}' has an error: {compiled.Errors[0].Message}").At(0, 0);
    }

    private Test Tests(XElement at, string text, HashSet<string> names)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Trim() == "-")
            return new AnyTest();
        var compiled = FeelExpression.CompileUnaryTests(text, Options(names));
        return Accept(at, compiled) as Test ?? (Test)new ExpressionTest(new Broken($"The test '{Short(text)}' has an error: {compiled.Errors[0].Message}"), usesInput: false).At(0, 0);
    }

    private FeelCompileOptions Options(HashSet<string> names) => new() { Names = names, ModelTypes = types.All, ModelNames = modelNames };

    private Node? Accept(XElement at, FeelCompilation compiled)
    {
        foreach (var error in compiled.Errors)
            report(at, error.Message, error);
        if (compiled.Expression is { } expression)
            places[expression.Root] = PlaceOf(at);
        return compiled.Expression?.Root;
    }

    private static DmnPlace PlaceOf(XElement at) => new(at.NearestId(), DmnXml.Line(at));

    private Node Part(XElement element, string name, HashSet<string> names)
        => element.Child(name) is { } part ? Find(part, names) ?? Missing(part) : Missing(element);

    private Node Missing(XElement at)
    {
        report(at, $"An expression is missing in '{owner}'.", null);
        return new Broken($"An expression is missing in '{owner}'.").At(0, 0);
    }

    private Node Context(XElement element, HashSet<string> names)
    {
        var inner = new HashSet<string>(names, StringComparer.Ordinal);
        var entries = new List<(string?, Node)>();
        foreach (var entry in element.Children("contextEntry"))
        {
            var variable = entry.Child("variable");
            var node = Find(entry, inner) ?? Missing(entry);
            if (variable is null)
            {
                entries.Add((null, node));
                continue;
            }
            var name = variable.GivenName();
            if (types.Resolve(variable, variable.Attr("typeRef")) is { } type)
                node = new Typed(node, type, $"the entry '{name}'").At(0, 0);
            inner.Add(name);
            entries.Add((name, node));
        }
        return new BoxedContext([.. entries]).At(0, 0);
    }

    private Node Relation(XElement element, HashSet<string> names)
    {
        var columns = element.Children("column").Select(c => c.GivenName()).ToArray();
        var columnTypes = element.Children("column").Select(c => types.Resolve(c, c.Attr("typeRef"))).ToArray();
        var rows = new List<Node[]>();
        foreach (var row in element.Children("row"))
        {
            var cells = row.Elements().Where(e => Kinds.Contains(e.Name.LocalName)).Select(e => Boxed(e, names)).ToArray();
            for (var i = 0; i < cells.Length && i < columns.Length; i++)
            {
                if (columnTypes[i] is { } type)
                    cells[i] = new Typed(cells[i], type, $"the column '{columns[i]}'").At(0, 0);
            }
            rows.Add(cells);
        }
        return new Relation(columns, [.. rows]).At(0, 0);
    }

    private Node FunctionNode(XElement element, HashSet<string> names)
    {
        var (parameters, body) = Function(element, names);
        var declared = types.Resolve(element, element.Attr("typeRef"))?.Unwrap();
        return new BoxedFunction(owner, parameters, (declared as FunctionType)?.Result, body ?? Missing(element)).At(0, 0);
    }

    private Node Invocation(XElement element, HashSet<string> names)
    {
        var target = Find(element, names) ?? Missing(element);
        var parameters = new List<string>();
        var arguments = new List<Node>();
        foreach (var binding in element.Children("binding"))
        {
            parameters.Add(binding.Child("parameter")?.GivenName() ?? "");
            arguments.Add(Find(binding, names) ?? new Literal(FeelValue.Null).At(0, 0));
        }
        return new Call(target, parameters.Count == 0 ? null : [.. parameters], [.. arguments]).At(0, 0);
    }

    private Node Iterator(XElement element, HashSet<string> names)
    {
        var variable = FeelNames.Normalize(element.Attr("iteratorVariable") ?? "item");
        var inner = With(names, variable);
        var iteration = new Iteration(variable, Part(element, "in", names), null);
        return element.Name.LocalName switch
        {
            "for" => new ForLoop([iteration], Part(element, "return", With(inner, "partial"))).At(0, 0),
            _ => new Quantified(element.Name.LocalName == "some", [iteration], Part(element, "satisfies", inner)).At(0, 0),
        };
    }

    private static HashSet<string> With(HashSet<string> names, string name) => new(names, StringComparer.Ordinal) { name };

    private static string Short(string text) => text.Trim() is { Length: > 60 } longer ? longer[..60] + "…" : text.Trim();
}
