using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using Npgsql;

namespace Countersign.Projections.Sealing;

/// <summary>The key of one data subject in one tenant.</summary>
/// <param name="Key">The key; null when it was destroyed or never was.</param>
internal sealed record SubjectKey(string TenantId, string Subject, Guid Id, byte[]? Key);

/// <summary>Keys at hand for one piece of work.</summary>
public sealed class SubjectKeys
{
    private readonly Dictionary<Guid, SubjectKey> _byId = [];
    private readonly Dictionary<(string TenantId, string Subject), SubjectKey> _live = [];

    internal void Add(SubjectKey key)
    {
        _byId[key.Id] = key;
        if (key.Key is not null)
            _live[(key.TenantId, key.Subject)] = key;
    }

    internal SubjectKey? ById(string tenantId, Guid id) => _byId.GetValueOrDefault(id) is { } key && key.TenantId == tenantId ? key : null;

    internal SubjectKey? Live(string tenantId, string subject) => _live.GetValueOrDefault((tenantId, subject));
}

/// <summary>
/// Subjects' keys: made when first needed, kept wrapped by the tenant's key, destroyed on erasure. Opened keys stay in memory for a
/// minute at most, so that an erasure on another node takes effect here.
/// </summary>
public sealed class SubjectKeyStore(NpgsqlDataSource writer, KeyRing ring, TimeProvider time)
{
    private const int MostCached = 50_000;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<Guid, (SubjectKey Key, long At)> _byId = new();
    private readonly ConcurrentDictionary<(string, string), (SubjectKey Key, long At)> _live = new();
    private readonly ConcurrentDictionary<string, byte[]> _tenants = new(StringComparer.Ordinal);

    /// <summary>Keys with these ids, as far as they exist; a destroyed one is there without its bytes.</summary>
    internal async Task<SubjectKeys> Find(IEnumerable<(string TenantId, Guid KeyId)> wanted, CancellationToken cancellation)
    {
        var keys = new SubjectKeys();
        var missing = new HashSet<Guid>();
        foreach (var (_, id) in wanted)
        {
            if (_byId.TryGetValue(id, out var cached) && time.GetElapsedTime(cached.At) < Kept)
                keys.Add(cached.Key);
            else
                missing.Add(id);
        }

        if (missing.Count == 0)
            return keys;
        await using var command = writer.CreateCommand($"select id, tenant_id, subject, wrapped from {KeyTables.Schema}.subject_keys where id = any($1)");
        command.Parameters.AddWithValue(missing.ToArray());
        foreach (var key in await Read(command, cancellation))
            keys.Add(Remember(key));
        return keys;
    }

    /// <summary>The live keys of these subjects; what is missing is made. Durable before it returns, so that nothing is sealed under a key that could be lost.</summary>
    internal async Task<SubjectKeys> Ensure(IReadOnlyCollection<(string TenantId, string Subject)> wanted, CancellationToken cancellation)
    {
        var keys = new SubjectKeys();
        var missing = new List<(string TenantId, string Subject)>();
        foreach (var subject in wanted.Distinct())
        {
            if (_live.TryGetValue(subject, out var cached) && time.GetElapsedTime(cached.At) < Kept)
                keys.Add(cached.Key);
            else
                missing.Add(subject);
        }

        if (missing.Count == 0)
            return keys;
        foreach (var tenant in missing.Select(m => m.TenantId).Distinct(StringComparer.Ordinal))
            await TenantKey(tenant, cancellation);
        var made = missing.Select(m => (m.TenantId, m.Subject, Id: Guid.CreateVersion7(time.GetUtcNow()), Key: RandomNumberGenerator.GetBytes(32))).ToArray();
        // Two round trips: a row that another node inserted at the same time is only visible to a statement that begins afterwards.
        await using (var insert = writer.CreateCommand($"""
            insert into {KeyTables.Schema}.subject_keys (id, tenant_id, subject, wrapped)
            select * from unnest($1, $2, $3, $4) on conflict (tenant_id, subject) where destroyed is null do nothing
            """))
        {
            insert.Parameters.AddWithValue(made.Select(m => m.Id).ToArray());
            insert.Parameters.AddWithValue(made.Select(m => m.TenantId).ToArray());
            insert.Parameters.AddWithValue(made.Select(m => m.Subject).ToArray());
            insert.Parameters.AddWithValue(made.Select(m => KeyRing.Encrypt(_tenants[m.TenantId], m.Key, Context(m.TenantId, m.Subject))).ToArray());
            await insert.ExecuteNonQueryAsync(cancellation);
        }

        await using var select = writer.CreateCommand($"""
            select k.id, k.tenant_id, k.subject, k.wrapped from unnest($1, $2) as q(tenant, subject)
            join {KeyTables.Schema}.subject_keys k on k.tenant_id = q.tenant and k.subject = q.subject and k.destroyed is null
            """);
        select.Parameters.AddWithValue(made.Select(m => m.TenantId).ToArray());
        select.Parameters.AddWithValue(made.Select(m => m.Subject).ToArray());
        foreach (var key in await Read(select, cancellation))
            keys.Add(Remember(key));
        return keys;
    }

