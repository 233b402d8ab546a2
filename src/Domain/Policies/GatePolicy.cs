using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Domain.Decisions;
using Countersign.Domain.Instances;
using Countersign.Domain.Trail;
using Countersign.Feel;
using Countersign.Feel.Dmn;
using Verdict = Countersign.Domain.Decisions.Verdict;

namespace Countersign.Domain.Policies;

/// <summary>The expressions of a policy, compiled once.</summary>
internal sealed record PolicyExpressions(FeelExpression Impact, FeelExpression? Proposal, FeelExpression? Checks, FeelExpression? Stratum);

/// <summary>
/// A policy with a DMN gate. The order is fixed: is the answer usable at all, how sure is it, what would a mistake cost, what do the checks say,
/// what does the gate say, and would chance show it to a person anyway. Whatever fails on the way sends the case to a person; nothing ends in an
/// automatic yes.
/// </summary>
internal sealed class GatePolicy(PolicyReference reference, PolicyDocument document, PolicyExpressions expressions, DmnModel gate, bool stopped = false) : CompiledPolicy
{
    public override string Id { get; } = $"{reference.Key}:{reference.Version}";

    public override PolicyReference Reference => reference;

    public override CompiledPolicy Stopped() => stopped ? this : new GatePolicy(reference, document, expressions, gate, stopped: true);

    public override DecisionRecord Decide(string decisionId, string elementId, PolicyQuestion question, DateTimeOffset now, string? traceId)
    {
        var confidence = Confidence(question);
        var answer = Ask(question, confidence, now);
        var inputs = answer.Inputs;
        return new DecisionRecord(decisionId, elementId, reference, Model(question.Proposal), HashOf(inputs), inputs, question.Proposal?.Score, confidence.Overall,
            confidence.Fields, answer.Impact, answer.Checks, answer.Rules, answer.Verdict, answer.Reasons, answer.Sampled, answer.Fallback,
            question.Proposal?.Evidence ?? [], question.Attempts, traceId, now);
    }

    private Answer Ask(PolicyQuestion question, Sureness confidence, DateTimeOffset now)
    {
        var options = new FeelOptions { Now = now };
        var scope = FeelScope.FromJson(question.Variables);
        var (checks, checkProblem) = Checks(scope, options);
        var (impact, impactProblem) = Impact(scope, options);
        var failed = checks.Where(c => c.Result == "failed").Select(c => c.Id).ToImmutableArray();
        var inputs = GateInputs(question, confidence, impact, failed, scope, options);
        if (Unusable(question) is { } fallback)
            return Answer.ToPerson(inputs, impact, checks, fallback);
        if ((checkProblem ?? impactProblem) is { } problem)
            return Answer.ToPerson(inputs, impact, checks, problem);
        var result = gate.Evaluate(document.GateDecision, FeelScope.FromJson(inputs), options);
        var rules = result.Tables.SelectMany(t => t.MatchedRuleIds).ToImmutableArray();
        if (ReadVerdict(result.Value.ToJson()) is not ({ } verdict, var reasons))
            return Answer.ToPerson(inputs, impact, checks, "The gate gave no verdict. Check the policy's rules for a case that none of them covers.") with { Rules = rules };
        if (verdict == Verdict.Accept && IsSampled(question, scope, options))
            return new Answer(inputs, impact, checks, rules, Verdict.Review, ["Chosen by chance: a share of the accepted cases is shown to a person.", .. reasons], Sampled: true, null);
        return new Answer(inputs, impact, checks, rules, verdict, reasons, Sampled: false, null);
    }

    // What the policy does not accept as an answer at all. The sentences are read by the person to whom the case then goes.
    private string? Unusable(PolicyQuestion question)
    {
        if (stopped)
            return "The policy's kill switch is set.";
        if (question.Proposal is not { } proposal)
            return "There is no proposal to judge.";
        if (proposal.Provider != document.Binding.Provider || proposal.Model != document.Binding.Model)
            return "The proposal comes from another model than the policy names.";
        if (!document.Binding.Versions.IsDefaultOrEmpty && !document.Binding.Versions.Contains(proposal.Version, StringComparer.Ordinal))
            return "The proposal comes from a model version that the policy does not name.";
        if (document.Binding.PromptHash is { } prompt && prompt != proposal.PromptHash)
            return "The proposal was made with another prompt than the policy names.";
        if (question.Attempts > (document.Limits?.MaximumAttempts ?? 3))
            return "The model needed more attempts than the policy allows.";
        if (document.Limits?.MaximumCost is { } cost && proposal.Cost > cost)
            return "The proposal cost more than the policy allows.";
        if (document.Limits?.MaximumLatency is { } latency && (decimal)proposal.Latency.TotalSeconds > latency)
            return "The proposal took longer than the policy allows.";
        return null;
    }

