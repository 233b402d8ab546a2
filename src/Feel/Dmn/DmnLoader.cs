using System.Collections.Immutable;
using System.Xml.Linq;
using Countersign.Feel.Checks;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Types;

namespace Countersign.Feel.Dmn;

/// <summary>Turns a document into a model: types first, then parts and their requirements, then their logic.</summary>
internal sealed class DmnLoader
{
    private readonly ImmutableArray<DmnDiagnostic>.Builder _diagnostics = ImmutableArray.CreateBuilder<DmnDiagnostic>();
    private readonly DmnLoadOptions _options;
    private readonly XElement _root;
    private readonly DmnModel _model;
    private readonly DmnTypes _types;
    private readonly Dictionary<DmnPart, XElement> _elements = [];

    private DmnLoader(ReadOnlyMemory<byte> xml, XElement root, DmnLoadOptions options)
    {
        _options = options;
        _root = root;
        _model = new DmnModel(root.Attr("id") ?? "", root.GivenName(), root.Attr("namespace") ?? "", xml);
        _types = new DmnTypes(_model, Report);
    }

    public static DmnLoadResult Load(ReadOnlyMemory<byte> xml, DmnLoadOptions options)
    {
        var (root, problem, line) = DmnXml.Read(xml, options);
        if (root is null)
            return new DmnLoadResult(null, [new DmnDiagnostic(DmnSeverity.Error, "", line, problem)]);
        var loader = new DmnLoader(xml, root, options);
        loader.Build();
        return new DmnLoadResult(loader._model, loader._diagnostics.ToImmutable());
    }

    private void Build()
    {
        foreach (var import in _root.Children("import"))
            Import(import);
        _types.Build(_root);
        foreach (var element in _root.Elements())
            Declare(element);
        foreach (var (part, element) in _elements)
            Require(part, element);
        foreach (var part in _elements.Keys)
            part.Seal();
        foreach (var (part, element) in _elements)
        {
            if (part is ServicePart service)
                Serve(service, element);
        }
        // A model without drawn requirements may still use its inputs by name, and paths may use every component.
        var shared = Parsing.Parser.Known(_types.ComponentNames.Concat(_model.Parts.Values.Select(p => p.Name)));
        foreach (var (part, element) in _elements)
            Compile(part, element, shared);
        foreach (var (part, element) in _elements)
        {
            if (IsCircular(part))
                Report(element, $"'{part.Name}' needs itself. Remove one of the requirements that lead back to it.");
        }
    }

    private void Import(XElement import)
    {
        var type = import.Attr("importType") ?? "";
        if (!type.Contains("DMN", StringComparison.OrdinalIgnoreCase))
            return;
        var ns = import.Attr("namespace");
        var model = _options.Imports.FirstOrDefault(m => string.Equals(m.Namespace, ns, StringComparison.Ordinal));
        if (model is null)
            Report(import, $"The imported model '{ns}' was not given. Load it first and pass it along.");
        else
            _model.Imported.Add((import.GivenName(), model));
    }

    private void Declare(XElement element)
    {
        if (element.Name.Namespace != _root.Name.Namespace)
            return;
        var (id, name) = (element.Attr("id") ?? "", element.GivenName());
        if (id.Length == 0)
            id = name;
        DmnPart? part = element.Name.LocalName switch
        {
            "inputData" => new InputPart(_model, id, name),
            "decision" => new DecisionPart(_model, id, name),
            "businessKnowledgeModel" => new KnowledgePart(_model, id, name),
            "decisionService" => new ServicePart(_model, id, name),
            _ => null,
        };
        if (part is null)
            return;
        if (!_model.Parts.TryAdd(id, part))
        {
            Report(element, $"The id '{id}' is used twice. Give one of the elements another id.");
            return;
        }
        part.Index = _elements.Count;
        _elements[part] = element;
        _model.PartNames.Add(name);
        part.Place = new DmnPlace(id, DmnXml.Line(element));
        part.Type = _types.Resolve(element, element.Child("variable")?.Attr("typeRef"));
    }

    private void Require(DmnPart part, XElement element)
    {
        foreach (var requirement in element.Children("informationRequirement").Concat(element.Children("knowledgeRequirement")))
        {
            foreach (var target in requirement.Elements().Where(e => e.Name.LocalName is "requiredInput" or "requiredDecision" or "requiredKnowledge"))
            {
                if (Target(target) is { } found)
                    part.Requirements.Add(found);
                else
                    Report(target, $"'{part.Name}' requires '{target.Attr("href")}', which is not there.");
            }
        }
    }

    private (string Alias, DmnPart Part)? Target(XElement reference)
    {
        var href = reference.Attr("href") ?? "";
        var hash = href.IndexOf('#', StringComparison.Ordinal);
        var (ns, id) = hash >= 0 ? (href[..hash], href[(hash + 1)..]) : ("", href);
        if (ns.Length == 0 || ns == _model.Namespace)
            return _model.Parts.TryGetValue(id, out var own) ? ("", own) : null;
        foreach (var (alias, imported) in _model.Imported)
        {
            if (imported.Namespace == ns && imported.Parts.TryGetValue(id, out var foreign))
                return (alias, foreign);
        }
        return null;
    }

    private void Serve(ServicePart service, XElement element)
    {
        foreach (var name in (ReadOnlySpan<string>)["inputData", "inputDecision"])
            service.Inputs.AddRange(element.Children(name).Select(Target).Where(t => t is not null).Select(t => t!.Value.Part));
        foreach (var output in element.Children("outputDecision"))
        {
            if (Target(output)?.Part is DecisionPart decision)
                service.Outputs.Add(decision);
            else
                Report(output, $"The decision service '{service.Name}' has an output '{output.Attr("href")}', which is no decision.");
        }
    }

    private void Compile(DmnPart part, XElement element, Parsing.FeelNames shared)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (alias, required) in part.Requirements)
        {
            names.Add(required.Name);
            if (alias.Length > 0)
                names.Add(alias);
            foreach (var component in ComponentsOf(required.Type))
                names.Add(component);
        }
        var compiler = new BoxedCompiler(_types, shared, Report, part.Name, _model.Places);
        if (part is DecisionPart decision)
        {
            decision.Body = compiler.Find(element, names);
        }
        else if (part is KnowledgePart knowledge && element.Child("encapsulatedLogic") is { } logic)
        {
            (knowledge.Parameters, knowledge.Body) = compiler.Function(logic, names);
        }
    }

    private static IEnumerable<string> ComponentsOf(FeelType? type, int depth = 0)
    {
        const int Deepest = 6;
        return type?.Unwrap() switch
        {
            ContextType context when depth < Deepest => context.Entries.SelectMany(e => ComponentsOf(e.Type, depth + 1).Prepend(e.Name)),
            ListType list => ComponentsOf(list.Item, depth + 1),
            _ => [],
        };
    }

    private static bool IsCircular(DmnPart start)
    {
        var seen = new HashSet<DmnPart>();
        var waiting = new Stack<DmnPart>(start.Requirements.Select(r => r.Part));
        while (waiting.TryPop(out var part))
        {
            // A knowledge model may call itself; a decision may not need itself.
            if (ReferenceEquals(part, start))
                return start is DecisionPart;
            if (!seen.Add(part))
                continue;
            foreach (var (_, next) in part.Requirements)
                waiting.Push(next);
        }
        return false;
    }

    private void Report(XElement at, string message) => Report(at, message, null);

    private void Report(XElement at, string message, FeelDiagnostic? expression)
        => _diagnostics.Add(new DmnDiagnostic(DmnSeverity.Error, at.NearestId(), DmnXml.Line(at), message, expression));
}
