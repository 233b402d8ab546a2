using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Api.Identity;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>Forged, stolen and spent credentials: each is 401, a problem, and names no reason.</summary>
public sealed class TokenTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_as_the_provider_makes_it_is_accepted_and_every_forged_one_is_not()
    {
        await service.Start(Cancel);
        using var forge = new Forge(service);
        // First the control: the same forge with nothing changed is the provider, so what follows fails for its one difference.
        (await Ask($"Bearer {forge.Token()}")).Status.ShouldBe(200);
        (await Ask($"bearer {forge.Token()}")).Status.ShouldBe(200);
        var wrong = new List<string>();
        var forged = forge.Forged().ToArray();
        forged.Length.ShouldBeGreaterThanOrEqualTo(30);
        foreach (var (name, header) in forged)
        {
            var got = await Ask(header);
            if (got.Status != 401 || ProblemRules.Broken(got) is not null || !got.Headers.GetValueOrDefault("WWW-Authenticate", "").StartsWith("Bearer", StringComparison.Ordinal)
                || got.Json.GetProperty("code").GetString() is not ("credential.invalid" or "credential.missing"))
                wrong.Add($"{name}: {got.Status} {got.Body}");
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_token_anywhere_but_in_the_header_is_no_credential()
    {
        await service.Start(Cancel);
        var token = await service.Token("dora");
        var key = await service.Key("dora", Cancel);
        foreach (var secret in (string[])[token, key])
        {
            foreach (var query in (string[])["access_token", "token", "api_key", "key", "Authorization"])
                (await service.Send("GET", $"/v1/me?{query}={secret}", null, cancel: Cancel)).Status.ShouldBe(401, query);
            foreach (var (name, value) in (List<(string, string)>)[("X-Api-Key", secret), ("Cookie", $"access_token={secret}"), ("Proxy-Authorization", $"Bearer {secret}"), ("X-Authorization", $"Bearer {secret}")])
                (await service.Send("GET", "/v1/me", null, null, null, null, Cancel, (name, value))).Status.ShouldBe(401, name);
        }
    }

    [Fact]
    public async Task A_key_that_is_unknown_changed_spent_or_anothers_opens_nothing()
    {
        await service.Start(Cancel);
        var key = await service.Key("dora", Cancel);
        (await service.Send("GET", "/v1/me", key, cancel: Cancel)).Status.ShouldBe(200);
        var last = key[^1] == 'x' ? 'y' : 'x';
        foreach (var (name, wrong) in (List<(string, string)>)[
            ("wrong checksum", key[..^1] + last), ("well-formed, never made", KeySecret.Make("acmefinance")), ("of a tenant that is not", KeySecret.Make("nobodyhere")),
            ("named for another tenant", key.Replace("acmefinance", "globexoffice", StringComparison.Ordinal)), ("cut", key[..^6]), ("longer", key + "x"), ("other case", key.ToUpperInvariant()),
            ("prefix alone", KeySecret.Prefix), ("with a space inside", key.Insert(20, " ")), ("with a wildcard", key[..30] + "%")])
        {
            var got = await Ask("Bearer " + wrong);
            got.Status.ShouldBe(401, name);
            ProblemRules.Broken(got).ShouldBeNull(name);
        }

        (await Ask("Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes($"key:{key}")))).Status.ShouldBe(401);
        (await service.Send("GET", "/v1/keys", key, cancel: Cancel)).Status.ShouldBe(403, "an integrator manages no keys");
    }

    [Fact]
    public async Task A_revoked_key_ends_at_once_and_a_rotated_one_when_its_overlap_is_over()
    {
        await service.Start(Cancel);
        var made = await service.Send("POST", "/v1/keys", "dora", """{"name":"short","roles":["integrator"]}""", cancel: Cancel);
        var (id, secret) = (made.Json.GetProperty("key").GetProperty("id").GetString(), made.Json.GetProperty("secret").GetString()!);
        (await service.Send("GET", "/v1/me", secret, cancel: Cancel)).Status.ShouldBe(200);
        var rotated = await service.Send("POST", $"/v1/keys/{id}/rotate", "dora", """{"overlapHours":1}""", cancel: Cancel);
        rotated.Status.ShouldBe(201);
        var next = rotated.Json.GetProperty("secret").GetString()!;
        (await service.Send("GET", "/v1/me", secret, cancel: Cancel)).Status.ShouldBe(200);
        (await service.Send("GET", "/v1/me", next, cancel: Cancel)).Status.ShouldBe(200);
        (await service.Send("POST", $"/v1/keys/{id}/revoke", "dora", cancel: Cancel)).Status.ShouldBe(200);
        (await service.Send("GET", "/v1/me", secret, cancel: Cancel)).Status.ShouldBe(401);
        (await service.Send("GET", "/v1/me", next, cancel: Cancel)).Status.ShouldBe(200);
        var nextId = rotated.Json.GetProperty("key").GetProperty("id").GetString();
        (await service.Send("POST", $"/v1/keys/{nextId}/rotate", "dora", """{"overlapHours":0}""", cancel: Cancel)).Status.ShouldBe(201);
        (await service.Send("GET", "/v1/me", next, cancel: Cancel)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_leaver_loses_access_with_a_token_in_hand_and_a_stale_change_is_refused()
    {
        await service.Start(Cancel);
        (await service.Send("GET", "/v1/me", "gil", cancel: Cancel)).Status.ShouldBe(200);
        var tag = (await service.Send("GET", "/v1/members/gil-glob", "gus", cancel: Cancel)).Headers["ETag"];
        (await Change(tag, active: false)).Status.ShouldBe(200);
        (await service.Send("GET", "/v1/me", "gil", cancel: Cancel)).Status.ShouldBe(401);
        (await Change(tag, active: true)).Status.ShouldBe(412);
        foreach (var (sent, status) in (List<(string?, int)>)[(null, 428), ("*", 400), ($"W/{tag}", 400), ("garbage", 400), ($"{tag}, \"9\"", 400), ("\"-1\"", 400), ("\"99999999999999999999\"", 400)])
            (await Change(sent, active: true)).Status.ShouldBe(status, sent ?? "no If-Match");
        var now = (await service.Send("GET", "/v1/members/gil-glob", "gus", cancel: Cancel)).Headers["ETag"];
        var racing = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Change(now, active: true)));
        racing.Count(r => r.Status == 200).ShouldBe(1);
        racing.Count(r => r.Status == 412).ShouldBe(19);
        (await service.Send("GET", "/v1/me", "gil", cancel: Cancel)).Status.ShouldBe(200);
    }

    private async Task<Got> Change(string? tag, bool active)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "v1/members/gil-glob");
        if (tag is not null)
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        request.Content = new StringContent(JsonSerializer.Serialize(new { roles = Array.Empty<string>(), groups = new[] { "approvers", "policy-approvers" }, active, reason = "test" }), Encoding.UTF8, "application/json");
        return await service.Send(request, "gus", Cancel);
    }

    private async Task<Got> Ask(string header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/me");
        request.Headers.TryAddWithoutValidation("Authorization", header.Split('\n'));
        return await service.Send(request, null, Cancel);
    }

    /// <summary>Makes tokens with the provider's own key, one thing changed.</summary>
    private sealed class Forge : IDisposable
    {
        private readonly JsonWebTokenHandler writer = new() { SetDefaultTimesOnTokenCreation = false };
        private readonly RSA ours = RSA.Create();
        private readonly RSA theirs = RSA.Create(2048);
        private readonly JsonWebToken sample;

        public Forge(RunningService service)
        {
            sample = new JsonWebToken(service.Token("dora").AsTask().GetAwaiter().GetResult());
            ours.ImportFromPem(File.ReadAllText(Path.Combine(service.DataFolder, "local-identity-signing.pem")));
        }

        public string Token(Action<SecurityTokenDescriptor>? change = null, SecurityKey? key = null, string algorithm = SecurityAlgorithms.RsaSha256, params (string, object?)[] claims)
        {
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            var all = sample.Claims.Where(c => c.Type is "sub" or "cs_tenant" or "cs_kind" or "scope").ToDictionary(c => c.Type, c => (object)c.Value, StringComparer.Ordinal);
            foreach (var (name, value) in claims)
            {
                all.Remove(name);
                if (value is not null)
                    all[name] = value;
            }

            var token = new SecurityTokenDescriptor
            {
                Issuer = sample.Issuer,
                Audience = "api",
                TokenType = "at+jwt",
                IssuedAt = now,
                NotBefore = now,
                Expires = now.AddMinutes(5),
                Claims = all,
                SigningCredentials = new SigningCredentials(key ?? new RsaSecurityKey(ours) { KeyId = sample.Kid }, algorithm),
            };
            change?.Invoke(token);
            return writer.CreateToken(token);
        }

        public IEnumerable<(string Name, string Header)> Forged()
        {
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            var good = Token();
            var parts = good.Split('.');
            var foreign = new RsaSecurityKey(theirs) { KeyId = sample.Kid };
            var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(theirs.ExportParameters(false)));
            yield return ("none", Bearer($"{Url("""{"alg":"none","typ":"at+jwt"}""")}.{parts[1]}."));
            yield return ("None", Bearer($"{Url("""{"alg":"None","typ":"at+jwt"}""")}.{parts[1]}.{parts[2]}"));
            yield return ("HS256 with the public key as PEM", Bearer(Token(key: Symmetric(Encoding.ASCII.GetBytes(ours.ExportSubjectPublicKeyInfoPem())), algorithm: SecurityAlgorithms.HmacSha256)));
            yield return ("HS256 with the public key as DER", Bearer(Token(key: Symmetric(ours.ExportSubjectPublicKeyInfo()), algorithm: SecurityAlgorithms.HmacSha256)));
            yield return ("HS256 with the modulus", Bearer(Token(key: Symmetric(ours.ExportParameters(false).Modulus!), algorithm: SecurityAlgorithms.HmacSha256)));
            yield return ("PS256", Bearer(Token(algorithm: SecurityAlgorithms.RsaSsaPssSha256)));
            yield return ("RS512", Bearer(Token(algorithm: SecurityAlgorithms.RsaSha512)));
            yield return ("expired", Bearer(Token(t => (t.IssuedAt, t.NotBefore, t.Expires) = (now.AddHours(-2), now.AddHours(-2), now.AddHours(-1)))));
            yield return ("just expired", Bearer(Token(t => (t.IssuedAt, t.NotBefore, t.Expires) = (now.AddHours(-2), now.AddHours(-2), now.AddSeconds(-40)))));
            yield return ("not yet", Bearer(Token(t => (t.NotBefore, t.Expires) = (now.AddMinutes(10), now.AddHours(1)))));
            yield return ("without an end", Bearer(Token(t => t.Expires = null)));
            yield return ("another audience", Bearer(Token(t => t.Audience = "console")));
            yield return ("no audience", Bearer(Token(t => t.Audience = null)));
            yield return ("another issuer", Bearer(Token(t => t.Issuer = "https://evil.example/")));
            yield return ("the issuer without its slash", Bearer(Token(t => t.Issuer = sample.Issuer.TrimEnd('/'))));
            yield return ("no issuer", Bearer(Token(t => t.Issuer = null)));
            yield return ("a foreign key under our id", Bearer(Token(key: foreign)));
            yield return ("a foreign key under its own id", Bearer(Token(key: new RsaSecurityKey(theirs) { KeyId = "theirs" })));
            yield return ("an id that climbs", Bearer(Token(key: new RsaSecurityKey(theirs) { KeyId = "../../../dev/null" })));
            yield return ("a key set by address", Bearer(Token(t => t.AdditionalHeaderClaims = Header("jku", "https://evil.example/jwks"), foreign)));
            yield return ("a certificate by address", Bearer(Token(t => t.AdditionalHeaderClaims = Header("x5u", "https://evil.example/cert"), foreign)));
            yield return ("its own key inside", Bearer(Token(t => t.AdditionalHeaderClaims = Header("jwk", new Dictionary<string, object>(StringComparer.Ordinal) { ["kty"] = "RSA", ["n"] = jwk.N, ["e"] = jwk.E }), foreign)));
            yield return ("an identity token's type", Bearer(Token(t => t.TokenType = "JWT")));
            yield return ("no scope", Bearer(Token(claims: [("scope", null)])));
            yield return ("another scope", Bearer(Token(claims: [("scope", "openid profile")])));
            yield return ("no tenant", Bearer(Token(claims: [("cs_tenant", null)])));
            yield return ("a tenant that is not", Bearer(Token(claims: [("cs_tenant", "nobodyhere")])));
            yield return ("a tenant with a wildcard", Bearer(Token(claims: [("cs_tenant", "acme%")])));
            yield return ("another tenant's person", Bearer(Token(claims: [("cs_tenant", "globexoffice")])));
            yield return ("nobody", Bearer(Token(claims: [("sub", "mallory")])));
            yield return ("no subject", Bearer(Token(claims: [("sub", null)])));
            yield return ("the service itself", Bearer(Token(claims: [("cs_kind", "system"), ("sub", "system")])));
            yield return ("a person as a key", Bearer(Token(claims: [("cs_kind", "key")])));
            yield return ("another payload", Bearer($"{parts[0]}.{Url("""{"sub":"dora-acme","cs_tenant":"acmefinance"}""")}.{parts[2]}"));
            yield return ("no signature", Bearer($"{parts[0]}.{parts[1]}."));
            yield return ("a cut signature", Bearer(good[..^8]));
            yield return ("a changed signature", Bearer($"{parts[0]}.{parts[1]}.{(parts[2][0] == 'A' ? 'B' : 'A')}{parts[2][1..]}"));
            yield return ("two parts", Bearer($"{parts[0]}.{parts[1]}"));
            yield return ("five parts", Bearer($"{good}.a.b"));
            yield return ("two tokens", Bearer($"{good}, Bearer {good}"));
            yield return ("two headers", $"Bearer {good}\nBearer {good}");
            yield return ("another scheme", $"Token {good}");
            yield return ("no scheme", good);
            yield return ("a scheme alone", "Bearer");
            yield return ("very long", Bearer(new string('a', 8_000)));
        }

        public void Dispose()
        {
            ours.Dispose();
            theirs.Dispose();
        }

        private static string Bearer(string token) => "Bearer " + token;

        private static string Url(string json) => Base64UrlEncoder.Encode(json);

        private static SymmetricSecurityKey Symmetric(byte[] bytes) => new(bytes);

        private static Dictionary<string, object> Header(string name, object value) => new(StringComparer.Ordinal) { [name] = value };
    }
}
