using System.Text.RegularExpressions;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Policies;

/// <summary>Drafts the next version of a policy.</summary>
/// <param name="Document">The policy document (JSON text).</param>
/// <param name="Gate">The gate's DMN source.</param>
public sealed record DraftPolicy(string Key, string Document, string Gate, string Note, Actor By);

/// <summary>Approves a draft.</summary>
/// <param name="Hash">Hash of the draft that the approver read.</param>
public sealed record PublishPolicy(int Version, string Hash, Actor By);

/// <summary>Turns a draft down.</summary>
public sealed record RejectPolicyDraft(int Version, string Reason, Actor By);

/// <summary>Sets or releases the kill switch.</summary>
public sealed record SetPolicyKillSwitch(bool On, string Reason, Actor By);

/// <summary>Pure decisions about policies. Whether document and gate compile is asked before, by the door.</summary>
public static partial class PolicyDecider
{
    /// <summary>Drafts; the newest version's content again adds nothing.</summary>
    public static Outcome Decide(PolicyState? state, DraftPolicy command, DateTimeOffset now)
    {
        if (!KeyPattern().IsMatch(command.Key))
            return Invalid("policy.key_invalid", "A policy key is 1 to 63 lower-case letters, digits and hyphens and begins with a letter. Choose another.");
        if (NoText(command.Note))
            return Invalid("policy.note_missing", "Say in 1 to 2,000 characters what changed and why; it is kept in the trail.");
        if (PolicyDocument.Read(command.Document, out var problem) is null)
            return Invalid("policy.document_invalid", problem ?? "The policy document cannot be read.");
        var hash = PolicyHash.Of(command.Document, command.Gate);
        var newest = state?.Versions.Values.LastOrDefault();
        return newest?.Hash == hash && newest.Status != PolicyVersionStatus.Rejected
            ? Outcome.Nothing
            : Outcome.Of(new PolicyDrafted(command.Key, (newest?.Version ?? 0) + 1, hash, command.Document, command.Gate, command.Note, command.By.Id, now));
    }

    /// <summary>Approves; who drafted may not, and only what was read is approved. Twice adds nothing.</summary>
    public static Outcome Decide(PolicyState? state, PublishPolicy command, DateTimeOffset now)
    {
        if (state is null || !state.Versions.TryGetValue(command.Version, out var version))
            return NotFound();
        if (version.Author == command.By.Id)
            return Outcome.Refuse(RefusalKind.Denied, "policy.own_draft", "Who drafted a policy may not approve it. Ask a colleague.");
        if (version.Hash != command.Hash)
            return Outcome.Refuse(RefusalKind.Conflict, "policy.draft_changed", "This is not the content that was read. Read the draft again before you approve it.");
        return version.Status switch
        {
            PolicyVersionStatus.Published => Outcome.Nothing,
            PolicyVersionStatus.Rejected => Outcome.Refuse(RefusalKind.Conflict, "policy.draft_rejected", "This draft was turned down. Draft a new version."),
            _ when state.Versions.Keys.Last() != command.Version => Outcome.Refuse(RefusalKind.Conflict, "policy.draft_superseded", "A newer version exists. Approve that one."),
            _ => Outcome.Of(new PolicyPublished(command.Version, version.Hash, command.By.Id, now)),
        };
    }

    /// <summary>Turns a draft down; twice adds nothing.</summary>
    public static Outcome Decide(PolicyState? state, RejectPolicyDraft command, DateTimeOffset now)
    {
        if (state is null || !state.Versions.TryGetValue(command.Version, out var version))
            return NotFound();
        if (NoText(command.Reason))
            return Invalid("policy.reason_missing", "Give a reason of 1 to 2,000 characters; it is kept in the trail.");
        return version.Status switch
        {
            PolicyVersionStatus.Rejected => Outcome.Nothing,
            PolicyVersionStatus.Published => Outcome.Refuse(RefusalKind.Conflict, "policy.already_published", "This version is in force. Draft a new version to change it."),
            _ => Outcome.Of(new PolicyDraftRejected(command.Version, command.By.Id, command.Reason, now)),
        };
    }

    /// <summary>Sets or releases the kill switch; the same again adds nothing.</summary>
    public static Outcome Decide(PolicyState? state, SetPolicyKillSwitch command, DateTimeOffset now)
    {
        if (state is null)
            return NotFound();
        if (NoText(command.Reason))
            return Invalid("policy.reason_missing", "Give a reason of 1 to 2,000 characters; it is kept in the trail.");
        return state.KillSwitch == command.On ? Outcome.Nothing : Outcome.Of(new PolicyKillSwitchSet(command.On, command.By.Id, command.Reason, now));
    }

    private static bool NoText(string text) => string.IsNullOrWhiteSpace(text) || text.Length > 2_000;

    private static Outcome Invalid(string code, string detail) => Outcome.Refuse(RefusalKind.Invalid, code, detail);

    private static Outcome NotFound() => Outcome.Refuse(RefusalKind.NotFound, "policy.not_found", "There is no such policy or version.");

    [GeneratedRegex("^[a-z][a-z0-9-]{0,62}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex KeyPattern();
}
