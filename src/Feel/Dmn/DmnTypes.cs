using System.Collections.Immutable;
using System.Xml.Linq;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Parsing;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Dmn;

/// <summary>Builds the types that item definitions describe.</summary>
internal sealed class DmnTypes(DmnModel model, Action<XElement, string> report)
{
    private readonly Dictionary<string, FeelType> _all = new(StringComparer.Ordinal);

    /// <summary>All types that the model's expressions may name: its own, and imported ones with their prefix.</summary>
    public IReadOnlyDictionary<string, FeelType> All => _all;

    /// <summary>Names of components, which paths may use.</summary>
    public HashSet<string> ComponentNames { get; } = new(StringComparer.Ordinal);

    public void Build(XElement root)
    {
        foreach (var (alias, imported) in model.Imported)
        {
            foreach (var (name, type) in imported.Types)
                _all.TryAdd(alias.Length == 0 ? name : $"{alias}.{name}", type);
        }
        var definitions = root.Children("itemDefinition").Where(d => d.GivenName().Length > 0).ToList();
        foreach (var definition in definitions)
        {
            if (!model.Types.TryAdd(definition.GivenName(), new NamedType(definition.GivenName())))
                report(definition, $"The type '{definition.GivenName()}' is defined twice. Rename one of them.");
            _all[definition.GivenName()] = model.Types[definition.GivenName()];
        }
        foreach (var definition in definitions)
            Define((NamedType)model.Types[definition.GivenName()], definition);
        foreach (var definition in definitions)
            BreakCircle((NamedType)model.Types[definition.GivenName()], definition);
    }

    /// <summary>The type a reference names; null for none.</summary>
    public FeelType? Resolve(XElement at, string? reference)
    {
        if (string.IsNullOrWhiteSpace(reference))
            return null;
        var name = FeelNames.Normalize(reference);
        if (_all.TryGetValue(name, out var own))
            return own;
        // Up to DMN 1.1 references are qualified names: feel:string, or a prefix of an import.
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0)
        {
            var ns = at.GetNamespaceOfPrefix(name[..colon])?.NamespaceName;
            var local = name[(colon + 1)..];
            if (ns is not null && model.Imported.Find(i => i.Model.Namespace == ns).Model is { } imported && imported.Types.TryGetValue(local, out var foreign))
                return foreign;
            name = local;
            if (_all.TryGetValue(name, out own))
                return own;
        }
        if (FeelType.FromName(name) is { } simple)
            return simple;
        // Names of number types that other engines' editors write.
        if (name is "integer" or "long" or "double" or "short" or "byte" or "float" or "decimal")
            return FeelType.Number;
        report(at, $"There is no type '{reference}'. Define it or use one of FEEL's types.");
        return null;
    }

    private void Define(NamedType type, XElement definition)
    {
        var collection = string.Equals(definition.Attr("isCollection"), "true", StringComparison.Ordinal);
        var item = collection ? new NamedType(definition.GivenName()) : type;
        item.Definition = Structure(definition);
        item.IsAllowed = Constraint(definition, "allowedValues", out var allowed);
        item.Allowed = allowed;
        if (!collection)
        {
            item.IsAllowed = Both(item.IsAllowed, Constraint(definition, "typeConstraint", out _));
            return;
        }
        type.Definition = new ListType(item);
        type.IsAllowed = Constraint(definition, "typeConstraint", out _);
    }

    private FeelType Structure(XElement definition)
    {
        if (definition.Child("functionItem") is { } function)
        {
            var parameters = function.Children("parameters").Select(p => Resolve(p, p.Attr("typeRef")) ?? FeelType.Any);
            return new FunctionType([.. parameters], Resolve(function, function.Attr("outputTypeRef")) ?? FeelType.Any);
        }
        var components = definition.Children("itemComponent").ToList();
        if (components.Count == 0)
            return Resolve(definition, definition.Child("typeRef")?.Value ?? definition.Attr("typeRef")) ?? FeelType.Any;
        var entries = ImmutableArray.CreateBuilder<(string, FeelType)>();
        foreach (var component in components)
        {
            ComponentNames.Add(component.GivenName());
            var type = new NamedType(component.GivenName());
            Define(type, component);
            entries.Add((component.GivenName(), type));
        }
        return new ContextType(entries.ToImmutable());
    }

    private Func<FeelRun, FeelValue, bool>? Constraint(XElement definition, string name, out Test? test)
    {
        test = null;
        var element = definition.Child(name);
        var text = element.Text();
        if (element is null || string.IsNullOrWhiteSpace(text))
            return null;
        var compiled = FeelExpression.CompileUnaryTests(text);
        if (compiled.Expression is not { } expression)
        {
            report(element, compiled.Errors[0].Message);
            return null;
        }
        var made = (Test)expression.Root;
        test = made;
        return (run, value) => made.Applies(run, FeelScope.Empty, value).IsTrue;
    }

    private static Func<FeelRun, FeelValue, bool>? Both(Func<FeelRun, FeelValue, bool>? first, Func<FeelRun, FeelValue, bool>? second)
        => first is null ? second : second is null ? first : (run, value) => first(run, value) && second(run, value);

    private void BreakCircle(NamedType type, XElement definition)
    {
        var seen = new HashSet<FeelType> { type };
        for (var next = type.Definition; next is NamedType named; next = named.Definition)
        {
            if (seen.Add(named))
                continue;
            report(definition, $"The type '{definition.GivenName()}' is defined by itself.");
            type.Definition = FeelType.Any;
            return;
        }
    }
}
