using System.Collections.Immutable;
using Countersign.Feel.Dmn;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Parsing;
using Countersign.Feel.Types;

namespace Countersign.Feel.Checks;

/// <summary>Checks a model: each part once, in the order in which they need each other.</summary>
internal sealed class DmnCheck
{
    private readonly DmnModel _model;
    private readonly IReadOnlyDictionary<string, string?>? _given;
    private readonly List<DmnFinding> _findings = [];
    private readonly Dictionary<DmnPart, FeelType> _types = [];
    private readonly Stack<DmnPlace> _places = [];
    private readonly TypeCheck _check;

    private DmnCheck(DmnModel model, DmnCheckOptions options)
    {
        _model = model;
        _given = options.Given;
        _check = new TypeCheck((_, rule, sentence, remedy) => Report(rule, DmnSeverity.Error, Here, sentence, remedy)) { OnVisit = Visit, OnTable = Table };
    }

    private DmnPlace Here => _places.TryPeek(out var place) ? place : new DmnPlace("", 0);

    public static ImmutableArray<DmnFinding> Run(DmnModel model, DmnCheckOptions options)
    {
        var check = new DmnCheck(model, options);
        foreach (var part in model.Parts.Values)
            _ = check.TypeOf(part);
        return [.. check._findings.Distinct().OrderByDescending(f => f.Severity).ThenBy(f => f.Line).ThenBy(f => f.ElementId, StringComparer.Ordinal)];
    }

    private void Report(string rule, DmnSeverity severity, DmnPlace at, string sentence, string remedy)
        => _findings.Add(new DmnFinding(rule, severity, at.ElementId, at.Line, sentence, remedy));

    private void Visit(Node node, bool isEntered)
    {
        if (!_model.Places.TryGetValue(node, out var place))
            return;
        if (isEntered)
            _places.Push(place);
        else
            _places.Pop();
    }

    private void Table(DecisionTable table, FeelType[] inputs)
    {
        var at = Here;
        TableCheck.Run(table, inputs, (rule, id, sentence, remedy) => Report(id, DmnSeverity.Warning, rule?.Place ?? at, sentence, remedy));
    }

    private FeelType TypeOf(DmnPart part)
    {
        if (!ReferenceEquals(part.Model, _model))
            return part.Type ?? FeelType.Unknown;
        if (_types.TryGetValue(part, out var known))
            return known;
        // Until it is known: a part that needs itself is found elsewhere.
        _types[part] = part.Type ?? FeelType.Unknown;
        _places.Push(part.Place);
        var type = part switch
        {
            InputPart input => OfInput(input),
            DecisionPart { Body: { } body } => OfDecision(part, body),
            KnowledgePart knowledge => OfKnowledge(knowledge),
            ServicePart service => new FunctionType([.. service.Inputs.Select(TypeOf)], ResultOf(service)),
            _ => part.Type ?? FeelType.Unknown,
        };
        _places.Pop();
        return _types[part] = type;
    }

    private FeelType OfInput(InputPart input)
    {
        if (_given is null)
            return input.Type ?? FeelType.Unknown;
        if (!_given.TryGetValue(input.Name, out var text))
        {
            var similar = TypeScope.Root(_given.Keys.ToDictionary(n => n, _ => FeelType.Unknown, StringComparer.Ordinal), isOpen: false).Similar(input.Name);
            Report("dmn.input-not-given", DmnSeverity.Error, input.Place, $"The input '{input.Name}' is never given, so it is always null. Given are: {string.Join(", ", _given.Keys.Order(StringComparer.Ordinal))}.",
                similar is null ? "Name one of the given inputs." : $"Check the spelling: did you mean '{similar}'?");
        }
        var given = text is null ? null : Parser.TypeOf(text);
        if (given is not null && input.Type is { } declared)
            _check.WantAssignable(FeelTypeNode, given, declared, $"The input '{input.Name}'");
        return input.Type ?? given ?? FeelType.Unknown;
    }

    // Findings of an input have a place of their own; there is no expression to point into.
    private static Node FeelTypeNode { get; } = new Literal(Values.FeelValue.Null);

    private FeelType OfDecision(DmnPart part, Node body)
    {
        var type = _check.Visit(body, ScopeOf(part));
        if (part.Type is not { } declared)
            return type;
        _check.WantAssignable(body, type, declared, $"The value of '{part.Name}'");
        return declared;
    }

    private FunctionType OfKnowledge(KnowledgePart knowledge)
    {
        var parameters = knowledge.Parameters.Select(p => p.Type ?? FeelType.Unknown).ToImmutableArray();
        var result = ResultOf(knowledge);
        // It sees itself, so that it can call itself.
        var names = knowledge.Parameters.DistinctBy(p => p.Name, StringComparer.Ordinal).ToDictionary(p => p.Name, p => p.Type ?? FeelType.Unknown, StringComparer.Ordinal);
        var inferred = knowledge.Body is null ? FeelType.Unknown : _check.Visit(knowledge.Body, ScopeOf(knowledge).With(knowledge.Name, new FunctionType(parameters, result)).With(names));
        return new FunctionType(parameters, ReferenceEquals(result, FeelType.Unknown) ? inferred : result);
    }

    private static FeelType ResultOf(DmnPart part) => part.Type is not { } type ? FeelType.Unknown : type.Unwrap() is FunctionType function ? function.Result : type;

    private TypeScope ScopeOf(DmnPart part)
    {
        var names = new Dictionary<string, FeelType>(StringComparer.Ordinal);
        foreach (var (alias, required) in part.Requirements)
        {
            if (alias.Length == 0)
                names[required.Name] = TypeOf(required);
            else
                names[alias] = FeelType.Unknown;
        }
        var given = (_given ?? new Dictionary<string, string?>(StringComparer.Ordinal)).Where(g => !_model.PartNames.Contains(g.Key))
            .ToDictionary(g => g.Key, g => g.Value is { } text && Parser.TypeOf(text) is { } type ? type : FeelType.Unknown, StringComparer.Ordinal);
        return TypeScope.Root(given, isOpen: _given is null, hidden: _model.PartNames).With(names);
    }
}

/// <summary>Where something stands in a model's document.</summary>
internal readonly record struct DmnPlace(string ElementId, int Line);
