using System.Text.Json;

namespace Countersign.Client.Policies;

/// <summary>Where a policy version stands.</summary>
public enum PolicyStatus
{
    /// <summary>Written, waiting for a second person.</summary>
    Draft,

    /// <summary>In force for new instances.</summary>
    Active,

    /// <summary>Was in force; instances that pinned it keep it.</summary>
    Superseded,

    /// <summary>Draft that was given up.</summary>
    Discarded,
}

/// <summary>Drafts a version of a decision policy.</summary>
/// <param name="Definition">The policy: binding, calibration, impact, sampling, fallback and limits (docs/reference/policies).</param>
/// <param name="Gate">DMN 1.3 or later decision table, XML, at most 1 MB.</param>
public sealed record DraftPolicyRequest(JsonElement Definition, string Gate);

/// <summary>Approves a draft. Who drafted may not approve.</summary>
/// <param name="Hash">Hash of the draft that was read: approval of another content is refused.</param>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record ApprovePolicyRequest(string Hash, string Reason);

/// <summary>A version of a decision policy.</summary>
/// <param name="Id"><c>key:number</c>.</param>
/// <param name="Hash">SHA-256 over definition and gate, lower-case hex.</param>
/// <param name="DraftedBy">Member or key id.</param>
/// <param name="ApprovedBy">The second person, or null for a draft.</param>
public sealed record PolicyVersionView(string Id, string Key, int Version, PolicyStatus Status, string Hash, string DraftedBy, DateTimeOffset DraftedAt,
    string? ApprovedBy, DateTimeOffset? ApprovedAt, JsonElement Definition, string Gate);

/// <summary>A policy with its newest and its active version.</summary>
/// <param name="Key">Policy key.</param>
/// <param name="LatestVersion">Number of the newest version, a draft included.</param>
/// <param name="ActiveVersion">Number of the version in force, or null when none was approved yet.</param>
public sealed record PolicyListItem(string Key, int LatestVersion, int? ActiveVersion, DateTimeOffset ChangedAt);
