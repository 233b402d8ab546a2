using System.Net;
using System.Net.Http.Headers;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Services;
using Microsoft.AspNetCore.WebUtilities;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Sessions;

/// <summary>Sign-in to the console with Entra ID as it is deployed: in Production, the console a node of its own without a database, TLS ended before it.</summary>
public sealed class EntraSignInTests : IDisposable
{
    private const string Client = "11111111-aaaa-4aaa-8aaa-000000000001";
    private const string Secret = "console-secret";
    private const string Home = "22222222-bbbb-4bbb-8bbb-000000000001";
    private const string Session = "__Host-countersign-session";
    private static readonly FakeAccount Ada = new(Home, "33333333-cccc-4ccc-8ccc-000000000001", "Ada Abel");
    private static readonly FakeAccount Stranger = new(Home, "33333333-cccc-4ccc-8ccc-000000000002", "Sam Stranger");
    private static readonly FakeAccount Foreigner = new("22222222-bbbb-4bbb-8bbb-000000000004", "33333333-cccc-4ccc-8ccc-000000000003", "Fay Foreigner");

    private readonly TemporaryFolder folder = new();
    private readonly TemporaryFolder consoleFolder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        folder.Dispose();
        consoleFolder.Dispose();
    }

    [Fact]
    public async Task People_of_a_registered_directory_sign_in_and_out_and_nobody_else_does()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The issuer's certificate is trusted by SSL_CERT_FILE.");
        FakeEntraSignIn signIn = null!;
        await using var entra = await FakeEntra.StartAsync((app, fake) => (signIn = new FakeEntraSignIn(fake, Client, Secret)).Map(app), Cancel);
        await using var api = Node(entra, "api,workers", folder.Path);
        using var http = new HttpClient { BaseAddress = api.Address };
        await api.StartAsync(http, TimeSpan.FromSeconds(90), Cancel);
        await using var console = Node(entra, "console", consoleFolder.Path, ("Console__ApiAddress", api.Address.ToString()));
        using var probe = new HttpClient { BaseAddress = console.Address };
        await console.StartAsync(probe, TimeSpan.FromSeconds(60), Cancel);
        signIn.Console = EntraBrowser.Seen(console.Address);
        try
        {
            await In_and_out(console.Address, entra, signIn);
            await Answers_that_were_tampered_with(console.Address, entra, signIn);
            await Id_tokens_that_are_wrong(console.Address, entra, signIn);
            await People_who_may_not(console.Address, entra, signIn);
            await Trail(http, entra);
        }
        catch (ShouldAssertException e)
        {
            throw new InvalidOperationException($"{e.Message}{Environment.NewLine}{console.Output}{Environment.NewLine}{api.Output}", e);
        }
        finally
        {
            // It has nothing to put away.
            await console.KillAsync();
        }
    }

    [Fact]
    public async Task A_console_without_the_secret_of_the_application_does_not_start()
    {
        await using var entra = await FakeEntra.StartAsync(cancellationToken: Cancel);
        await using var console = Node(entra, "console", consoleFolder.Path, ("Console__ClientSecret", ""));
        using var http = new HttpClient { BaseAddress = console.Address };
        var refused = await Should.ThrowAsync<InvalidOperationException>(() => console.StartAsync(http, TimeSpan.FromSeconds(60), Cancel));
        refused.Message.ShouldContain("exit code 2");
        refused.Message.ShouldContain("Console:ClientSecret is not set");
    }

    [Fact]
    public async Task Who_signs_in_while_the_API_is_away_reads_to_try_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The issuer's certificate is trusted by SSL_CERT_FILE.");
        FakeEntraSignIn signIn = null!;
        await using var entra = await FakeEntra.StartAsync((app, fake) => (signIn = new FakeEntraSignIn(fake, Client, Secret)).Map(app), Cancel);
        await using var console = Node(entra, "console", consoleFolder.Path, ("Console__ApiAddress", "http://127.0.0.1:1/"));
        using var probe = new HttpClient { BaseAddress = console.Address };
        await console.StartAsync(probe, TimeSpan.FromSeconds(60), Cancel);
        (signIn.Console, signIn.Account) = (EntraBrowser.Seen(console.Address), Ada);
        using var browser = new EntraBrowser(console.Address, entra);
        (await browser.SignIn()).ShouldBe("/sign-in?failed=later", console.Output);
        browser.Cookies.ShouldNotContainKey(Session);
        (await browser.Get("/sign-in?failed=later")).Body.ShouldContain("cannot be reached at the moment");
        await console.KillAsync();
    }

    private static async Task In_and_out(Uri console, FakeEntra entra, FakeEntraSignIn signIn)
    {
        using var browser = new EntraBrowser(console, entra);
        (await browser.Get("/inbox")).Location.ShouldBe("/sign-in?return=%2Finbox");
        signIn.Account = Ada;
        var start = await browser.Get("/sign-in/start?return=%2Finbox");
        start.Location.ShouldNotBeNull().ShouldStartWith($"{entra.Instance}/organizations/oauth2/v2.0/authorize?");
        var asked = QueryHelpers.ParseQuery(new Uri(start.Location).Query);
        asked["response_type"].ToString().ShouldBe("code");
        asked["code_challenge_method"].ToString().ShouldBe("S256");
        var back = await browser.Get(start.Location);
        var arrived = await browser.Get(back.Location!);
        arrived.Location.ShouldBe("/inbox");
        browser.Lines.Single(l => l.StartsWith(Session, StringComparison.Ordinal)).ToLowerInvariant().ShouldSatisfyAllConditions(
            l => l.ShouldContain("; secure"), l => l.ShouldContain("; httponly"), l => l.ShouldContain("; samesite=lax"), l => l.ShouldContain("; path=/"));
        browser.Cookies.Values.ShouldAllBe(v => !v.StartsWith("eyJ", StringComparison.Ordinal), "no token in the browser");
        var page = await browser.Get("/inbox");
        page.Status.ShouldBe(HttpStatusCode.OK);
        page.Body.ShouldContain("Ada Abel");

        // The answer is good once.
        using (var thief = new EntraBrowser(console, entra))
            (await thief.Get(back.Location!)).Location.ShouldBe("/sign-in?failed=again");
        var field = Browser.Field().Match(page.Body);
        var session = browser.Cookies[Session];
        var leaving = await browser.Post("/sign-out", new(StringComparer.Ordinal) { [field.Groups["name"].Value] = WebUtility.HtmlDecode(field.Groups["value"].Value) });
        leaving.Location.ShouldNotBeNull().ShouldStartWith($"{entra.Instance}/organizations/oauth2/v2.0/logout?");
        var after = await browser.Get((await browser.Get(leaving.Location)).Location!);
        signIn.Hints.ShouldHaveSingleItem().ShouldStartWith("eyJ");
        after.Location.ShouldBe("/signed-out");
        browser.Cookies.ShouldNotContainKey(Session);
        browser.Cookies[Session] = session;
        (await browser.Get("/inbox")).Status.ShouldBe(HttpStatusCode.Redirect, "the session is gone on the server, too");
    }

    private static async Task Answers_that_were_tampered_with(Uri console, FakeEntra entra, FakeEntraSignIn signIn)
    {
        signIn.Account = Ada;
        foreach (var (name, change) in (List<(string, Func<string, string>)>)[
            ("state changed", a => a.Replace("state=", "state=x", StringComparison.Ordinal)),
            ("no state", a => a[..a.IndexOf("&state=", StringComparison.Ordinal)]),
            ("code changed", a => a.Replace("code=code", "code=edoc", StringComparison.Ordinal)),
            ("no code", a => a.Replace("code=code", "kode=code", StringComparison.Ordinal))])
        {
            using var browser = new EntraBrowser(console, entra);
            (await browser.Get(change(await browser.ToCallback()))).Location.ShouldBe("/sign-in?failed=again", name);
            browser.Cookies.ShouldNotContainKey(Session, name);
        }

        // Another's answer, planted in a browser that has begun a sign-in of its own.
        using var victim = new EntraBrowser(console, entra);
        using var attacker = new EntraBrowser(console, entra);
        var planted = await attacker.ToCallback();
        await victim.ToCallback();
        (await victim.Get(planted)).Location.ShouldBe("/sign-in?failed=again");
        victim.Cookies.ShouldNotContainKey(Session);
    }

    private static async Task Id_tokens_that_are_wrong(Uri console, FakeEntra entra, FakeEntraSignIn signIn)
    {
        signIn.Account = Ada;
        foreach (var (name, change) in (List<(string, Action<Dictionary<string, object>>)>)[
            ("nonce of another", c => c["nonce"] = "another"), ("no nonce", c => c.Remove("nonce")), ("another audience", c => c["aud"] = "other"),
            ("another directory's issuer", c => c["iss"] = $"{entra.Instance}/{Foreigner.Directory}/v2.0"), ("no issuer", c => c.Remove("iss")), ("no directory", c => c.Remove("tid")),
            ("ended", c => c["exp"] = (long)c["exp"] - 3_800), ("not yet", c => (c["nbf"], c["exp"]) = ((long)c["nbf"] + 4_000, (long)c["exp"] + 4_000))])
        {
            signIn.IdToken = change;
            using var browser = new EntraBrowser(console, entra);
            (await browser.SignIn()).ShouldBe("/sign-in?failed=again", name);
            browser.Cookies.ShouldNotContainKey(Session, name);
        }

        signIn.IdToken = null;
        using var foreign = System.Security.Cryptography.RSA.Create(2048);
        var header = new Dictionary<string, object>(StringComparer.Ordinal) { ["typ"] = "JWT", ["alg"] = "RS256", ["kid"] = entra.KeyId };
        foreach (var (name, sign) in (List<(string, Func<Dictionary<string, object>, string>)>)[
            ("critical header", c => entra.Sign(new Dictionary<string, object>(header, StringComparer.Ordinal) { ["crit"] = new[] { "exp" } }, c)),
            ("foreign key", c => entra.Sign(header, c, foreign)),
            ("none", c => FakeEntra.Text("{\"alg\":\"none\"}"u8.ToArray()) + "." + entra.Sign(c).Split('.')[1] + ".")])
        {
            signIn.Signer = sign;
            using var browser = new EntraBrowser(console, entra);
            (await browser.SignIn()).ShouldBe("/sign-in?failed=again", name);
            browser.Cookies.ShouldNotContainKey(Session, name);
        }

        signIn.Signer = null;
    }

    private static async Task People_who_may_not(Uri console, FakeEntra entra, FakeEntraSignIn signIn)
    {
        foreach (var (account, failed, says) in (List<(FakeAccount?, string, string)>)[
            (null, "denied", "The sign-in was refused"), (Stranger, "member.unknown", "Ask an administrator of your organisation to add you"),
            (Foreigner, "directory.unknown", "ask the operator of this service to register the directory")])
        {
            signIn.Account = account;
            using var browser = new EntraBrowser(console, entra);
            var end = await browser.SignIn();
            end.ShouldBe("/sign-in?failed=" + failed);
            browser.Cookies.ShouldNotContainKey(Session);
            (await browser.Get(end!)).Body.ShouldContain(says);
        }

        signIn.Account = Ada;
        signIn.AccessToken = c => c["scp"] = "User.Read";
        using var lacking = new EntraBrowser(console, entra);
        (await lacking.SignIn()).ShouldBe("/sign-in?failed=credential.insufficient");
        signIn.AccessToken = null;
    }

    /// <summary>One sign-in, one sign-out, the refusals: each with whose it was.</summary>
    private static async Task Trail(HttpClient http, FakeEntra entra)
    {
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", entra.Sign(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["aud"] = Client,
            ["iss"] = $"{entra.Instance}/{Home}/v2.0",
            ["exp"] = TimeProvider.System.GetUtcNow().AddMinutes(30).ToUnixTimeSeconds(),
            ["ver"] = "2.0",
            ["tid"] = Home,
            ["oid"] = Ada.ObjectId,
            ["sub"] = "pairwise",
            ["scp"] = "access_as_user",
            ["roles"] = new[] { "Countersign.Auditor" },
        }));
        var trail = "";
        await Eventually.Holds(
            async () =>
            {
                trail = await http.GetStringAsync(new Uri("v1/trail/entries?limit=200", UriKind.Relative), Cancel);
                return trail.Contains("access.signed_out", StringComparison.Ordinal) && trail.Contains(Stream(Stranger), StringComparison.Ordinal);
            },
            "sign-ins and refusals are in the trail",
            60);
        trail.Split("\"access.signed_in\"").Length.ShouldBe(2);
        trail.Split("\"access.signed_out\"").Length.ShouldBe(2);
        trail.ShouldContain(Stream(Ada));
        trail.ShouldContain("\"access.denied\"");
    }

    private static string Stream(FakeAccount account) => $"access/{account.Directory.Replace("-", "", StringComparison.Ordinal)}{account.ObjectId.Replace("-", "", StringComparison.Ordinal)}/";

    private static ServiceProcess Node(FakeEntra entra, string roles, string data, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true",
            ["SSL_CERT_FILE"] = entra.AuthorityFile,
            ["Countersign__Roles"] = roles,
            ["Countersign__DataFolder"] = data,
            ["Console__ClientSecret"] = Secret,
            ["Countersign__Entra__Instance"] = entra.Instance + "/",
            ["Countersign__Entra__ClientId"] = Client,
            ["Countersign__Entra__Tenants__0__DirectoryId"] = Home,
            ["Countersign__Entra__Tenants__0__Tenant"] = "homeoffice",
            ["Countersign__Entra__Tenants__0__Name"] = "Home Office",
            ["Countersign__Entra__Tenants__0__Members__0__ObjectId"] = Ada.ObjectId,
            ["Countersign__Entra__Tenants__0__Members__0__Name"] = Ada.Name,
            ["Countersign__Entra__Tenants__0__Members__0__Groups__0"] = "clerks",
        };
        foreach (var (name, value) in more)
            settings[name] = value;
        return new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), settings);
    }
}
