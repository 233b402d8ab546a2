namespace Countersign.Console.Instances;

/// <summary>How a fact of the history looks: its picture and tone by the family of its alias.</summary>
internal static class HistoryLook
{
    public static (string Icon, string Tone) Of(string type) => type.Split('.')[0] switch
    {
        "task" => type.EndsWith("completed", StringComparison.Ordinal) ? ("person-check", "good") : ("person", "brand"),
        "decision" => type.EndsWith("reviewed", StringComparison.Ordinal) ? ("patch-check", "good") : ("signpost-split", "brand"),
        "job" => type.EndsWith("failed", StringComparison.Ordinal) ? ("x-lg", "bad") : type.EndsWith("retried", StringComparison.Ordinal) ? ("arrow-clockwise", "warn") : ("cpu", "plain"),
        "incident" => type.EndsWith("resolved", StringComparison.Ordinal) ? ("check-lg", "good") : ("exclamation-triangle", "bad"),
        "timer" => ("clock", "plain"),
        "instance" => type.EndsWith("completed", StringComparison.Ordinal) ? ("flag", "good") : type.EndsWith("cancelled", StringComparison.Ordinal) ? ("stop-circle", "warn") : ("play-circle", "brand"),
        "variables" => ("pencil-square", "plain"),
        _ => ("chevron-right", "plain"),
    };

    /// <summary>Facts that only say that a token moved: they are folded away, an auditor opens them.</summary>
    public static bool IsMovement(string type) => type.StartsWith("element.", StringComparison.Ordinal);
}
