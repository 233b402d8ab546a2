using System.Text.Json;
using Countersign.TestKit.Services;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>What the real Entra ID said of itself, recorded: the fake one of the tests says the same, in the same form.</summary>
public sealed class EntraRecordingTests
{
    private const string Real = "https://login.microsoftonline.com";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_fake_issuer_says_what_the_real_one_says()
    {
        var recorded = Recorded("entra-organizations.openid-configuration.json");
        await using var entra = await FakeEntra.StartAsync(cancellationToken: Cancel);
        foreach (var (name, value) in entra.Metadata("organizations", "v2.0"))
        {
            recorded.TryGetProperty(name, out var real).ShouldBeTrue(name);
            JsonSerializer.Serialize(value).Replace(entra.Instance, Real, StringComparison.Ordinal).ShouldBe(JsonSerializer.Serialize(real), name);
        }
    }

    [Theory]
    [InlineData("entra-organizations.jwks.json")]
    [InlineData("entra-common.jwks.json")]
    public async Task The_real_keys_are_read_and_each_names_whose_tokens_it_signs(string file)
    {
        var recorded = Recorded(file);
        var set = new Microsoft.IdentityModel.Tokens.JsonWebKeySet(recorded.GetRawText());
        set.GetSigningKeys().Select(k => k.KeyId).Distinct(StringComparer.Ordinal).Count().ShouldBe(recorded.GetProperty("keys").GetArrayLength());
        await using var entra = await FakeEntra.StartAsync(cancellationToken: Cancel);
        var names = entra.ShownKey().Keys;
        foreach (var key in set.Keys)
        {
            // The check of the key's issuer rests on this member: without it every key would do for every directory.
            key.AdditionalData.ShouldContainKey("issuer");
            key.AdditionalData["issuer"].ToString().ShouldNotBeNull().ShouldBeOneOf($"{Real}/{{tenantid}}/v2.0", $"{Real}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0");
        }

        foreach (var key in recorded.GetProperty("keys").EnumerateArray())
            names.Except(key.EnumerateObject().Select(p => p.Name), StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Fact]
    public void The_real_metadata_leads_to_the_addresses_the_console_uses()
    {
        var configuration = OpenIdConnectConfiguration.Create(Recorded("entra-organizations.openid-configuration.json").GetRawText());
        configuration.Issuer.ShouldBe($"{Real}/{{tenantid}}/v2.0");
        configuration.AuthorizationEndpoint.ShouldBe($"{Real}/organizations/oauth2/v2.0/authorize");
        configuration.TokenEndpoint.ShouldBe($"{Real}/organizations/oauth2/v2.0/token");
        configuration.EndSessionEndpoint.ShouldBe($"{Real}/organizations/oauth2/v2.0/logout");
        configuration.ResponseModesSupported.ShouldContain("query");
        configuration.IdTokenSigningAlgValuesSupported.ShouldBe(["RS256"]);
    }

    private static JsonElement Recorded(string file)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var path = Path.Combine(at.FullName, "..", "shared", "data", "protocols", "oidc", file);
            if (File.Exists(Path.Combine(at.FullName, "Saas.sln")) && File.Exists(path))
                return JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(path));
        }

        Assert.Skip($"The recording {file} is not beside this clone (shared/data/protocols/oidc).");
        return default;
    }
}
