using System.Collections.Immutable;
using Countersign.Feel.Checks;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Dmn;

/// <summary>
/// A compiled DMN model (versions 1.1 to 1.5). Immutable: load once, evaluate on any number of threads. Evaluation never throws.
/// </summary>
public sealed class DmnModel
{
    internal DmnModel(string id, string name, string ns, ReadOnlyMemory<byte> xml)
    {
        Id = id;
        Name = name;
        Namespace = ns;
        Xml = xml;
    }

    /// <summary>The id of the definitions.</summary>
    public string Id { get; }

    /// <summary>The name of the definitions.</summary>
    public string Name { get; }

    /// <summary>The namespace, by which other models import this one.</summary>
    public string Namespace { get; }

    /// <summary>The document as it was loaded, byte for byte.</summary>
    public ReadOnlyMemory<byte> Xml { get; }

    /// <summary>The decisions.</summary>
    public ImmutableArray<DmnElement> Decisions => Of<DecisionPart>();

    /// <summary>The input data.</summary>
    public ImmutableArray<DmnElement> Inputs => Of<InputPart>();

    /// <summary>The business knowledge models.</summary>
    public ImmutableArray<DmnElement> KnowledgeModels => Of<KnowledgePart>();

    /// <summary>The decision services.</summary>
    public ImmutableArray<DmnElement> Services => Of<ServicePart>();

    internal Dictionary<string, DmnPart> Parts { get; } = new(StringComparer.Ordinal);

    /// <summary>The names of all parts; filled while loading.</summary>
    internal HashSet<string> PartNames { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, FeelType> Types { get; } = new(StringComparer.Ordinal);

    internal List<(string Alias, DmnModel Model)> Imported { get; } = [];

    /// <summary>Where the compiled texts stand in the document; filled while loading.</summary>
    internal Dictionary<Node, DmnPlace> Places { get; } = [];

    /// <summary>Loads a document. DTDs are refused, sizes are limited, nothing outside is opened.</summary>
    public static DmnLoadResult Load(ReadOnlyMemory<byte> xml, DmnLoadOptions? options = null) => DmnLoader.Load(xml, options ?? DmnLoadOptions.Default);

    /// <summary>
    /// Looks for mistakes without evaluating: unknown names, kinds that never fit together, and in decision tables gaps, overlaps and rules that never
    /// decide. It says only what is certain; what <see cref="Load"/> found is not repeated.
    /// </summary>
    public ImmutableArray<DmnFinding> Check(DmnCheckOptions? options = null) => DmnCheck.Run(this, options ?? DmnCheckOptions.Default);

    /// <summary>Evaluates a decision by its id or name; the scope gives the input data by name.</summary>
    /// <returns>The value with the tables that led to it; null with a warning when there is no such decision.</returns>
    public DmnResult Evaluate(string decision, FeelScope scope, FeelOptions options)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(options);
        return Run(Find<DecisionPart>(decision), $"There is no decision '{decision}' in the model '{Name}'.", scope, options);
    }

    /// <summary>Invokes a decision service or business knowledge model by its id or name; the scope gives its parameters by name.</summary>
    public DmnResult Invoke(string invocable, FeelScope scope, FeelOptions options)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(options);
        DmnPart? part = Find<ServicePart>(invocable);
        return Run(part ?? Find<KnowledgePart>(invocable), $"There is no decision service or knowledge model '{invocable}' in the model '{Name}'.", scope, options);
    }

    private static DmnResult Run(DmnPart? part, string missing, FeelScope scope, FeelOptions options)
    {
        var traces = new List<DmnTableTrace>();
        var result = FeelExpression.Run(options, (part, missing, traces), scope, static (subject, run, scope) =>
        {
            run.Traces = subject.traces;
            return subject.part is null ? run.Fail(subject.missing) : new DmnEvaluation(subject.part.Model, scope).Result(run, subject.part);
        });
        return new DmnResult(result.Value, [.. traces], result.Warnings, result.Failure) { Steps = result.Steps };
    }

    private T? Find<T>(string idOrName)
        where T : DmnPart
        => Parts.TryGetValue(idOrName, out var part) && part is T found ? found : Parts.Values.OfType<T>().FirstOrDefault(p => string.Equals(p.Name, idOrName, StringComparison.Ordinal));

    private ImmutableArray<DmnElement> Of<T>()
        where T : DmnPart
        => [.. Parts.Values.OfType<T>().Select(p => new DmnElement(p.Id, p.Name, p.Type?.ToString()))];
}

/// <summary>A node of the requirements graph.</summary>
internal abstract class DmnPart(DmnModel model, string id, string name)
{
    public DmnModel Model { get; } = model;

    public string Id { get; } = id;

    public string Name { get; } = name;

    /// <summary>Its position among the model's parts; set while loading.</summary>
    public int Index { get; set; }

    /// <summary>Where it stands in the document; set while loading.</summary>
    public DmnPlace Place { get; set; }

    /// <summary>The declared type; set while loading.</summary>
    public FeelType? Type { get; set; }

    /// <summary>What its expression may use: each part with the import's name it comes through, empty for its own model.</summary>
    public List<(string Alias, DmnPart Part)> Requirements { get; } = [];

    /// <summary>The names of the requirements when none comes through an import and all differ; null otherwise. Set by <see cref="Seal"/>.</summary>
    public string[]? RequiredNames { get; private set; }

    /// <summary>Called once when all requirements are known.</summary>
    public void Seal()
    {
        var isSimple = Requirements.TrueForAll(r => r.Alias.Length == 0) && Requirements.DistinctBy(r => r.Part.Name, StringComparer.Ordinal).Count() == Requirements.Count;
        RequiredNames = isSimple ? [.. Requirements.Select(r => r.Part.Name)] : null;
    }
}

internal sealed class InputPart(DmnModel model, string id, string name) : DmnPart(model, id, name);

internal sealed class DecisionPart(DmnModel model, string id, string name) : DmnPart(model, id, name)
{
    /// <summary>The logic; null when the model has none.</summary>
    public Node? Body { get; set; }
}

internal sealed class KnowledgePart(DmnModel model, string id, string name) : DmnPart(model, id, name)
{
    public Parameter[] Parameters { get; set; } = [];

    public Node? Body { get; set; }
}

internal sealed class ServicePart(DmnModel model, string id, string name) : DmnPart(model, id, name)
{
    public List<DecisionPart> Outputs { get; } = [];

    /// <summary>Input data, then input decisions: the order of the parameters.</summary>
    public List<DmnPart> Inputs { get; } = [];
}
