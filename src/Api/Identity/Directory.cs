using System.Collections.Immutable;
using Countersign.Domain.Tenants;
using Countersign.Projections.Keys;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Projections.Tenants;
using Marten;
using Microsoft.Extensions.Caching.Memory;

namespace Countersign.Api.Identity;

/// <summary>The tenant's people and programs, read as the reader and kept for at most five seconds. Bounded: at most 50,000 entries.</summary>
internal sealed class TenantDirectory(IReaderStore store, PersonalTexts texts, TimeProvider clock, IKeyUseLog uses) : IDirectory, IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(5);
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = 50_000, Clock = null });
    private readonly Lock _gate = new();
    private ImmutableDictionary<string, int> _generations = ImmutableDictionary<string, int>.Empty;

    public async ValueTask<Caller?> FindMember(string tenantId, string memberId, CancellationToken cancellation) =>
        await Cached(tenantId, "member", memberId, async session =>
        {
            var tenant = await session.LoadAsync<TenantRecord>(TenantRecord.Only, cancellation);
            var member = await session.LoadAsync<MemberRecord>(memberId, cancellation);
            if (tenant is null || member is not { Active: true })
                return null;
            // An erased person's id stands for the name.
            var name = (await texts.Open(tenantId, [member.Name], cancellation))[0] ?? member.Id;
            return CallerOf(tenant, member.Id, name, ActorKind.Person, member.Roles, member.Groups);
        });

    public async ValueTask<Caller?> FindApplication(string tenantId, string id, ImmutableArray<string> roles, CancellationToken cancellation)
    {
        var tenant = await Cached(tenantId, "tenant", TenantRecord.Only, session => session.LoadAsync<TenantRecord>(TenantRecord.Only, cancellation));
        return tenant is null ? null : CallerOf(tenant, id, $"Application {id[32..]}", ActorKind.Key, roles, []);
    }

    public async ValueTask<Caller?> FindKey(string tenantId, Guid keyId, CancellationToken cancellation)
    {
        var caller = await Cached(tenantId, "key", keyId.ToString("N"), async session =>
        {
            var tenant = await session.LoadAsync<TenantRecord>(TenantRecord.Only, cancellation);
            var key = await session.LoadAsync<KeyRecord>(keyId, cancellation);
            return tenant is null || key is null || !Works(key) ? null : CallerOf(tenant, key.Id.ToString("N"), key.Name, ActorKind.Key, key.Roles, []);
        });
        if (caller is not null)
            uses.Used(tenantId, keyId);
        return caller;
    }

    public async ValueTask<Guid?> FindKeyBySecret(string tenantId, string secretHash, CancellationToken cancellation)
    {
        var found = await Cached(tenantId, "secret", secretHash, async session =>
        {
            var key = await session.Query<KeyRecord>().FirstOrDefaultAsync(k => k.SecretHash == secretHash, cancellation);
            return key is null || !Works(key) ? null : new Found(key.Id);
        });
        return found?.KeyId;
    }

    public void Forget(string tenantId)
    {
        lock (_gate)
            _generations = _generations.SetItem(tenantId, _generations.GetValueOrDefault(tenantId) + 1);
    }

    public void Dispose() => _cache.Dispose();

    private bool Works(KeyRecord key) => key.RevokedAt is null && clock.GetUtcNow() < key.ExpiresAt;

    private static Caller CallerOf(TenantRecord tenant, string id, string name, ActorKind kind, ImmutableArray<string> roles, ImmutableArray<string> groups) =>
        new(tenant.TenantId, tenant.Name, name, new Actor(id, kind, roles, groups), Permission.Of(roles, groups));

    private async ValueTask<T?> Cached<T>(string tenantId, string kind, string id, Func<IQuerySession, Task<T?>> load)
        where T : class
    {
        var key = (tenantId, _generations.GetValueOrDefault(tenantId), kind, id);
        if (_cache.TryGetValue(key, out Entry? entry) && clock.GetUtcNow() < entry!.Until)
            return entry.Value as T;
        // The life counts from before the read: what is cached is never older than that.
        var until = clock.GetUtcNow() + Life;
        await using var session = store.QuerySession(tenantId);
        var value = await load(session);
        _cache.Set(key, new Entry(value, until), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Life });
        return value;
    }

    private sealed record Entry(object? Value, DateTimeOffset Until);

    private sealed record Found(Guid KeyId);
}
