using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Decisions;
using Countersign.Domain.Policies;

namespace Countersign.Domain.Tests.Instances;

/// <summary>A policy that answers by the variable <c>amount</c>: below 100 accept, below 1000 review, else two people.</summary>
internal sealed class ScriptedPolicy(int version = 1, string key = "approval") : CompiledPolicy
{
    public List<PolicyQuestion> Asked { get; } = [];

    public override string Id => Reference.Key + ":" + Reference.Version;

    public override PolicyReference Reference { get; } = new(key, version, "hash-" + version);

    public override CompiledPolicy Stopped() => this;

    public override DecisionRecord Decide(string decisionId, string elementId, PolicyQuestion question, DateTimeOffset now, string? traceId)
    {
        Asked.Add(question);
        var amount = question.Variables.TryGetValue("amount", out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDecimal() : 0;
        var verdict = amount < 100 ? Verdict.Accept : amount < 1000 ? Verdict.Review : Verdict.TwoPeople;
        return new DecisionRecord(decisionId, elementId, Reference, null, "input-hash", question.Variables, null, 0.5m, ImmutableDictionary<string, decimal>.Empty, amount, [], ["r1"], verdict,
            ["The amount decides."], false, null, [], question.Attempts, traceId, now);
    }
}
