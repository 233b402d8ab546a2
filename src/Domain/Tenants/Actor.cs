using System.Collections.Immutable;

namespace Countersign.Domain.Tenants;

/// <summary>What kind of caller acted.</summary>
public enum ActorKind
{
    /// <summary>A signed-in person, a member of the tenant.</summary>
    Person,

    /// <summary>A program with an API key or client credentials.</summary>
    Key,

    /// <summary>The service itself: a timer, a job result, a schedule.</summary>
    System,
}

/// <summary>Who acts, as looked up at the edge before deciding.</summary>
/// <param name="Id">Member id, key id or <c>system</c>; never a name or an e-mail address.</param>
/// <param name="Kind">Person, key or the service itself.</param>
/// <param name="Roles">Roles held in the tenant now, e.g. <c>admin</c>, <c>auditor</c>.</param>
/// <param name="Groups">Groups (approver groups included) the actor belongs to now.</param>
public sealed record Actor(string Id, ActorKind Kind, ImmutableArray<string> Roles, ImmutableArray<string> Groups)
{
    /// <summary>The service itself.</summary>
    public static Actor System { get; } = new("system", ActorKind.System, [], []);

    /// <summary>Whether the actor belongs to the group.</summary>
    public bool IsIn(string group) => !Groups.IsDefault && Groups.Contains(group, StringComparer.Ordinal);

    /// <summary>Whether the actor holds the role.</summary>
    public bool Holds(string role) => !Roles.IsDefault && Roles.Contains(role, StringComparer.Ordinal);
}
