using System.Text.Json;
using Countersign.Domain.Instances;

namespace Countersign.Api.Tasks;

/// <summary>The values of a case: the model's reading, with what people corrected laid over it.</summary>
internal static class TaskSubjects
{
    private static readonly string[] Important = ["seller", "number", "gross", "currency", "orderReference"];

    /// <summary>The variable that holds the reading, or null: an object whose members carry a value and a confidence.</summary>
    public static (string Name, JsonElement Value)? Reading(InstanceState state)
    {
        if (!state.Variables.TryGetValue(InstanceState.RootScope, out var variables))
            return null;
        foreach (var (name, value) in variables.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            if (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any(m => m.Value.ValueKind == JsonValueKind.Object && m.Value.TryGetProperty("value", out _)))
                return (name, value);
        }

        return null;
    }

    /// <summary>The most important values for a list.</summary>
    public static Dictionary<string, JsonElement> Of(InstanceState state)
    {
        var subject = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (Reading(state) is not { } reading)
            return subject;
        foreach (var field in Important)
        {
            if (reading.Value.TryGetProperty(field, out var member) && member.ValueKind == JsonValueKind.Object && member.TryGetProperty("value", out var value))
                subject[field] = value;
        }

        return subject;
    }
}
