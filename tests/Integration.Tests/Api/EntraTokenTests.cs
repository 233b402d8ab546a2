using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Services;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>The token matrix of Entra ID against the real service and an issuer on loopback.</summary>
public sealed class EntraTokenTests
{
    private const string Client = "11111111-aaaa-4aaa-8aaa-000000000001";
    private const string Home = "22222222-bbbb-4bbb-8bbb-000000000001";
    private const string Other = "22222222-bbbb-4bbb-8bbb-000000000002";
    private const string Closed = "22222222-bbbb-4bbb-8bbb-000000000003";
    private const string Unknown = "22222222-bbbb-4bbb-8bbb-000000000004";
    private const string Personal = "9188040d-6c67-4c5b-b112-36a304b66dad";
    private const string Ada = "33333333-cccc-4ccc-8ccc-000000000001";
    private const string Olga = "33333333-cccc-4ccc-8ccc-000000000002";
    private const string Group = "44444444-dddd-4ddd-8ddd-000000000001";
    private const string App = "33333333-cccc-4ccc-8ccc-000000000009";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tokens_as_Entra_makes_them_are_accepted_and_every_one_with_a_single_difference_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The issuer's certificate is trusted by SSL_CERT_FILE.");
        await using var entra = await FakeEntra.StartAsync(cancellationToken: Cancel);
        var personal = entra.ShowKeyOf("personal-accounts", $"{entra.Instance}/{Personal}/v2.0");
        using var folder = new TemporaryFolder();
        await using var service = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), Settings(entra, folder.Path));
        using var http = new HttpClient { BaseAddress = service.Address };
        await service.StartAsync(http, TimeSpan.FromSeconds(60), Cancel);

        var matrix = new List<string>();
        var wrong = new List<string>();
        foreach (var (name, token, status, code, says) in (List<(string, string, int, string?, string)>)[.. Accepted(entra), .. Hostile(entra, personal)])
        {
            var (got, body, challenge) = await Ask(http, token);
            var said = got == 200 ? null : JsonSerializer.Deserialize<JsonElement>(body).GetProperty("code").GetString();
            matrix.Add($"{(got == 200 ? "accepted" : $"refused {got} {said}"),-42} {name}");
            if (got != status || said != code || !body.Contains(says, StringComparison.Ordinal) || (got != 200) != challenge.StartsWith("Bearer error=", StringComparison.Ordinal))
                wrong.Add($"{name}: expected {status} {code} '{says}', got {got} {challenge} {body}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(Environment.NewLine, matrix));
        wrong.ShouldBeEmpty(service.Output);
        matrix.Count(m => m.StartsWith("refused", StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(60);

        // What a person or a program may not is closed, and a role of the directory counts while the token says so.
        (await Ask(http, User(entra), "v1/keys")).Status.ShouldBe(403);
        (await Ask(http, User(entra, c => c["roles"] = new[] { "Countersign.Admin" }), "v1/keys")).Status.ShouldBe(200);
        (await Ask(http, User(entra, c => c["roles"] = new[] { "Countersign.Integrator" }), "v1/keys")).Status.ShouldBe(403);
        (await Ask(http, Program(entra), "v1/keys")).Status.ShouldBe(403);
        (await Ask(http, Program(entra), "v1/members")).Status.ShouldBe(403);
        (await Ask(http, User(entra, c => c["groups"] = new[] { Group })))
            .Body.ShouldContain("approvers");

        await Keys_turn_over(entra, http);
    }

    /// <summary>Unknown key names do not make the service ask for keys again and again; a new key is taken up; a withdrawn one is worth nothing.</summary>
    private static async Task Keys_turn_over(FakeEntra entra, HttpClient http)
    {
        var reads = entra.KeyReads;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var storm = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => Ask(http, User(entra, head: h => h["kid"] = $"nobody-{n}"))));
        storm.ShouldAllBe(a => a.Status == 401);
        // One at once, and one for each second of the setting.
        (entra.KeyReads - reads).ShouldBeLessThanOrEqualTo(2 + (int)watch.Elapsed.TotalSeconds);

        var old = User(entra);
        (await Ask(http, old)).Status.ShouldBe(200);
        entra.Rotate("entra-key-2");
        var fresh = User(entra);
        await Eventually.Holds(async () => (await Ask(http, fresh)).Status == 200, "the new key is taken up", 30);
        (await Ask(http, old)).Status.ShouldBe(401, "the old key is withdrawn");
        (await Ask(http, fresh)).Status.ShouldBe(200);
    }

    private static async Task<(int Status, string Body, string Challenge)> Ask(HttpClient http, string token, string path = "v1/me")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request, Cancel);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel), answer.Headers.WwwAuthenticate.ToString());
    }

    // Production, with nothing but Entra ID to sign in by: the local provider is off by itself.
    private static Dictionary<string, string> Settings(FakeEntra entra, string folder) => new(StringComparer.Ordinal)
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["SSL_CERT_FILE"] = entra.AuthorityFile,
        ["Countersign__DataFolder"] = folder,
        ["Countersign__Entra__Instance"] = entra.Instance + "/",
        ["Countersign__Entra__ClientId"] = Client,
        ["Countersign__Entra__KeysAgainAfterSeconds"] = "1",
        ["Console__ClientSecret"] = "console-secret",
        [$"Countersign__Entra__Groups__{Group}"] = "approvers",
        ["Countersign__Entra__Tenants__0__DirectoryId"] = Home,
        ["Countersign__Entra__Tenants__0__Tenant"] = "homeoffice",
        ["Countersign__Entra__Tenants__0__Name"] = "Home Office",
        ["Countersign__Entra__Tenants__0__Members__0__ObjectId"] = Ada,
        ["Countersign__Entra__Tenants__0__Members__0__Name"] = "Ada Abel",
        ["Countersign__Entra__Tenants__0__Members__0__Groups__0"] = "clerks",
        ["Countersign__Entra__Tenants__1__DirectoryId"] = Other,
        ["Countersign__Entra__Tenants__1__Tenant"] = "otheroffice",
        ["Countersign__Entra__Tenants__1__Members__0__ObjectId"] = Olga,
        ["Countersign__Entra__Tenants__1__Members__0__Name"] = "Olga Oak",
        ["Countersign__Entra__Tenants__2__DirectoryId"] = Closed,
        ["Countersign__Entra__Tenants__2__Tenant"] = "closedoffice",
        ["Countersign__Entra__Tenants__2__Enabled"] = "false",
        ["Countersign__Entra__Tenants__2__Members__0__ObjectId"] = Ada,
        ["Countersign__Entra__Tenants__2__Members__0__Name"] = "Ada Abel",
    };

    private static long At(int minutes) => TimeProvider.System.GetUtcNow().AddMinutes(minutes).ToUnixTimeSeconds();

    private static Dictionary<string, object> Header(FakeEntra entra) => new(StringComparer.Ordinal) { ["typ"] = "JWT", ["alg"] = "RS256", ["kid"] = entra.KeyId };

    private static Dictionary<string, object> Claims(FakeEntra entra) => new(StringComparer.Ordinal)
    {
        ["aud"] = Client,
        ["iss"] = $"{entra.Instance}/{Home}/v2.0",
        ["iat"] = At(-20),
        ["nbf"] = At(-20),
        ["exp"] = At(30),
        ["ver"] = "2.0",
        ["tid"] = Home,
        ["oid"] = Ada,
        ["sub"] = "pairwise",
        ["scp"] = "access_as_user",
        ["azp"] = Client,
        ["preferred_username"] = "ada@home.example",
        ["email"] = "ada@home.example",
    };

    private static string User(FakeEntra entra, Action<Dictionary<string, object>>? change = null, Action<Dictionary<string, object>>? head = null, RSA? key = null)
    {
        var (header, claims) = (Header(entra), Claims(entra));
        change?.Invoke(claims);
        head?.Invoke(header);
        return entra.Sign(header, claims, key);
    }

    private static string Program(FakeEntra entra, Action<Dictionary<string, object>>? change = null) => User(entra, c =>
    {
        c.Remove("scp");
        (c["idtyp"], c["oid"], c["sub"], c["roles"]) = ("app", App, App, new[] { "Countersign.Integrator" });
        change?.Invoke(c);
    });

    private static string Unsigned(string token, string algorithm, byte[]? secret)
    {
        var parts = token.Split('.');
        var text = FakeEntra.Text(Encoding.UTF8.GetBytes($$"""{"typ":"JWT","alg":"{{algorithm}}","kid":"entra-key-1"}""")) + "." + parts[1];
        return text + "." + (secret is null ? "" : FakeEntra.Text(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(text))));
    }

    private static IEnumerable<(string Name, string Token, int Status, string? Code, string Says)> Accepted(FakeEntra entra)
    {
        (string, string, int, string?, string) Good(string name, string token, string says) => (name, token, 200, null, says);
        yield return Good("a person", User(entra), "Ada Abel");
        yield return Good("a person, type at+jwt", User(entra, head: h => h["typ"] = "at+jwt"), "homeoffice");
        yield return Good("a person, idtyp user", User(entra, c => c["idtyp"] = "user"), "Ada Abel");
        yield return Good("a person, several scopes", User(entra, c => c["scp"] = "User.Read access_as_user"), "Ada Abel");
        yield return Good("a person of another directory", User(entra, c => (c["tid"], c["iss"], c["oid"]) = (Other, $"{entra.Instance}/{Other}/v2.0", Olga)), "otheroffice");
        yield return Good("a person with an app role", User(entra, c => c["roles"] = new[] { "Countersign.Auditor" }), "auditor");
        yield return Good("a person with a role nobody knows", User(entra, c => c["roles"] = new[] { "Else" }), "\"roles\":[]");
        yield return Good("a person with a mapped group", User(entra, c => c["groups"] = new[] { Group, Unknown }), "approvers");
        yield return Good("a program", Program(entra), "integrator");
        yield return Good("ended a moment ago", User(entra, c => c["exp"] = At(0) - 5), "Ada Abel");
    }

    private static IEnumerable<(string Name, string Token, int Status, string? Code, string Says)> Hostile(FakeEntra entra, RSA personal)
    {
        using var foreign = RSA.Create(2048);
        (string, string, int, string?, string) Bad(string name, string token, string says = "") => (name, token, 401, "credential.invalid", says);
        (string, string, int, string?, string) Refused(string name, string token, string code, string says) => (name, token, 403, code, says);
        foreach (var (claim, values) in new Dictionary<string, object?[]>(StringComparer.Ordinal)
        {
            ["aud"] = [null, "", "other", $"api://{Client}", new[] { Client, "other" }, "00000003-0000-0000-c000-000000000000"],
            ["iss"] = [null, "https://evil.example/", $"{entra.Instance}/{Other}/v2.0", $"{entra.Instance}/{{tenantid}}/v2.0", $"https://sts.windows.net/{Home}/", $"{entra.Instance}/{Home}/", $"{entra.Instance}/{Home}/v2.0/"],
            ["tid"] = [null, "", "homeoffice", Other, Unknown, Personal, new[] { Home, Other }],
            ["oid"] = [null, "", "ada@home.example", Guid.Empty.ToString()],
            ["ver"] = [null, "1.0", "3.0"],
            ["exp"] = [null, At(-5)],
            ["nbf"] = [At(10)],
            ["idtyp"] = ["device", new[] { "user", "app" }, "app"],
            ["scp"] = [null, ""],
        })
        {
            foreach (var value in values)
                yield return Bad($"{claim} = {JsonSerializer.Serialize(value)}", User(entra, c => Set(c, claim, value)));
        }

        foreach (var scope in (string[])["User.Read", "access_as_users", "ACCESS_AS_USER"])
            yield return Refused($"scope {scope}", User(entra, c => c["scp"] = scope), "credential.insufficient", $"api://{Client}/access_as_user");
        foreach (var person in (string[])[Olga, Unknown])
            yield return Refused($"person {person}", User(entra, c => c["oid"] = person), "member.unknown", $"adds its object id {person} to the members");
        yield return Refused("directory nobody registered", User(entra, c => (c["tid"], c["iss"]) = (Unknown, $"{entra.Instance}/{Unknown}/v2.0")), "directory.unknown", "Countersign:Entra:Tenants");
        yield return Refused("directory of personal accounts", User(entra, c => (c["tid"], c["iss"]) = (Personal, $"{entra.Instance}/{Personal}/v2.0")), "directory.unknown", "Personal Microsoft accounts");
        yield return Refused("directory of a closed tenant", User(entra, c => (c["tid"], c["iss"]) = (Closed, $"{entra.Instance}/{Closed}/v2.0")), "directory.closed", "Ask the operator");
        yield return Refused("member of one directory in another", User(entra, c => (c["tid"], c["iss"]) = (Other, $"{entra.Instance}/{Other}/v2.0")), "member.unknown", "otheroffice");
        yield return Refused("too many groups", User(entra, c => c["_claim_names"] = new Dictionary<string, string>(StringComparer.Ordinal) { ["groups"] = "src1" }), "credential.insufficient", "more groups than a token can name");
        yield return Refused("too many groups, short", User(entra, c => c["hasgroups"] = true), "credential.insufficient", "more groups than a token can name");
        yield return Bad("version 1 whole", User(entra, c => (c["ver"], c["iss"]) = ("1.0", $"https://sts.windows.net/{Home}/")), "requestedAccessTokenVersion");
        yield return Bad("id token", User(entra, c => (_, c["nonce"], c["name"]) = (c.Remove("scp"), "n", "Ada Abel")), "An id token opens nothing here");
        yield return Bad("id token with roles", User(entra, c => (_, c["roles"]) = (c.Remove("scp"), new[] { "Countersign.Admin" })), "An id token opens nothing here");
        yield return Refused("program without roles", Program(entra, c => c.Remove("roles")), "credential.insufficient", "app role");
        yield return Refused("program with an unknown role", Program(entra, c => c["roles"] = new[] { "Else" }), "credential.insufficient", "app role");
        yield return Refused("program with a person's role", Program(entra, c => c["roles"] = new[] { "Countersign.Admin" }), "credential.insufficient", "app role");
        yield return Bad("program with a scope", Program(entra, c => c["scp"] = "access_as_user"));
        yield return Bad("program with another subject", Program(entra, c => c["sub"] = "pairwise"));
        yield return Bad("program without idtyp, as an id token looks", Program(entra, c => c.Remove("idtyp")));
        yield return Refused("program of a closed directory", Program(entra, c => (c["tid"], c["iss"]) = (Closed, $"{entra.Instance}/{Closed}/v2.0")), "directory.closed", "closed");
        yield return Bad("key of another issuer", User(entra, head: h => h["kid"] = "personal-accounts", key: personal));
        yield return Bad("foreign key, our name for it", User(entra, key: foreign));
        yield return Bad("foreign key, its own name", User(entra, head: h => h["kid"] = "mine", key: foreign));
        yield return Bad("right key, wrong name", User(entra, head: h => h["kid"] = "rotated-out"));
        yield return Bad("jku", User(entra, head: h => (h["kid"], h["jku"]) = ("mine", "http://127.0.0.1:1/keys"), key: foreign));
        yield return Bad("x5u", User(entra, head: h => (h["kid"], h["x5u"]) = ("mine", "http://127.0.0.1:1/cert"), key: foreign));
        yield return Bad("jwk in the header", User(entra, head: h => h["jwk"] = entra.ShownKey(), key: foreign));
        yield return Bad("no kid, right key", User(entra, head: h => h.Remove("kid")));
        yield return Bad("no kid, foreign key", User(entra, head: h => h.Remove("kid"), key: foreign));
        yield return Bad("critical header nobody knows", User(entra, head: h => h["crit"] = new[] { "http://example.com/unknown" }));
        yield return Bad("critical header that names a claim", User(entra, head: h => h["crit"] = new[] { "exp" }));
        yield return Bad("wrong typ", User(entra, head: h => h["typ"] = "dpop+jwt"));
        var good = User(entra);
        yield return Bad("none", Unsigned(good, "none", null));
        yield return Bad("None", Unsigned(good, "None", null));
        yield return Bad("HS256 with the public key", Unsigned(good, "HS256", entra.Key.ExportSubjectPublicKeyInfo()));
        yield return Bad("HS256 with the public key as text", Unsigned(good, "HS256", Encoding.ASCII.GetBytes(entra.Key.ExportSubjectPublicKeyInfoPem())));
        yield return Bad("signature cut", good[..^8]);
        yield return Bad("no signature", good[..(good.LastIndexOf('.') + 1)]);
        yield return Bad("another's payload", string.Join('.', good.Split('.')[0], User(entra, c => c["oid"] = Olga).Split('.')[1], good.Split('.')[2]));
        yield return Bad("garbage", "e30.e30.e30");
    }

    private static void Set(Dictionary<string, object> claims, string name, object? value)
    {
        if (value is null)
            claims.Remove(name);
        else
            claims[name] = value;
    }
}
