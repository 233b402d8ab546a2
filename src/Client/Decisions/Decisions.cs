using System.Text.Json;

namespace Countersign.Client.Decisions;

/// <summary>What a policy's gate said.</summary>
public enum Verdict
{
    /// <summary>Passes without a person.</summary>
    Accept,

    /// <summary>One person must look.</summary>
    Review,

    /// <summary>Two different people must sign.</summary>
    TwoPeople,

    /// <summary>Refused by the policy.</summary>
    Reject,

    /// <summary>Goes to a specialist.</summary>
    Escalate,
}

/// <summary>How a person's act relates to what was proposed.</summary>
public enum ReviewOutcome
{
    /// <summary>Signed as proposed.</summary>
    Confirmed,

    /// <summary>Values were changed, then signed.</summary>
    Corrected,

    /// <summary>The proposal or verdict was set aside, with a reason.</summary>
    Overridden,
}

/// <summary>Result of a check.</summary>
public enum CheckResult
{
    /// <summary>Holds.</summary>
    Passed,

    /// <summary>Does not hold.</summary>
    Failed,

    /// <summary>There was nothing to check.</summary>
    NotApplicable,
}

/// <summary>A check and its result.</summary>
/// <param name="Id">Stable id.</param>
/// <param name="Detail">One sentence.</param>
public sealed record CheckView(string Id, CheckResult Result, string Detail);

/// <summary>Where a value stands.</summary>
/// <param name="Field">Field name.</param>
/// <param name="DocumentId">The document.</param>
/// <param name="Page">1-based page, or null for structured data.</param>
/// <param name="Box">Rectangle on the page, or null.</param>
/// <param name="Path">Path in structured data, or null.</param>
public sealed record EvidenceView(string Field, string DocumentId, int? Page, Box? Box, string? Path);

/// <summary>A rectangle on a page, in points (1/72 inch) from the page's top left corner.</summary>
public sealed record Box(double X, double Y, double Width, double Height);

/// <summary>Which model proposed, at what cost, on which input.</summary>
/// <param name="PromptHash">SHA-256 of the prompt template, or null.</param>
/// <param name="InputHash">SHA-256 of the input snapshot.</param>
/// <param name="InputReference">Where the snapshot is: a document id.</param>
/// <param name="LatencyMilliseconds">Time of the attempt that succeeded.</param>
public sealed record ModelView(string Provider, string Name, string Version, string? PromptHash, string InputHash, string InputReference, long Tokens,
    decimal Cost, double LatencyMilliseconds);

/// <summary>A decision record with the reviews it got.</summary>
/// <param name="InputHash">SHA-256 of the canonical JSON of the inputs.</param>
/// <param name="Confidence">Overall calibrated confidence 0 to 1.</param>
/// <param name="RawScore">The model's own overall score, or null.</param>
/// <param name="Impact">Result of the policy's impact expression.</param>
/// <param name="MatchedRules">Ids of the gate's rules that matched.</param>
/// <param name="Reasons">Sentences for people, the most important first.</param>
/// <param name="Sampled">True when it would have passed and sampling sent it to a person.</param>
/// <param name="Fallback">Why the gate was not asked, or null.</param>
public sealed record DecisionView(string Id, Guid InstanceId, string ProcessKey, int ProcessVersion, string ElementId, string PolicyKey, int PolicyVersion,
    string PolicyHash, ModelView? Model, string InputHash, IReadOnlyDictionary<string, JsonElement> Inputs, decimal? RawScore, decimal Confidence,
    IReadOnlyDictionary<string, decimal> FieldConfidence, decimal Impact, IReadOnlyList<CheckView> Checks, IReadOnlyList<string> MatchedRules, Verdict Verdict,
    IReadOnlyList<string> Reasons, bool Sampled, string? Fallback, IReadOnlyList<EvidenceView> Evidence, int Attempts, string? TraceId, DateTimeOffset At,
    IReadOnlyList<ReviewView> Reviews);

/// <summary>What a person did with a decision.</summary>
/// <param name="By">Member id.</param>
/// <param name="ShownDigest">Digest of what was shown, or null when not bound.</param>
/// <param name="DutyCheck">Which segregation rules were checked, in words.</param>
public sealed record ReviewView(string TaskId, string By, string? ShownDigest, long? DwellMilliseconds, IReadOnlyList<string> Opened, ReviewOutcome Outcome,
    string Verdict, string? Reason, string? ReasonCode, IReadOnlyDictionary<string, JsonElement> Corrections, string Signature, string DutyCheck, DateTimeOffset At);

/// <summary>A decision in a list.</summary>
/// <param name="Reviewed">Whether a person has acted on it.</param>
public sealed record DecisionListItem(string Id, Guid InstanceId, string ProcessKey, string ElementId, string PolicyKey, int PolicyVersion, Verdict Verdict,
    decimal Confidence, decimal Impact, bool Reviewed, string? Reason, DateTimeOffset At);

/// <summary>Which decisions to list; a null member does not filter.</summary>
/// <param name="Policy">Policy key.</param>
/// <param name="Process">Process key.</param>
/// <param name="Verdict">What the gate said.</param>
/// <param name="Instance">Instance.</param>
/// <param name="From">Recorded at or after (UTC).</param>
/// <param name="Before">Recorded before (UTC).</param>
public sealed record DecisionFilter(string? Policy = null, string? Process = null, Verdict? Verdict = null, Guid? Instance = null, DateTimeOffset? From = null,
    DateTimeOffset? Before = null);
