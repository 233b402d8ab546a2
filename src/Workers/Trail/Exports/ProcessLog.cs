using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Projections.Store;

namespace Countersign.Workers.Trail.Exports;

/// <summary>An event of an instance as process miners take it.</summary>
/// <param name="Activity">What was done: the element of the process, or the stored name of the event.</param>
/// <param name="Transition">Word of the XES lifecycle extension: schedule, assign, start, complete, ate_abort.</param>
/// <param name="Process">Key of the process when the event begins the case; else null.</param>
/// <param name="Documents">SHA-256 of documents that the event refers to.</param>
/// <param name="Verdict">Verdict of a decision or task, or null.</param>
/// <param name="Id">Id of the event, and the place in it where the event is a run of steps.</param>
internal sealed record ProcessStep(StoredEvent Event, string Id, string Activity, string Transition, string? Process, IReadOnlyCollection<string> Documents, string? Verdict)
{
    /// <summary>The steps that an event is; none when it is not of an instance's course.</summary>
    public static IEnumerable<ProcessStep> All(StoredEvent stored) => stored.Type == "steps.taken" ? Taken(stored) : Of(stored) is { } step ? [step] : [];

    private static IEnumerable<ProcessStep> Taken(StoredEvent stored)
    {
        var run = JsonSerializer.Deserialize<StepsTaken>(stored.Data, StoreJson.Options)!;
        var place = 0;
        foreach (var fact in Steps.Unpack(run))
        {
            var (element, transition) = fact switch
            {
                ElementEntered e => (e.ElementId, "start"),
                ElementPassed e => (e.ElementId, "complete"),
                ElementLeft e => (e.ElementId, "complete"),
                _ => ("", ""),
            };
            if (transition.Length > 0)
                yield return new ProcessStep(stored, string.Create(CultureInfo.InvariantCulture, $"{stored.EventId}/{++place}"), element.Length > 0 ? element : stored.Type, transition, null, [], null);
        }
    }

    private static ProcessStep? Of(StoredEvent stored)
    {
        var transition = stored.Type switch
        {
            "instance.started" or "instance.taken_over" or "element.entered" => "start",
            "element.left" or "element.passed" or "instance.completed" or "instance.continued" or "task.completed" or "decision.recorded" or "decision.reviewed" => "complete",
            "task.created" => "schedule",
            "task.claimed" or "task.reassigned" => "assign",
            "instance.cancelled" or "element.terminated" => "ate_abort",
            _ => null,
        };
        if (transition is null)
            return null;
        using var data = JsonDocument.Parse(stored.Data);
        var root = data.RootElement;
        var activity = stored.Type.StartsWith("element.", StringComparison.Ordinal) && root.Text("elementId") is { Length: > 0 } element ? element : stored.Type;
        var documents = new HashSet<string>(StringComparer.Ordinal);
        DocumentHashes.Collect(stored.Data, documents);
        var verdict = stored.Type == "decision.recorded" ? root.Of("decision").Text("verdict") : stored.Type == "decision.reviewed" ? root.Of("review").Text("verdict") : root.Text("verdict");
        return new ProcessStep(stored, stored.EventId, activity, transition, stored.Type is "instance.started" or "instance.taken_over" ? root.Text("processKey") : null, documents, verdict.Length == 0 ? null : verdict);
    }
}