    /// <summary>Destroys the live key of a subject; what was sealed under it is erased. False when there is none.</summary>
    public async Task<bool> Destroy(string tenantId, string subject, CancellationToken cancellation)
    {
        await using var command = writer.CreateCommand($"""
            update {KeyTables.Schema}.subject_keys set wrapped = null, destroyed = now() where tenant_id = $1 and subject = $2 and destroyed is null returning id
            """);
        command.Parameters.AddWithValue(tenantId);
        command.Parameters.AddWithValue(subject);
        var destroyed = await command.ExecuteScalarAsync(cancellation) is Guid id && Forget(id);
        return destroyed;

        bool Forget(Guid key)
        {
            _byId.TryRemove(key, out _);
            _live.TryRemove((tenantId, subject), out _);
            return true;
        }
    }

    private async Task<List<SubjectKey>> Read(NpgsqlCommand command, CancellationToken cancellation)
    {
        var rows = new List<(Guid Id, string TenantId, string Subject, byte[]? Wrapped)>();
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
                rows.Add((reader.GetGuid(0), reader.GetString(1), reader.GetString(2), await reader.IsDBNullAsync(3, cancellation) ? null : reader.GetFieldValue<byte[]>(3)));
        }

        var keys = new List<SubjectKey>(rows.Count);
        foreach (var row in rows)
        {
            var key = row.Wrapped is null ? null : KeyRing.Decrypt(await TenantKey(row.TenantId, cancellation), row.Wrapped, Context(row.TenantId, row.Subject));
            keys.Add(new SubjectKey(row.TenantId, row.Subject, row.Id, key));
        }

        return keys;
    }

    private SubjectKey Remember(SubjectKey key)
    {
        // Bounded without bookkeeping: what is thrown away is read again when needed.
        if (_byId.Count > MostCached)
            _byId.Clear();
        if (_live.Count > MostCached)
            _live.Clear();
        _byId[key.Id] = (key, time.GetTimestamp());
        if (key.Key is not null)
            _live[(key.TenantId, key.Subject)] = (key, time.GetTimestamp());
        return key;
    }

    private async ValueTask<byte[]> TenantKey(string tenantId, CancellationToken cancellation)
    {
        if (_tenants.TryGetValue(tenantId, out var known))
            return known;
        await using (var insert = writer.CreateCommand($"insert into {KeyTables.Schema}.tenant_keys (tenant_id, wrapped) values ($1, $2) on conflict do nothing"))
        {
            insert.Parameters.AddWithValue(tenantId);
            insert.Parameters.AddWithValue(ring.Wrap(RandomNumberGenerator.GetBytes(32), TenantContext(tenantId)));
            await insert.ExecuteNonQueryAsync(cancellation);
        }

        await using var select = writer.CreateCommand($"select wrapped from {KeyTables.Schema}.tenant_keys where tenant_id = $1");
        select.Parameters.AddWithValue(tenantId);
        var wrapped = (byte[]?)await select.ExecuteScalarAsync(cancellation) ?? throw new UnreachableException("A tenant key is never removed.");
        return _tenants[tenantId] = ring.Unwrap(wrapped, TenantContext(tenantId));
    }

    private static string TenantContext(string tenantId) => $"tenant\n{tenantId}";

    private static byte[] Context(string tenantId, string subject) => System.Text.Encoding.UTF8.GetBytes($"subject\n{tenantId}\n{subject}");
}
