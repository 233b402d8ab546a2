using System.Collections.Frozen;
using System.Collections.Immutable;
using Countersign.Domain.Tenants;

namespace Countersign.Api.Identity;

/// <summary>Who calls, verified, with what the tenant's own records (at most five seconds old) say they may do.</summary>
/// <param name="TenantId">The tenant, from the verified credential.</param>
/// <param name="TenantName">Name of the tenant.</param>
/// <param name="Name">Name of the person or program.</param>
/// <param name="Actor">The actor as the domain knows it.</param>
/// <param name="Permissions">What they may do.</param>
internal sealed record Caller(string TenantId, string TenantName, string Name, Actor Actor, FrozenSet<string> Permissions)
{
    public string Id => Actor.Id;

    public bool May(string permission) => Permissions.Contains(permission);
}

/// <summary>Names of the claims that the authentication schemes agree on. Whatever a provider sends is mapped to these and to nothing else.</summary>
internal static class CallerClaims
{
    public const string Tenant = "cs_tenant";
    public const string Subject = "sub";
    public const string Kind = "cs_kind";
    public const string Person = "person";
    public const string Key = "key";

    /// <summary>A program of a registered directory, known by its token alone.</summary>
    public const string Application = "application";

    /// <summary>Roles and groups that a provider vouches for, in our names; for this token's life they add to the tenant's records.</summary>
    public const string Role = "cs_role";
    public const string Group = "cs_group";
}

/// <summary>What the tenant's records say about its people and programs.</summary>
internal interface IDirectory
{
    /// <summary>The person, as of at most five seconds ago; null when unknown, inactive or of an unknown tenant.</summary>
    ValueTask<Caller?> FindMember(string tenantId, string memberId, CancellationToken cancellation);

    /// <summary>A program that its directory gave these roles; null when the tenant is unknown.</summary>
    ValueTask<Caller?> FindApplication(string tenantId, string id, ImmutableArray<string> roles, CancellationToken cancellation);

    /// <summary>The program by the id of its key, as of at most five seconds ago; null when unknown or no longer working.</summary>
    ValueTask<Caller?> FindKey(string tenantId, Guid keyId, CancellationToken cancellation);

    /// <summary>The working key with this hash, as of at most five seconds ago; null when there is none.</summary>
    ValueTask<Guid?> FindKeyBySecret(string tenantId, string secretHash, CancellationToken cancellation);

    /// <summary>Forgets what this process has cached of a tenant, after a change made here.</summary>
    void Forget(string tenantId);
}