    private Sureness Confidence(PolicyQuestion question)
    {
        if (question.Proposal is not { } proposal)
            return new Sureness(0, ImmutableDictionary<string, decimal>.Empty);
        var fields = proposal.FieldScores.ToImmutableDictionary(f => f.Key, f => Calibration.Apply(document.Calibration, f.Value), StringComparer.Ordinal);
        var overall = document.Fields.IsEmpty
            ? Calibration.Apply(document.Calibration, proposal.Score ?? 0)
            : document.Fields.Min(name => fields.GetValueOrDefault(name));
        return new Sureness(overall, fields);
    }

    private (ImmutableArray<DecisionCheck> Checks, string? Problem) Checks(FeelScope scope, FeelOptions options)
    {
        if (expressions.Checks is null)
            return ([], null);
        var result = expressions.Checks.Evaluate(scope, options);
        var json = result.Value.ToJson();
        if (result.Failure is not null || json.ValueKind != JsonValueKind.Array)
            return ([], "The policy's checks could not be read, so a person looks.");
        var checks = ImmutableArray.CreateBuilder<DecisionCheck>();
        foreach (var item in json.EnumerateArray())
        {
            if (Text(item, "id") is not { } id || Text(item, "result") is not ("passed" or "failed" or "not_applicable"))
                return (checks.ToImmutable(), "A check has no readable result, so a person looks.");
            checks.Add(new DecisionCheck(id, Text(item, "result")!, Text(item, "detail") ?? id));
        }

        return (checks.ToImmutable(), null);
    }

    private (decimal Impact, string? Problem) Impact(FeelScope scope, FeelOptions options)
    {
        var result = expressions.Impact.Evaluate(scope, options);
        var json = result.Value.ToJson();
        return result.Failure is null && json.ValueKind == JsonValueKind.Number && json.TryGetDecimal(out var impact) && impact >= 0
            ? (impact, null)
            : (0, "The impact of a mistake could not be computed, so a person looks.");
    }

    private ImmutableDictionary<string, JsonElement> GateInputs(PolicyQuestion question, Sureness confidence, decimal impact, ImmutableArray<string> failed, FeelScope scope,
        FeelOptions options)
    {
        var subject = expressions.Proposal is { } proposal
            ? proposal.Evaluate(scope, options).Value.ToJson()
            : JsonSerializer.SerializeToElement(question.Variables);
        return ImmutableDictionary.CreateRange(StringComparer.Ordinal, new KeyValuePair<string, JsonElement>[]
        {
            new("case", subject),
            new("confidence", JsonSerializer.SerializeToElement(confidence.Overall)),
            new("fields", JsonSerializer.SerializeToElement(confidence.Fields)),
            new("impact", JsonSerializer.SerializeToElement(impact)),
            new("failed", JsonSerializer.SerializeToElement(failed)),
            new("corrected", JsonSerializer.SerializeToElement(question.Variables.TryGetValue("corrections", out var c) && c.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))),
        });
    }

    private bool IsSampled(PolicyQuestion question, FeelScope scope, FeelOptions options)
    {
        if (document.Sampling is not { Share: > 0 } sampling)
            return false;
        var stratum = expressions.Stratum?.Evaluate(scope, options).Value.ToJson().ToString() ?? "";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Id}\n{stratum}\n{question.SamplingKey}"));
        return BinaryPrimitives.ReadUInt32BigEndian(hash) < sampling.Share * 4_294_967_296m;
    }

    private static (Verdict? Verdict, ImmutableArray<string> Reasons) ReadVerdict(JsonElement result)
    {
        var reason = Text(result, "reason");
        ImmutableArray<string> reasons = string.IsNullOrWhiteSpace(reason) ? [] : [reason];
        return (result.ValueKind == JsonValueKind.String ? result.GetString() : Text(result, "verdict")) switch
        {
            "accept" => (Verdict.Accept, reasons),
            "review" => (Verdict.Review, reasons),
            "two_people" => (Verdict.TwoPeople, reasons),
            "reject" => (Verdict.Reject, reasons),
            "escalate" => (Verdict.Escalate, reasons),
            _ => (null, reasons),
        };
    }

    // The same question has the same hash, whatever the order of its members.
    private static string HashOf(ImmutableDictionary<string, JsonElement> inputs) => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(JsonSerializer.SerializeToUtf8Bytes(inputs))));

    private static ModelReference? Model(InferenceResult? proposal) => proposal is null
        ? null
        : new(proposal.Provider, proposal.Model, proposal.Version, proposal.PromptHash, proposal.InputHash, proposal.InputReference, proposal.Tokens, proposal.Cost, proposal.Latency);

    private static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed record Sureness(decimal Overall, ImmutableDictionary<string, decimal> Fields);

    private sealed record Answer(ImmutableDictionary<string, JsonElement> Inputs, decimal Impact, ImmutableArray<DecisionCheck> Checks, ImmutableArray<string> Rules, Verdict Verdict,
        ImmutableArray<string> Reasons, bool Sampled, string? Fallback)
    {
        public static Answer ToPerson(ImmutableDictionary<string, JsonElement> inputs, decimal impact, ImmutableArray<DecisionCheck> checks, string why) =>
            new(inputs, impact, checks, [], Verdict.Review, [why], Sampled: false, why);
    }
}
