using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Domain.Decisions;
using Countersign.Domain.Policies;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Business rule task with a policy: the pinned version's gate decides, and one fact joins everything that explains it.</summary>
internal sealed class PolicyTask : Activity
{

    protected override Problem? Prepare(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> locals,
        out Action<ImmutableDictionary<string, JsonElement>> work)
    {
        work = static _ => { };
        var detail = (PolicyDetail)node.Detail!;
        if (!x.State.Pinned.TryGetValue(detail.PolicyId, out var version) || !x.Context.Policies.TryGetValue(version, out var policy))
        {
            return new Problem("policy.missing",
                $"'{node.Title}' asks the policy '{detail.PolicyId}', whose version {version ?? "(none pinned)"} is not available. Publish it again, then retry the incident.");
        }

        work = inputs =>
        {
            var decision = Ask(x, node, tokenId, detail, policy, inputs);
            x.Emit(new DecisionRecorded(tokenId, decision));
            Completion.Finish(x, node, tokenId, ImmutableDictionary<string, JsonElement>.Empty.Add(detail.ResultVariable, Result(decision)), inputs);
        };
        return null;
    }

    private static DecisionRecord Ask(Execution x, GraphNode node, string tokenId, PolicyDetail detail, CompiledPolicy policy, ImmutableDictionary<string, JsonElement> locals)
    {
        var proposal = detail.ProposalFrom is { } from ? x.State.Proposals.GetValueOrDefault(from) : null;
        var question = new PolicyQuestion(new VariableScope(x.State, tokenId, locals).All(), proposal?.Inference, proposal?.Attempts ?? 0, x.State.FirstId.ToString("N"));
        return policy.Decide(x.NextId(), node.Id, question, x.Now, x.Context.TraceId) with
        {
            Process = new ProcessReference(x.State.Id, x.State.ProcessKey, x.State.Version, x.State.Hash),
        };
    }

    /// <summary>What gateways and mappings see of a decision.</summary>
    private static JsonElement Result(DecisionRecord decision) => Json.Of(new JsonObject
    {
        ["id"] = decision.DecisionId,
        ["verdict"] = VerdictWords.Of(decision.Verdict),
        ["reasons"] = Json.Array(decision.Reasons),
        ["confidence"] = decision.Confidence,
        ["impact"] = decision.Impact,
        ["matchedRules"] = Json.Array(decision.MatchedRules),
        ["sampled"] = decision.Sampled,
        ["fallback"] = decision.Fallback,
        ["policy"] = $"{decision.Policy.Key}:{decision.Policy.Version.ToString(System.Globalization.CultureInfo.InvariantCulture)}",
    });
}
