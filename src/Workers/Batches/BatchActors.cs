using Countersign.Domain.Tenants;
using Countersign.Projections.Keys;
using Countersign.Projections.Tenants;
using Marten;

namespace Countersign.Workers.Batches;

/// <summary>Who asked for a batch, with what that actor may do now: somebody who is no operator any more has the rest of a batch refused.</summary>
internal sealed class BatchActors(IDocumentStore store, TimeProvider clock)
{
    public async Task<Actor> Find(string tenantId, string id, ActorKind kind, CancellationToken cancellation)
    {
        await using var session = store.QuerySession(tenantId);
        if (kind == ActorKind.Person)
            return await session.LoadAsync<MemberRecord>(id, cancellation) is { Active: true } member ? new Actor(id, kind, member.Roles, member.Groups) : new Actor(id, kind, [], []);
        return kind == ActorKind.Key && Guid.TryParse(id, out var key) && await session.LoadAsync<KeyRecord>(key, cancellation) is { RevokedAt: null } record && clock.GetUtcNow() < record.ExpiresAt
            ? new Actor(id, kind, record.Roles, [])
            : new Actor(id, kind, [], []);
    }
}
