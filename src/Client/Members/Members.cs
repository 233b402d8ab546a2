namespace Countersign.Client.Members;

/// <summary>A person of the tenant.</summary>
/// <param name="Id">Member id; what events name.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Roles">admin, designer, operator, auditor, integrator.</param>
/// <param name="Groups">Groups, approver groups included.</param>
/// <param name="Active">False: may not sign in.</param>
/// <param name="Version">Version of the resource: <c>If-Match</c> for a change is <c>"version"</c>.</param>
public sealed record MemberView(string Id, string Name, string? Email, IReadOnlyList<string> Roles, IReadOnlyList<string> Groups, bool Active, long Version);

/// <summary>Sets what a member may do.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record UpdateMemberRequest(IReadOnlyList<string> Roles, IReadOnlyList<string> Groups, bool Active, string Reason);

/// <summary>Who the caller is.</summary>
/// <param name="Id">Member or key id.</param>
/// <param name="Kind">Person or program.</param>
/// <param name="Permissions">What the caller may do, e.g. <c>tasks.complete</c>.</param>
public sealed record MeView(string Id, string Name, CallerKind Kind, string TenantId, string TenantName, IReadOnlyList<string> Roles,
    IReadOnlyList<string> Groups, IReadOnlyList<string> Permissions);

/// <summary>What kind of caller it is.</summary>
public enum CallerKind
{
    /// <summary>A signed-in person.</summary>
    Person,

    /// <summary>A program with an API key or client credentials.</summary>
    Key,
}
