using System.Collections.Immutable;
using System.Text.Json;

namespace Countersign.Projections.Tenants;

/// <summary>The tenant itself; one row in each tenant.</summary>
/// <param name="Id">Always <see cref="Only"/>.</param>
public sealed record TenantRecord(string Id, string TenantId, string Name, string TimeZone, DateTimeOffset CreatedAt)
{
    /// <summary>Id of the one row.</summary>
    public const string Only = "tenant";
}

/// <summary>A member as requests read it, written in the transaction of the member's events.</summary>
/// <param name="Name">Sealed; opened for each reader.</param>
/// <param name="Email">Sealed, or null.</param>
/// <param name="Version">Version of the member's stream.</param>
public sealed record MemberRecord(string Id, JsonElement Name, JsonElement? Email, ImmutableArray<string> Roles, ImmutableArray<string> Groups, bool Active, long Version);
