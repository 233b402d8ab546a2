using Countersign.Client;
using Countersign.Client.Members;
using Countersign.Client.Tenants;
using Countersign.Console.Session;
using Microsoft.Extensions.Caching.Memory;

namespace Countersign.Console.Hosting;

/// <summary>What every page needs: the client with the session's rights, who the person is, and the names behind member ids.</summary>
internal sealed class ConsoleContext(IHttpClientFactory http, SessionTokens tokens, CurrentSession current, IMemoryCache cache)
{
    public const string HttpClientName = "countersign-console-api";

    // The API checks every call itself; these only save repeated reads while a person clicks.
    private static readonly TimeSpan MeLife = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NamesLife = TimeSpan.FromSeconds(30);

    private CountersignClient? client;

    public CountersignClient Client => client ??= new CountersignClient(http.CreateClient(HttpClientName), tokens, new CountersignClientOptions { Retries = 2 });

    public bool SignedIn => current.Id is not null;

    public async Task<MeView> Me(CancellationToken ct = default) =>
        await Cached($"me:{current.Id}", MeLife, () => Client.Tenant.GetMeAsync(ct)) ?? throw new InvalidOperationException("The API answered without a caller.");

    public Task<TenantView?> Tenant(CancellationToken ct = default) => Cached<TenantView>($"tenant:{current.Id}", NamesLife, async () => await Client.Tenant.GetAsync(ct));

    /// <summary>Open tasks that the person may see, counted up to a hundred; none where they cannot be read.</summary>
    public async Task<int> OpenTasks(CancellationToken ct = default)
    {
        var count = await Cached($"tasks:{current.Id}", MeLife, async () =>
        {
            try
            {
                return new Count((await Client.Tasks.ListPageAsync(limit: 100, cancellationToken: ct)).Items.Count);
            }
            catch (CountersignProblemException)
            {
                // Only a number beside a link: the page itself says what is wrong.
                return new Count(0);
            }
        });
        return count!.Value;
    }

    /// <summary>Forgets what was read before the person acted.</summary>
    public void Acted() => cache.Remove($"tasks:{current.Id}");

    /// <summary>Names by member id; empty where the person may not see the members.</summary>
    public async Task<People> People(CancellationToken ct = default)
    {
        var names = await Cached<Dictionary<string, string>>($"names:{current.Id}", NamesLife, async () =>
        {
            var read = new Dictionary<string, string>(StringComparer.Ordinal);
            try
            {
                await foreach (var member in Client.Members.ListAsync(ct))
                    read[member.Id] = member.Name;
            }
            catch (CountersignProblemException e) when (e.Problem.Status is 403 or 404)
            {
                // Ids are shown instead of names: the page's own content matters more.
            }

            return read;
        });
        return new People(names!, await Me(ct));
    }

    private async Task<T?> Cached<T>(string key, TimeSpan life, Func<Task<T>> read)
        where T : class
    {
        if (cache.TryGetValue(key, out T? known))
            return known;
        var value = await read();
        cache.Set(key, value, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = life, Size = 1 });
        return value;
    }
}

internal sealed record Count(int Value);

/// <summary>Names of people and programs.</summary>
internal sealed class People(IReadOnlyDictionary<string, string> names, MeView me)
{
    public string Me => me.Id;

    public string Name(string? id) => id switch
    {
        null => "Countersign",
        "system" => "Countersign",
        _ => names.TryGetValue(id, out var name) ? name : id == me.Id ? me.Name : id,
    };

    public bool IsMe(string? id) => id is not null && id == me.Id;
}
