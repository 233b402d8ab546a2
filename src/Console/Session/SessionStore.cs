using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Options;

namespace Countersign.Console.Session;

/// <summary>Keeps sessions encrypted in the distributed cache under the hash of their id: who reads the cache can neither use nor read a session.</summary>
internal sealed class SessionStore(IDistributedCache cache, IDataProtectionProvider protection, IOptions<ConsoleOptions> options, TimeProvider clock)
{
    private const int IdBytes = 32;
    private readonly IDataProtector protector = protection.CreateProtector("Countersign.Console.Session.v1");

    public static string NewId() => WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(IdBytes));

    public static bool LooksLikeId(string? id) => id is { Length: 43 };

    public async Task<ConsoleSession?> Find(string id, CancellationToken ct)
    {
        if (await cache.GetAsync(Key(id), ct) is not { } stored)
            return null;
        ConsoleSession? session;
        try
        {
            session = JsonSerializer.Deserialize<ConsoleSession>(protector.Unprotect(stored));
        }
        catch (CryptographicException)
        {
            // Written under keys that are gone: as good as no session, the person signs in again.
            return null;
        }

        var now = clock.GetUtcNow();
        return session is null || now - session.SeenAt > options.Value.SessionIdle || now - session.CreatedAt > options.Value.SessionLongest ? null : session;
    }

    public Task Save(string id, ConsoleSession session, CancellationToken ct)
    {
        var end = Min(session.CreatedAt + options.Value.SessionLongest, session.SeenAt + options.Value.SessionIdle);
        var life = end - clock.GetUtcNow();
        if (life <= TimeSpan.Zero)
            return Remove(id, ct);
        return cache.SetAsync(Key(id), protector.Protect(JsonSerializer.SerializeToUtf8Bytes(session)),
            new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = life }, ct);
    }

    public Task Remove(string id, CancellationToken ct) => cache.RemoveAsync(Key(id), ct);

    private static string Key(string id) => "console-session:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(id)));

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
