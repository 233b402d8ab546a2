using Countersign.Client.Processes;

namespace Countersign.Client.Policies;

/// <summary>Where a policy version stands.</summary>
public enum PolicyStatus
{
    /// <summary>Written, waiting for a second person.</summary>
    Draft,

    /// <summary>Approved. The newest published version is pinned by new instances; older ones stay with those that pinned them.</summary>
    Published,

    /// <summary>Turned down.</summary>
    Rejected,
}

/// <summary>Drafts a version of a decision policy.</summary>
/// <param name="Document">The policy document, JSON text (docs/reference/policies), at most 1 MB; kept byte for byte.</param>
/// <param name="Gate">DMN decision table, XML text, at most 1 MB; kept byte for byte.</param>
/// <param name="Note">What changed and why, 1 to 2,000 characters.</param>
public sealed record DraftPolicyRequest(string Document, string Gate, string Note);

/// <summary>Approves a draft and puts it in force. Who drafted may not approve.</summary>
/// <param name="Hash">Hash of the draft that was read: approval of another content is refused.</param>
public sealed record PublishPolicyRequest(string Hash);

/// <summary>Turns a draft down.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record RejectPolicyRequest(string Reason);

/// <summary>Sets or releases the kill switch: while set, every question goes to a person.</summary>
/// <param name="On">True to set.</param>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record PolicyKillSwitchRequest(bool On, string Reason);

/// <summary>A version of a decision policy.</summary>
/// <param name="Id"><c>key:number</c>.</param>
/// <param name="Hash">SHA-256 over document and gate, lower-case hex.</param>
/// <param name="DraftedBy">Member or key id.</param>
/// <param name="ApprovedBy">The second person, or null for a draft.</param>
/// <param name="Findings">What was found in it without a case; errors prevent drafting. Null in lists.</param>
public sealed record PolicyVersionView(string Id, string Key, int Version, PolicyStatus Status, string Hash, string Note, string DraftedBy, DateTimeOffset DraftedAt,
    string? ApprovedBy, DateTimeOffset? ApprovedAt, string Document, string Gate, IReadOnlyList<PolicyFinding>? Findings = null);

/// <summary>What was found in a policy without a case.</summary>
/// <param name="Rule">Stable rule id, e.g. <c>table.gap</c>.</param>
/// <param name="Severity">Error or warning.</param>
/// <param name="Element">Member of the document or id of an element of the gate; null for the whole.</param>
/// <param name="Sentence">What is wrong, for a person.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Line">1-based line in the gate, or null.</param>
public sealed record PolicyFinding(string Rule, FindingSeverity Severity, string? Element, string Sentence, string Remedy, int? Line);

/// <summary>A policy with its newest and its active version.</summary>
/// <param name="Key">Policy key.</param>
/// <param name="Name">Title of the newest version.</param>
/// <param name="LatestVersion">Number of the newest version, a draft included.</param>
/// <param name="ActiveVersion">Number of the version that new instances pin, or null when none was approved yet.</param>
/// <param name="KillSwitch">Whether every question goes to a person now.</param>
public sealed record PolicyListItem(string Key, string Name, int LatestVersion, int? ActiveVersion, bool KillSwitch, DateTimeOffset ChangedAt);
