using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Decisions;
using Countersign.Domain.Instances;

namespace Countersign.Domain.Policies;

/// <summary>What a policy is asked.</summary>
/// <param name="Variables">Variables visible at the step.</param>
/// <param name="Proposal">What the model said, or null.</param>
/// <param name="Attempts">Attempts of the job behind the proposal.</param>
/// <param name="SamplingKey">Stable key of the case, hashed for sampling (the instance id).</param>
public sealed record PolicyQuestion(ImmutableDictionary<string, JsonElement> Variables, InferenceResult? Proposal, int Attempts, string SamplingKey);

/// <summary>A published policy version, ready to decide. Immutable and thread-safe.</summary>
public abstract class CompiledPolicy
{
    /// <summary>Key and version, <c>key:number</c>.</summary>
    public abstract string Id { get; }

    /// <summary>Key, version and hash.</summary>
    public abstract PolicyReference Reference { get; }

    /// <summary>The same policy with its kill switch set: every question goes to a person, and the record says why.</summary>
    public abstract CompiledPolicy Stopped();

    /// <summary>Answers a question; never throws. A failure inside becomes a <see cref="DecisionRecord.Fallback"/> that goes to a person.</summary>
    /// <param name="decisionId">Id for the record.</param>
    /// <param name="elementId">The step that asks.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="now">The command's time.</param>
    /// <param name="traceId">W3C trace id, or null.</param>
    public abstract DecisionRecord Decide(string decisionId, string elementId, PolicyQuestion question, DateTimeOffset now, string? traceId);
}
