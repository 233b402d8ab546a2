using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances;

namespace Countersign.Domain.Decisions;

/// <summary>What a policy's gate can say.</summary>
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

/// <summary>Everything that explains one decision, in one event.</summary>
/// <param name="DecisionId">Id inside the instance, <c>instance-sequence</c>.</param>
/// <param name="ElementId">The step that decided.</param>
/// <param name="Policy">The policy version that governed.</param>
/// <param name="Model">What proposed, or null when no model took part.</param>
/// <param name="InputHash">SHA-256 (hex) of the canonical JSON of the inputs the gate saw.</param>
/// <param name="Inputs">The inputs themselves (personal fields sealed when stored).</param>
/// <param name="RawScore">Overall raw score, or null.</param>
/// <param name="Confidence">Overall calibrated confidence 0 to 1; 0 when the binding is not calibrated.</param>
/// <param name="FieldConfidence">Calibrated confidence per field.</param>
/// <param name="Impact">Result of the policy's impact expression.</param>
/// <param name="Checks">Checks run and their results.</param>
/// <param name="MatchedRules">Ids of the gate's rules that matched, in order.</param>
/// <param name="Verdict">What the gate said after sampling and limits.</param>
/// <param name="Reasons">Sentences for people, first the most important.</param>
/// <param name="Sampled">True when the gate accepted and sampling sent it to a person all the same.</param>
/// <param name="Fallback">Why the gate was not asked (time-out, schema violation, kill switch), or null.</param>
/// <param name="Evidence">Where each field was found.</param>
/// <param name="Attempts">Attempts of the job behind the proposal.</param>
/// <param name="TraceId">W3C trace id, or null.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record DecisionRecord(string DecisionId, string ElementId, PolicyReference Policy, ModelReference? Model, string InputHash,
    ImmutableDictionary<string, JsonElement> Inputs, decimal? RawScore, decimal Confidence, ImmutableDictionary<string, decimal> FieldConfidence, decimal Impact,
    ImmutableArray<DecisionCheck> Checks, ImmutableArray<string> MatchedRules, Verdict Verdict, ImmutableArray<string> Reasons, bool Sampled, string? Fallback,
    ImmutableArray<FieldEvidence> Evidence, int Attempts, string? TraceId, DateTimeOffset At)
{
    /// <summary>The instance and the process version it ran in; set by the engine, null only where a policy is asked outside a process.</summary>
    public ProcessReference? Process { get; init; }
}

/// <summary>Where a decision was made: instance, process key, version and the hash over the version's sources.</summary>
public sealed record ProcessReference(Guid InstanceId, string Key, int Version, string Hash);

/// <summary>Which policy version governed.</summary>
public sealed record PolicyReference(string Key, int Version, string Hash);

/// <summary>Which model proposed, at what cost, on which input.</summary>
public sealed record ModelReference(string Provider, string Name, string Version, string? PromptHash, string InputHash, string InputReference, long Tokens, decimal Cost, TimeSpan Latency);

/// <summary>One check and its result.</summary>
/// <param name="Id">Stable id.</param>
/// <param name="Result"><c>passed</c>, <c>failed</c> or <c>not_applicable</c>.</param>
/// <param name="Detail">One sentence.</param>
public sealed record DecisionCheck(string Id, string Result, string Detail);

/// <summary>How a person's act relates to the proposal.</summary>
public enum ReviewOutcome
{
    /// <summary>Signed as proposed.</summary>
    Confirmed,

    /// <summary>Values were changed, then signed.</summary>
    Corrected,

    /// <summary>The proposal or verdict was set aside, with a reason.</summary>
    Overridden,
}

/// <summary>What a person did with a decision, and what they saw.</summary>
/// <param name="TaskId">The task through which it was done.</param>
/// <param name="By">Member id.</param>
/// <param name="ShownDigest">Digest of the canonical view, or null when not bound.</param>
/// <param name="Dwell">Time from showing to answering.</param>
/// <param name="Opened">Evidence opened.</param>
/// <param name="Outcome">Confirmed, corrected or overridden.</param>
/// <param name="Corrections">Changed values by field.</param>
/// <param name="Signature">Signature method, e.g. <c>session</c>.</param>
/// <param name="DutyCheck">Which segregation rules were checked, in words.</param>
public sealed record DecisionReview(string TaskId, string By, string? ShownDigest, TimeSpan? Dwell, ImmutableArray<string> Opened, ReviewOutcome Outcome,
    string Verdict, string? Reason, string? ReasonCode, ImmutableDictionary<string, JsonElement> Corrections, string Signature, string DutyCheck, DateTimeOffset At);
