using System.Text.Json;
using Countersign.Client.Decisions;
using Countersign.Client.Tasks;
using Countersign.Domain.Instances;

namespace Countersign.Api.Tasks;

/// <summary>Fields of a case as a person reviews them: the form's fields, each with the model's value, confidence and place, and what a person corrected before.</summary>
internal static class TaskFields
{
    /// <summary>The fields; those of the form in its order, else those of the reading.</summary>
    /// <param name="form">form-js schema, or null.</param>
    /// <param name="state">The instance, opened.</param>
    /// <param name="decision">The decision that is countersigned, or null.</param>
    /// <param name="editable">Whether the caller may correct.</param>
    public static List<TaskField> Of(JsonElement? form, InstanceState state, DecisionView? decision, bool editable)
    {
        var variables = state.Variables.GetValueOrDefault(InstanceState.RootScope);
        var reading = TaskSubjects.Reading(state)?.Value;
        var corrections = variables is not null && variables.TryGetValue("corrections", out var c) && c.ValueKind == JsonValueKind.Object ? c : (JsonElement?)null;
        var fields = new List<TaskField>();
        foreach (var (name, label) in Names(form, reading))
        {
            var member = reading is { } r && r.TryGetProperty(name, out var m) && m.ValueKind == JsonValueKind.Object ? m : (JsonElement?)null;
            var value = corrections is { } fixedBy && fixedBy.TryGetProperty(name, out var corrected) ? corrected
                : member is { } read && read.TryGetProperty("value", out var v) ? v
                : variables is not null && member is null && variables.TryGetValue(name, out var plain) ? plain : (JsonElement?)null;
            var confidence = decision is not null && decision.FieldConfidence.TryGetValue(name, out var calibrated) ? calibrated : Confidence(member);
            var failed = decision?.Checks.FirstOrDefault(x => x.Result == CheckResult.Failed && x.Id.Contains(name, StringComparison.OrdinalIgnoreCase))?.Detail;
            fields.Add(new TaskField(name, label, value is { ValueKind: JsonValueKind.Null } ? null : value, confidence, editable,
                [.. decision?.Evidence.Where(e => e.Field == name) ?? []], failed));
        }

        return fields;
    }

    private static decimal? Confidence(JsonElement? member) =>
        member is { } m && m.TryGetProperty("confidence", out var c) && c.ValueKind == JsonValueKind.Number && c.TryGetDecimal(out var value) ? value : null;

    private static IEnumerable<(string Name, string Label)> Names(JsonElement? form, JsonElement? reading)
    {
        if (form is { } f && f.TryGetProperty("components", out var components) && components.ValueKind == JsonValueKind.Array)
        {
            foreach (var component in components.EnumerateArray())
            {
                if (Text(component, "key") is { } key)
                    yield return (key, Text(component, "label") ?? Text(component, "dateLabel") ?? key);
            }

            yield break;
        }

        if (reading is not { } r)
            yield break;
        foreach (var member in r.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.Object && m.Value.TryGetProperty("value", out _)))
            yield return (member.Name, member.Name);
    }

    private static string? Text(JsonElement component, string name) =>
        component.ValueKind == JsonValueKind.Object && component.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.String ? v.GetString() : null;
}
