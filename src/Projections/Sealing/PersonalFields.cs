using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;

namespace Countersign.Projections.Sealing;

/// <summary>
/// Which fields of a process are personal, and about whom. Fields are found by the variable and path that the process's schema
/// names; where their text turns up elsewhere (a job's mapped input, a decision's input, a correction under another name), it is
/// found by its content and sealed too, and in sentences it is blotted out.
/// </summary>
internal sealed class PersonalFields
{
    // Shorter texts ("DE", "Ltd") occur everywhere by chance.
    private const int ShortestText = 5;
    private const string Blot = "\u2022\u2022\u2022";
    private readonly ImmutableArray<DataClass> _classes;

    private PersonalFields(ImmutableArray<DataClass> classes) => _classes = classes;

    /// <summary>The personal fields of a process version, or null when its schema names none.</summary>
    public static PersonalFields? Of(ProcessGraph graph)
    {
        var classes = graph.DataClasses.IsDefault ? [] : graph.DataClasses.Where(IsPersonal).ToImmutableArray();
        return classes.IsEmpty ? null : new PersonalFields(classes);
    }

    /// <summary>Whether fields of a class are sealed.</summary>
    public static bool IsPersonal(DataClass dataClass) => dataClass.IsPersonal;

    /// <summary>Subjects whose keys are needed to store what an instance now holds.</summary>
    public IEnumerable<string> Subjects(InstanceState? state, Guid instanceId) => _classes.Select(c => SubjectOf(c, state, instanceId)).Append(OfInstance(instanceId)).Distinct(StringComparer.Ordinal);

    /// <summary>The texts of all personal fields in a state, by which they are found elsewhere.</summary>
    public HashSet<string> TextsIn(InstanceState? before, InstanceState? after, IEnumerable<IInstanceEvent> facts)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var state in new[] { before, after })
        {
            foreach (var scope in state?.Variables.Values ?? [])
                Collect(scope, texts);
        }

        foreach (var fact in facts)
            FactValues.Map(fact, (name, value) => Collect(name, value, texts));
        return texts;
    }

    /// <summary>A fact with personal texts blotted out of its sentences. This is the fact as everybody sees it from now on.</summary>
    public static IInstanceEvent WithoutTexts(IInstanceEvent fact, HashSet<string> texts) => texts.Count == 0 ? fact : FactValues.MapTexts(fact, sentence =>
    {
        foreach (var text in texts)
        {
            if (sentence.Contains(text, StringComparison.Ordinal))
                sentence = sentence.Replace(text, Blot, StringComparison.Ordinal);
        }

        return sentence;
    });

    /// <summary>A fact as it is stored.</summary>
    public IInstanceEvent Seal(IInstanceEvent fact, InstanceState? state, string tenantId, Guid instanceId, HashSet<string> texts, SubjectKeys keys) => FactValues.Map(fact, (name, value) =>
    {
        var here = _classes.Where(c => c.Variable == name).ToArray();
        if (!here.Any(c => Has(value, c.Path)) && !HasText(value, texts))
            return value;
        return JsonTrees.Rewrite(value, (part, path, writer) =>
        {
            if (part.ValueKind is JsonValueKind.Null)
                return false;
            // Items of a list are sealed one by one, unless the whole variable is personal.
            var named = here.FirstOrDefault(c => (c.Path ?? "") == path && (part.ValueKind != JsonValueKind.Array || path.Length == 0));
            if (named is null && !(part.ValueKind == JsonValueKind.String && texts.Contains(part.GetString()!)))
                return false;
            var subject = named is null ? OfInstance(instanceId) : SubjectOf(named, state, instanceId);
            var key = keys.Live(tenantId, subject) ?? throw new InvalidOperationException("A field is sealed only after its subject's key is durable.");
            FieldSealer.Seal(writer, part, tenantId, instanceId, key);
            return true;
        });
    });

    private static string OfInstance(Guid instanceId) => "instance/" + instanceId.ToString("D", CultureInfo.InvariantCulture);

    private static string SubjectOf(DataClass dataClass, InstanceState? state, Guid instanceId)
    {
        if (dataClass.Subject is not { Length: > 0 } path || state is null || !state.Variables.TryGetValue(InstanceState.RootScope, out var variables))
            return OfInstance(instanceId);
        var parts = path.Split('.');
        if (!variables.TryGetValue(parts[0], out var value))
            return OfInstance(instanceId);
        foreach (var part in parts.Skip(1))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(part, out value))
                return OfInstance(instanceId);
        }

        return value.ValueKind switch
        {
            JsonValueKind.String when value.GetString() is { Length: > 0 and <= 200 } text => "subject/" + text,
            JsonValueKind.Number => "subject/" + value.GetRawText(),
            _ => OfInstance(instanceId),
        };
    }

    private void Collect(ImmutableDictionary<string, JsonElement> scope, HashSet<string> texts)
    {
        foreach (var dataClass in _classes)
        {
            if (scope.TryGetValue(dataClass.Variable, out var value))
                Collect(dataClass.Variable, value, texts);
        }
    }

    private JsonElement Collect(string name, JsonElement value, HashSet<string> texts)
    {
        foreach (var dataClass in _classes.Where(c => c.Variable == name))
            Visit(value, dataClass.Path is { Length: > 0 } path ? path.Split('.') : [], part => Texts(part, texts));
        return value;
    }

    private static bool Has(JsonElement value, string? path)
    {
        var found = false;
        Visit(value, path is { Length: > 0 } ? path.Split('.') : [], part => found |= part.ValueKind != JsonValueKind.Null);
        return found;
    }

    private static void Visit(JsonElement value, ReadOnlySpan<string> path, Action<JsonElement> action)
    {
        if (path.IsEmpty)
        {
            action(value);
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
                Visit(item, path, action);
        }
        else if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(path[0], out var member))
        {
            Visit(member, path[1..], action);
        }
    }

    private static void Texts(JsonElement value, HashSet<string> texts)
    {
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: >= ShortestText } text)
            texts.Add(text);
        else if (value.ValueKind == JsonValueKind.Object)
            foreach (var member in value.EnumerateObject())
                Texts(member.Value, texts);
        else if (value.ValueKind == JsonValueKind.Array)
            foreach (var item in value.EnumerateArray())
                Texts(item, texts);
    }

    private static bool HasText(JsonElement value, HashSet<string> texts)
    {
        return value.ValueKind switch
        {
            JsonValueKind.String => texts.Contains(value.GetString()!),
            JsonValueKind.Object => value.EnumerateObject().Any(m => HasText(m.Value, texts)),
            JsonValueKind.Array => value.EnumerateArray().Any(i => HasText(i, texts)),
            _ => false,
        };
    }
}
