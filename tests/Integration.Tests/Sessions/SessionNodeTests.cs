using System.Net;
using System.Net.Http.Json;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Services;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Sessions;

/// <summary>A session belongs to the service, not to one process; and it ends for a leaver.</summary>
public sealed class SessionNodeTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_session_outlives_its_node_and_ends_with_sign_out_and_for_a_barred_member()
    {
        await using var node = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Countersign__DataFolder"] = _folder.Path,
        });
        using var http = new HttpClient { BaseAddress = node.Address };
        await node.StartAsync(http, Bound, Cancel);
        using var ben = await Browser.SignIn(node.Address, "ben");
        using var tess = await Browser.SignIn(node.Address, "tess");
        await node.KillAsync();
        await node.StartAsync(http, Bound, Cancel);

        // Both are signed in at a process that never saw them sign in: their forms' tokens are good there, too.
        (await Status(tess, "inbox")).ShouldBe(HttpStatusCode.OK);
        var page = await ben.GetStringAsync(new Uri("inbox", UriKind.Relative), Cancel);
        Directory.Exists(Path.Combine(_folder.Path, "protection-keys")).ShouldBeFalse();

        var token = Browser.Field().Match(page);
        using (var form = new FormUrlEncodedContent([new(token.Groups["name"].Value, WebUtility.HtmlDecode(token.Groups["value"].Value))]))
        using (var out_ = await ben.PostAsync(new Uri("sign-out", UriKind.Relative), form, Cancel))
            ((int)out_.StatusCode).ShouldBeLessThan(400);
        (await Status(ben, "inbox")).ShouldBe(HttpStatusCode.Redirect);

        await Bar(node.Address, "tess-acme");
        await Eventually.Holds(async () => await Status(tess, "inbox") != HttpStatusCode.OK, "the barred member's pages end", 60);
    }

    private static async Task<HttpStatusCode> Status(HttpClient browser, string path)
    {
        using var answer = await browser.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        return answer.StatusCode;
    }

    private static async Task Bar(Uri service, string member)
    {
        using var http = new HttpClient { BaseAddress = service };
        http.DefaultRequestHeaders.Authorization = new("Bearer", await new DemoPerson(service, "dora").GetTokenAsync(renew: false, Cancel));
        using var read = await http.GetAsync(new Uri($"v1/members/{member}", UriKind.Relative), Cancel);
        using var change = new HttpRequestMessage(HttpMethod.Put, $"v1/members/{member}")
        {
            Content = JsonContent.Create(new { roles = Array.Empty<string>(), groups = Array.Empty<string>(), active = false, reason = "left" }),
        };
        change.Headers.TryAddWithoutValidation("If-Match", read.Headers.ETag?.ToString() ?? "\"1\"");
        using var answer = await http.SendAsync(change, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
