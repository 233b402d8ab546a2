using System.Text;
using Countersign.Console.Session;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Countersign.Console.Tests.Session;

public sealed class SessionStoreTests
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero));
    private readonly SpyCache cache = new();
    private readonly SessionStore store;

    public SessionStoreTests() => store = new SessionStore(cache, new EphemeralDataProtectionProvider(), Options.Create(new ConsoleOptions()), clock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_stored_names_neither_the_session_nor_its_tokens()
    {
        var id = SessionStore.NewId();
        await store.Save(id, Session(), Ct);
        var (key, bytes) = cache.Entries.Single();
        key.ShouldNotContain(id);
        var text = Encoding.Latin1.GetString(bytes);
        text.ShouldNotContain("access-secret");
        text.ShouldNotContain("refresh-secret");
        (await store.Find(id, Ct))!.AccessToken.ShouldBe("access-secret");
    }

    [Fact]
    public async Task A_session_ends_after_thirty_quiet_minutes()
    {
        var id = SessionStore.NewId();
        await store.Save(id, Session(), Ct);
        clock.Advance(TimeSpan.FromMinutes(30));
        (await store.Find(id, Ct)).ShouldNotBeNull();
        clock.Advance(TimeSpan.FromSeconds(1));
        (await store.Find(id, Ct)).ShouldBeNull();
    }

    [Fact]
    public async Task A_busy_session_ends_after_twelve_hours()
    {
        var id = SessionStore.NewId();
        var session = Session();
        for (var i = 0; i < 24 * 6; i++)
        {
            await store.Save(id, session with { SeenAt = clock.GetUtcNow() }, Ct);
            (await store.Find(id, Ct)).ShouldNotBeNull();
            clock.Advance(TimeSpan.FromMinutes(5));
        }

        await store.Save(id, session with { SeenAt = clock.GetUtcNow() }, Ct);
        clock.Advance(TimeSpan.FromSeconds(1));
        (await store.Find(id, Ct)).ShouldBeNull();
    }

    [Fact]
    public async Task A_session_sealed_with_lost_keys_is_no_session()
    {
        var id = SessionStore.NewId();
        await store.Save(id, Session(), Ct);
        var other = new SessionStore(cache, new EphemeralDataProtectionProvider(), Options.Create(new ConsoleOptions()), clock);
        (await other.Find(id, Ct)).ShouldBeNull();
    }

    private ConsoleSession Session() =>
        new("Ben", "ben", "access-secret", clock.GetUtcNow().AddMinutes(10), "refresh-secret", null, clock.GetUtcNow(), clock.GetUtcNow());

    private sealed class SpyCache : IDistributedCache
    {
        public Dictionary<string, byte[]> Entries { get; } = new(StringComparer.Ordinal);

        public byte[]? Get(string key) => Entries.GetValueOrDefault(key);

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult(Get(key));

        public void Refresh(string key)
        {
        }

        public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Remove(string key) => Entries.Remove(key);

        public Task RemoveAsync(string key, CancellationToken token = default)
        {
            Remove(key);
            return Task.CompletedTask;
        }

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Entries[key] = value;

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
        {
            Set(key, value, options);
            return Task.CompletedTask;
        }
    }
}
