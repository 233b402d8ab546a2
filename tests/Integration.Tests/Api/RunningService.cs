using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Countersign.Client;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Services;
using Shouldly;
using Xunit;

[assembly: AssemblyFixture(typeof(Countersign.Integration.Tests.Api.RunningService))]

namespace Countersign.Integration.Tests.Api;

/// <summary>One answer, body included.</summary>
internal sealed record Got(int Status, string? MediaType, string Body)
{
    /// <summary>Headers by name, several values joined by a comma.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    public static async Task<Got> Of(HttpResponseMessage answer, CancellationToken cancel) =>
        new((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync(cancel))
        {
            Headers = answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase),
        };
}

/// <summary>The real service as a process, started when the first test asks, with things of Acme Finance in it.</summary>
public sealed class RunningService : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<string, DemoPerson> _people = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private ServiceProcess? _service;
    private HttpClient? _http;
    private bool _ready;

    /// <summary>Ids of things of Acme Finance by the first segment of their route.</summary>
    internal Dictionary<string, string> Acme { get; } = new(StringComparer.Ordinal);

    /// <summary>Every method and path of the service's own description.</summary>
    internal List<(string Method, string Path, JsonElement Operation)> Routes { get; } = [];

    /// <summary>The same as operations.</summary>
    internal IEnumerable<Operation> Operations => Routes.Select(r => new Operation(r.Method, r.Path, r.Operation) { Document = Document });

    /// <summary>The whole description.</summary>
    internal JsonElement Document { get; private set; }

    internal Uri Address => _service!.Address;

    internal string DataFolder => _folder.Path;

    internal async Task Start(CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            if (_ready)
                return;
            await Stop();
            _service = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["Countersign__DataFolder"] = _folder.Path,
            });
            _http = new HttpClient { BaseAddress = _service.Address };
            await _service.StartAsync(_http, Bound, cancel);
            Document = await _http.GetFromJsonAsync<JsonElement>("openapi/v1.json", cancel);
            foreach (var path in Document.GetProperty("paths").EnumerateObject())
            {
                foreach (var operation in path.Value.EnumerateObject())
                    Routes.Add((operation.Name.ToUpperInvariant(), path.Name, operation.Value));
            }

            await Seed(cancel);
            _ready = true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Sends a request that a test has made to the last header, with the credential of a person or program.</summary>
    internal async Task<Got> Send(HttpRequestMessage request, string? who, CancellationToken cancel)
    {
        if (who is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await Token(who));
        using var answer = await _http!.SendAsync(request, cancel);
        return await Got.Of(answer, cancel);
    }

    /// <summary>The access token of a person; a key's secret is its own.</summary>
    internal async ValueTask<string> Token(string who) =>
        who.StartsWith("cs_", StringComparison.Ordinal) ? who : (await _people.GetOrAdd(who, w => new DemoPerson(_service!.Address, w)).GetTokenAsync(renew: false, default))!;

    /// <summary>A typed client that acts as a demo person.</summary>
    internal CountersignClient Act(string login) => _people.GetOrAdd(login, l => new DemoPerson(_service!.Address, l)).Act();

    internal Task<Got> Send(string method, string path, string? login, string? json = null, string? key = null, CancellationToken cancel = default) =>
        Send(method, path, login, json is null ? null : Encoding.UTF8.GetBytes(json), "application/json", key ?? Guid.NewGuid().ToString(), cancel);

    internal async Task<Got> Send(string method, string path, string? who, byte[]? body, string? type, string? key, CancellationToken cancel, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path.TrimStart('/'));
        if (who is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await Token(who));

        if (key is not null && method == "POST")
            request.Headers.Add("Idempotency-Key", key);
        if (method is "PUT" or "DELETE")
            request.Headers.TryAddWithoutValidation("If-Match", "\"1\"");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (type is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using var answer = await _http!.SendAsync(request, cancel);
        return await Got.Of(answer, cancel);
    }

    // What a start that failed left behind: its addresses and its people's tokens are worth nothing to the next one.
    private async Task Stop()
    {
        _http?.Dispose();
        if (_service is not null)
            await _service.DisposeAsync();
        (_http, _service) = (null, null);
        _people.Clear();
        Acme.Clear();
        Routes.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _gate.Dispose();
        _folder.Dispose();
    }

    /// <summary>What the service printed last.</summary>
    internal string Output => _service?.Output ?? "";

    /// <summary>Signs a demo person in to the console, and out of the identity provider.</summary>
    internal async Task SignOut(string login, CancellationToken cancel)
    {
        using var browser = await Sessions.Browser.SignIn(_service!.Address, login);
        using var answer = await browser.GetAsync(new Uri("connect/sign-out", UriKind.Relative), cancel);
        ((int)answer.StatusCode).ShouldBeLessThan(400);
    }

    /// <summary>An API key's secret for a program of the tenant that the administrator belongs to.</summary>
    internal async Task<string> Key(string admin, CancellationToken cancel) =>
        (await Made("/v1/keys", admin, """{"name":"matrix","roles":["integrator"]}""", cancel)).GetProperty("secret").GetString()!;

    private async Task Seed(CancellationToken cancel)
    {
        var pdf = Directory.EnumerateFiles(Samples(), "*.xml").First();
        Acme["documents"] = (await Stored("a.xml", await File.ReadAllBytesAsync(pdf, cancel), cancel)).GetProperty("id").GetString()!;
        await Made("/v1/reference-tables/acmeonly/versions", "dora", """{"columns":["a"],"rows":[["1"],["2"],["3"]]}""", cancel);
        Acme["reference-tables"] = "acmeonly";
        Acme["members"] = "ana-acme";
        Acme["webhooks"] = (await Made("/v1/webhooks", "dora", """{"url":"https://partner.example/hooks","eventTypes":["sample.happened"]}""", cancel)).GetProperty("endpoint").GetProperty("id").GetString()!;
        Acme["keys"] = (await Made("/v1/keys", "dora", """{"name":"sample","roles":["integrator"]}""", cancel)).GetProperty("key").GetProperty("id").GetString()!;
        Acme["exports"] = (await Made("/v1/exports", "dora", """{"from":"2026-01-01T00:00:00Z","before":"2026-01-02T00:00:00Z","purpose":"matrix"}""", cancel)).GetProperty("id").GetString()!;
        await Made("/v1/processes", "dora", JsonSerializer.Serialize(new { bpmn = TestProcesses.Approval }), cancel);
        Acme["processes"] = "approval";
        Acme["instances"] = (await Made("/v1/instances", "ana", """{"process":"approval"}""", cancel)).GetProperty("id").GetString()!;
        Acme["tasks"] = (await First("/v1/tasks", "ben", cancel)).GetProperty("id").GetString()!;
        Acme["batches"] = (await Made("/v1/batches", "dora", $$"""{"kind":"resume","selection":{"instances":["{{Acme["instances"]}}"]},"reason":"matrix"}""", cancel)).GetProperty("id").GetString()!;
        var policy = JsonSerializer.Serialize(new { document = await Sample("policy.json", cancel), gate = await Sample("gate.dmn", cancel), note = "matrix" });
        await Made("/v1/policies/acmeonly/versions", "dora", policy, cancel);
        Acme["policies"] = "acmeonly";
        await SeedWork(cancel);
    }

    // What has no route to make it: a job that a program holds, an incident, a decision, and a delivery to a partner that is not there.
    private async Task SeedWork(CancellationToken cancel)
    {
        var absent = (await Made("/v1/webhooks", "dora", """{"url":"https://partner.example/incidents","eventTypes":["incident.raised"]}""", cancel)).GetProperty("endpoint").GetProperty("id").GetString()!;
        var program = await Key("dora", cancel);
        foreach (var kind in (string[])["held", "failing"])
        {
            await Made("/v1/processes", "dora", JsonSerializer.Serialize(new { bpmn = TestProcesses.Job(kind, "acme:" + kind) }), cancel);
            await Made("/v1/instances", "dora", $$"""{"process":"{{kind}}"}""", cancel);
        }

        Acme["jobs"] = (await Activated("acme:held", program, cancel)).GetProperty("id").GetString()!;
        var failing = (await Activated("acme:failing", program, cancel)).GetProperty("id").GetString()!;
        await Made($"/v1/jobs/{failing}/fail", program, """{"attempt":1,"errorCode":"matrix","message":"It cannot be done.","retryable":false}""", cancel);
        Acme["incidents"] = (await First("/v1/incidents", "dora", cancel)).GetProperty("id").GetString()!;
        var invoice = await File.ReadAllBytesAsync(Path.Combine(Samples(), "R002014-3.xml"), cancel);
        var document = await Stored("R002014-3.xml", invoice, cancel);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Bound);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        // The pack is published by the service itself, soon after its start.
        while ((await Send("GET", "/v1/processes/invoice/versions", "dora", cancel: limit.Token)).Status != 200)
            await ticks.WaitForNextTickAsync(limit.Token);
        var start = JsonSerializer.Serialize(new { process = "invoice", variables = new { document } });
        await Made("/v1/instances", "ana", start, cancel);
        // No more than that is certain of the invoice: a share of what the policy accepts is shown to a person, by chance.
        Acme["decisions"] = (await First("/v1/decisions", "dora", cancel)).GetProperty("id").GetString()!;
        Acme["webhook-deliveries"] = (await First("/v1/webhook-deliveries", "dora", cancel)).GetProperty("id").GetString()!;
        // It would be tried again at every incident of every other test.
        ((await Send("DELETE", $"/v1/webhooks/{absent}", "dora", cancel: cancel)).Status).ShouldBeInRange(200, 204);
    }

    private async Task<JsonElement> Activated(string type, string program, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Bound);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var items = (await Made("/v1/jobs/activate", program, $$"""{"type":"{{type}}","worker":"matrix","leaseSeconds":600}""", limit.Token)).GetProperty("items");
            if (items.GetArrayLength() > 0)
                return items[0];
            await ticks.WaitForNextTickAsync(limit.Token);
        }
    }

    // As a client is asked to: again, under the same key, while the service says it has no room.
    private async Task<JsonElement> Stored(string name, byte[] content, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Bound);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        var key = Guid.NewGuid().ToString();
        while (true)
        {
            var got = await Send("POST", "/v1/documents?name=" + name, "ana", content, "application/xml", key, limit.Token);
            if (got.Status is not (429 or 503))
            {
                got.Status.ShouldBeInRange(200, 299, $"{name}: {got.Body}");
                return got.Json;
            }

            await ticks.WaitForNextTickAsync(limit.Token);
        }
    }

    private async Task<JsonElement> Made(string path, string who, string json, CancellationToken cancel)
    {
        var got = await Send("POST", path, who, json, cancel: cancel);
        got.Status.ShouldBeInRange(200, 299, $"{path}: {got.Body}");
        return got.Json;
    }

    private async Task<JsonElement> First(string path, string who, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Bound);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var items = (await Send("GET", path, who, cancel: limit.Token)).Json.GetProperty("items");
            if (items.GetArrayLength() > 0)
                return items[0];
            await ticks.WaitForNextTickAsync(limit.Token);
        }
    }

    internal static Task<string> Sample(string name, CancellationToken cancel) => File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "invoice", name), cancel);

    internal static string Samples()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "global.json")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The repository's root is not above the tests.");
        return Path.Combine(folder.FullName, "samples", "invoice", "documents");
    }
}
