using System.Collections.Immutable;
using Countersign.Domain.Decisions;
using Countersign.Domain.Policies;

namespace Countersign.Testing;

/// <summary>A policy that answers as it is told, for tests of a process that are not about its policy.</summary>
public sealed class TestPolicy
{
    internal TestPolicy(string key) => Compiled = new ScriptedPolicy(key);

    internal ScriptedPolicy Compiled { get; }

    /// <summary>Decides. Several verdicts are given one after the other; the last one stays.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="reason">Why, as the record says it; null means a sentence that names the test.</param>
    /// <returns>The same policy.</returns>
    public TestPolicy Decides(Verdict verdict, string? reason = null)
    {
        Compiled.Answers.Add((verdict, reason ?? "The test says so."));
        return this;
    }
}

/// <summary>Answers in the order of its script; without one it asks a person.</summary>
internal sealed class ScriptedPolicy(string key) : CompiledPolicy
{
    public Script<(Verdict Verdict, string Reason)> Answers { get; } = new();

    public override string Id => Reference.Key + ":1";

    public override PolicyReference Reference { get; } = new(key, 1, "scripted");

    public override CompiledPolicy Stopped() => this;

    public override DecisionRecord Decide(string decisionId, string elementId, PolicyQuestion question, DateTimeOffset now, string? traceId)
    {
        var (verdict, reason) = Answers.IsEmpty ? (Verdict.Review, "Nothing is scripted for this policy, so a person looks.") : Answers.Current;
        Answers.Advance();
        var proposal = question.Proposal;
        var model = proposal is null ? null : new ModelReference(proposal.Provider, proposal.Model, proposal.Version, proposal.PromptHash, proposal.InputHash, proposal.InputReference, proposal.Tokens, proposal.Cost, proposal.Latency);
        return new DecisionRecord(decisionId, elementId, Reference, model, "scripted", question.Variables, proposal?.Score, proposal?.Score ?? 0, proposal?.FieldScores ?? ImmutableDictionary<string, decimal>.Empty,
            0, [], [], verdict, [reason], false, null, proposal?.Evidence ?? [], question.Attempts, traceId, now);
    }
}
