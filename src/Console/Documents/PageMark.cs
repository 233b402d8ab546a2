using Countersign.Client.Decisions;
using Countersign.Client.Tasks;

namespace Countersign.Console.Documents;

/// <summary>A rectangle on a page with the field it belongs to. Points from the page's top left corner.</summary>
public sealed record PageMark(string Field, string Label, int Page, double X, double Y, double Width, double Height, string Tone)
{
    /// <summary>Marks of the fields that stand on pages of the document.</summary>
    public static IReadOnlyList<PageMark> Of(IEnumerable<TaskField> fields, Guid? document) =>
        [.. fields.SelectMany(f => f.Evidence.Where(e => IsOn(e, document))
            .Select(e => new PageMark(f.Name, f.Label, e.Page!.Value, e.Box!.X, e.Box.Y, e.Box.Width, e.Box.Height, ToneOf(f.FailedCheck is not null, f.Confidence))))];

    /// <summary>Marks of a recorded decision.</summary>
    public static IReadOnlyList<PageMark> Of(DecisionView decision) =>
        [.. decision.Evidence.Where(e => IsOn(e, null))
            .Select(e => new PageMark(e.Field, e.Field, e.Page!.Value, e.Box!.X, e.Box.Y, e.Box.Width, e.Box.Height,
                ToneOf(false, decision.FieldConfidence.TryGetValue(e.Field, out var c) ? c : null)))];

    private static bool IsOn(EvidenceView e, Guid? document) =>
        e is { Page: > 0, Box: not null } && (document is null || !Guid.TryParse(e.DocumentId, out var id) || id == document);

    private static string ToneOf(bool failed, decimal? confidence) => failed ? "bad" : confidence is < 0.9m ? "warn" : "plain";
}
