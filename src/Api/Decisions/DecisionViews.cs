using Countersign.Client.Decisions;
using Countersign.Domain.Decisions;
using Countersign.Domain.Instances;
using ReviewOutcome = Countersign.Client.Decisions.ReviewOutcome;
using Verdict = Countersign.Client.Decisions.Verdict;

namespace Countersign.Api.Decisions;

/// <summary>From decision records to views.</summary>
internal static class DecisionViews
{
    public static DecisionView Of(DecisionRecord d, Guid instance, InstanceState state, IEnumerable<DecisionReview> reviews) => new(
        d.DecisionId, instance, state.ProcessKey, state.Version, d.ElementId, d.Policy.Key, d.Policy.Version, d.Policy.Hash,
        d.Model is { } m ? new ModelView(m.Provider, m.Name, m.Version, m.PromptHash, m.InputHash, m.InputReference, m.Tokens, m.Cost, m.Latency.TotalMilliseconds) : null,
        d.InputHash, d.Inputs, d.RawScore, d.Confidence, d.FieldConfidence, d.Impact, Checks(d), List(d.MatchedRules), VerdictOf(d.Verdict), List(d.Reasons), d.Sampled, d.Fallback,
        d.Evidence.IsDefault ? [] : [.. d.Evidence.Select(Of)], d.Attempts, d.TraceId, d.At, [.. reviews.Select(Of)]);

    public static EvidenceView Of(FieldEvidence e) => new(e.Field, e.DocumentId, e.Page,
        e is { X: { } x, Y: { } y, Width: { } w, Height: { } h } ? new Box(x, y, w, h) : null, e.Path);

    /// <summary>Failed checks first; otherwise in the order they were run.</summary>
    public static List<CheckView> Checks(DecisionRecord d) =>
        d.Checks.IsDefault ? [] : [.. d.Checks.Select(c => new CheckView(c.Id, ResultOf(c.Result), c.Detail)).OrderBy(c => c.Result != CheckResult.Failed)];

    public static Verdict VerdictOf(Domain.Decisions.Verdict v) => v switch
    {
        Domain.Decisions.Verdict.Accept => Verdict.Accept,
        Domain.Decisions.Verdict.Review => Verdict.Review,
        Domain.Decisions.Verdict.TwoPeople => Verdict.TwoPeople,
        Domain.Decisions.Verdict.Reject => Verdict.Reject,
        _ => Verdict.Escalate,
    };

    private static CheckResult ResultOf(string word) => word switch
    {
        "passed" => CheckResult.Passed,
        "failed" => CheckResult.Failed,
        _ => CheckResult.NotApplicable,
    };

    private static ReviewView Of(DecisionReview r) => new(r.TaskId, r.By, r.ShownDigest, (long?)r.Dwell?.TotalMilliseconds, List(r.Opened), r.Outcome switch
    {
        Domain.Decisions.ReviewOutcome.Confirmed => ReviewOutcome.Confirmed,
        Domain.Decisions.ReviewOutcome.Corrected => ReviewOutcome.Corrected,
        _ => ReviewOutcome.Overridden,
    }, r.Verdict, r.Reason, r.ReasonCode, r.Corrections, r.Signature, r.DutyCheck, r.At);

    private static IReadOnlyList<string> List(System.Collections.Immutable.ImmutableArray<string> texts) => texts.IsDefault ? [] : texts;
}
