using System.Text.Json;

namespace Countersign.Workers.Trail.Exports;

/// <summary>An event of an instance as process miners take it.</summary>
/// <param name="Activity">What was done: the element of the process, or the stored name of the event.</param>
/// <param name="Transition">Word of the XES lifecycle extension: schedule, assign, start, complete, ate_abort.</param>
/// <param name="Process">Key of the process when the event begins the case; else null.</param>
/// <param name="Documents">SHA-256 of documents that the event refers to.</param>
/// <param name="Verdict">Verdict of a decision or task, or null.</param>
internal sealed record ProcessStep(StoredEvent Event, string Activity, string Transition, string? Process, IReadOnlyCollection<string> Documents, string? Verdict)
{
    /// <summary>The step that an event is, or null when it is none of an instance's course.</summary>
    public static ProcessStep? Of(StoredEvent stored)
    {
        var transition = stored.Type switch
        {
            "instance.started" or "element.entered" => "start",
            "element.left" or "element.passed" or "instance.completed" or "task.completed" or "decision.recorded" or "decision.reviewed" => "complete",
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
        return new ProcessStep(stored, activity, transition, stored.Type == "instance.started" ? root.Text("processKey") : null, documents, verdict.Length == 0 ? null : verdict);
    }
}
