using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Countersign.Cli.Trail;
using Countersign.Domain.Trail;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Services;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Exports;

/// <summary>An export outlives the node that writes it. A node without the role <c>workers</c> keeps no trail, so an export on it waits for its checkpoint: it is caught while it runs.</summary>
public sealed class ExportNodeTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_running_export_whose_node_is_killed_or_stopped_is_written_by_the_next(bool kill)
    {
        string id;
        await using (var first = Node("api"))
        {
            using var http = await Start(first);
            await Write(http, first);
            id = (await Ask(http)).GetProperty("id").GetString()!;
            await Eventually.Holds(async () => await Status(http, id) == "running", "the export runs");
            if (kill)
                await first.KillAsync();
            else
                await first.StopAsync(Bound);
        }

        await using var second = Node("api,console,workers");
        using var again = await Start(second);
        again.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await new DemoPerson(second.Address, "tess").GetTokenAsync(renew: false, Cancel));
        await Eventually.Holds(async () => await Status(again, id) == "ready", "the export is ready", 90);
        var export = await again.GetFromJsonAsync<JsonElement>($"v1/exports/{id}", Cancel);
        using var answer = await again.GetAsync(new Uri($"v1/exports/{id}/content", UriKind.Relative), Cancel);
        var bytes = await answer.Content.ReadAsByteArrayAsync(Cancel);
        Convert.ToHexStringLower(SHA256.HashData(bytes)).ShouldBe(export.GetProperty("sha256").GetString());
        bytes.Length.ShouldBe(export.GetProperty("size").GetInt32());
        var path = Path.Combine(_folder.Path, "fetched.zip");
        await File.WriteAllBytesAsync(path, bytes, Cancel);
        using (var bundle = new ZipBundle(path))
            BundleVerifier.Verify(bundle, new VerificationOptions()).Findings.ShouldBeEmpty();
        await PartsAreServed(again, id, bytes);
        var trail = await Trail(again);
        trail.Where(t => t.StartsWith("export.", StringComparison.Ordinal)).ShouldBe(["export.requested", "export.begun", "export.begun", "export.completed", "export.downloaded"]);
        Directory.EnumerateFiles(Path.Combine(_folder.Path, "exports")).ShouldBeEmpty();
    }

    private static async Task PartsAreServed(HttpClient http, string id, byte[] bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"v1/exports/{id}/content");
        request.Headers.Range = new RangeHeaderValue(bytes.Length / 2, null);
        using var answer = await http.SendAsync(request, Cancel);
        ((int)answer.StatusCode).ShouldBe(206);
        (await answer.Content.ReadAsByteArrayAsync(Cancel)).ShouldBe(bytes[(bytes.Length / 2)..]);
    }

    private static async Task<List<string>> Trail(HttpClient http)
    {
        var types = new List<string>();
        await Eventually.Holds(
            async () =>
            {
                types.Clear();
                string? next = null;
                do
                {
                    var page = await http.GetFromJsonAsync<JsonElement>($"v1/trail/entries?limit=200{(next is null ? "" : "&cursor=" + Uri.EscapeDataString(next))}", Cancel);
                    types.AddRange(page.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("record").GetProperty("type").GetString() ?? ""));
                    next = page.TryGetProperty("next", out var more) ? more.GetString() : null;
                }
                while (next is not null);
                return types.Contains("export.downloaded");
            },
            "the download is in the trail");
        return types;
    }

    private ServiceProcess Node(string roles) => new(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["Countersign__DataFolder"] = _folder.Path,
        ["Countersign__Roles"] = roles,
        ["Countersign__Exports__LeaseSeconds"] = "3",
    });

    private static async Task<HttpClient> Start(ServiceProcess service)
    {
        var http = new HttpClient { BaseAddress = service.Address };
        await service.StartAsync(http, Bound, Cancel);
        return http;
    }

    private static async Task Write(HttpClient http, ServiceProcess service)
    {
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await new DemoPerson(service.Address, "dora").GetTokenAsync(renew: false, Cancel));
        (await Post(http, "v1/reference-tables/cities/versions", """{"columns":["a"],"rows":[["1"],["2"]]}""")).GetProperty("version").GetInt64().ShouldBe(1);
    }

    private static Task<JsonElement> Ask(HttpClient http) =>
        Post(http, "v1/exports", JsonSerializer.Serialize(new { from = "2026-01-01T00:00:00Z", before = "2199-01-01T00:00:00Z", purpose = "quarterly audit" }));

    private static async Task<JsonElement> Post(HttpClient http, string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await http.SendAsync(request, Cancel);
        var body = await answer.Content.ReadAsStringAsync(Cancel);
        ((int)answer.StatusCode).ShouldBeInRange(200, 299, body);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    private static async Task<string?> Status(HttpClient http, string id) => (await http.GetFromJsonAsync<JsonElement>($"v1/exports/{id}", Cancel)).GetProperty("status").GetString();
}
