using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Countersign.TestKit.Services;

/// <summary>
/// An issuer on loopback, by https, that speaks as Entra ID does: metadata with an issuer template, keys that name their issuer, RS256 tokens of version 2.0. Whoever talks to it
/// trusts <see cref="AuthorityFile"/>.
/// </summary>
public sealed class FakeEntra : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly X509Certificate2 certificate;
    private readonly List<RSA> made = [];
    private IReadOnlyList<(string Id, RSA Key, string? Issuer)> published = [];
    private int keyReads;

    private FakeEntra(WebApplication app, X509Certificate2 certificate)
    {
        this.app = app;
        this.certificate = certificate;
        AuthorityFile = Path.Combine(Path.GetTempPath(), $"fake-entra-{certificate.Thumbprint}.pem");
        File.WriteAllText(AuthorityFile, certificate.ExportCertificatePem());
        Rotate("entra-key-1");
    }

    /// <summary>Certificate to trust, as PEM: for <c>SSL_CERT_FILE</c>.</summary>
    public string AuthorityFile { get; }

    /// <summary>The key that signs.</summary>
    public RSA Key { get; private set; } = null!;

    /// <summary>Name of that key.</summary>
    public string KeyId { get; private set; } = null!;

    /// <summary>How often the keys were read.</summary>
    public int KeyReads => Volatile.Read(ref keyReads);

    /// <summary>Base address, without a slash at the end.</summary>
    public string Instance => app.Urls.First();

    /// <summary>Starts on a free loopback port.</summary>
    public static async Task<FakeEntra> StartAsync(Action<WebApplication, FakeEntra>? more = null, CancellationToken cancellationToken = default)
    {
        var own = Certificate();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(own)));
        var built = builder.Build();
        var fake = new FakeEntra(built, own);
        built.MapGet("/{directory}/v2.0/.well-known/openid-configuration", (string directory, HttpContext c) => c.Response.WriteAsJsonAsync(fake.Metadata(directory, "v2.0")));
        built.MapGet("/{directory}/.well-known/openid-configuration", (string directory, HttpContext c) => c.Response.WriteAsJsonAsync(fake.Metadata(directory, "")));
        built.MapGet("/{directory}/discovery/v2.0/keys", (HttpContext c) =>
        {
            Interlocked.Increment(ref fake.keyReads);
            return c.Response.WriteAsJsonAsync(new { keys = fake.published.Select(k => PublicKey(k.Id, k.Key, k.Issuer ?? fake.Instance + "/{tenantid}/v2.0")) });
        });
        more?.Invoke(built, fake);
        await built.StartAsync(cancellationToken);
        return fake;
    }

    /// <summary>Signs with a new key from now on, and shows that one alone: the one before is withdrawn.</summary>
    public void Rotate(string id)
    {
        (Key, KeyId) = (NewKey(), id);
        published = [(id, Key, null)];
    }

    /// <summary>Shows a further key, which is good for the tokens of one issuer only.</summary>
    public RSA ShowKeyOf(string id, string issuer)
    {
        var key = NewKey();
        published = [.. published, (id, key, issuer)];
        return key;
    }

    /// <summary>What the issuer says of itself, for <c>organizations</c>, <c>common</c> or a directory.</summary>
    public Dictionary<string, object> Metadata(string directory, string version) => new(StringComparer.Ordinal)
    {
        ["issuer"] = version.Length == 0 ? "https://sts.windows.net/{tenantid}/" : Instance + "/{tenantid}/v2.0",
        ["jwks_uri"] = $"{Instance}/{directory}/discovery/v2.0/keys",
        ["authorization_endpoint"] = $"{Instance}/{directory}/oauth2/v2.0/authorize",
        ["token_endpoint"] = $"{Instance}/{directory}/oauth2/v2.0/token",
        ["end_session_endpoint"] = $"{Instance}/{directory}/oauth2/v2.0/logout",
        ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
        ["response_types_supported"] = new[] { "code", "id_token", "code id_token", "id_token token" },
        ["response_modes_supported"] = new[] { "query", "fragment", "form_post" },
        ["scopes_supported"] = new[] { "openid", "profile", "email", "offline_access" },
        ["subject_types_supported"] = new[] { "pairwise" },
    };

    /// <summary>A key as the issuer shows it.</summary>
    public Dictionary<string, object> ShownKey() => PublicKey(KeyId, Key, Instance + "/{tenantid}/v2.0");

    /// <summary>Signs a token; the caller chooses every header and claim.</summary>
    public string Sign(IReadOnlyDictionary<string, object> header, IReadOnlyDictionary<string, object> claims, RSA? key = null)
    {
        var text = Text(JsonSerializer.SerializeToUtf8Bytes(header)) + "." + Text(JsonSerializer.SerializeToUtf8Bytes(claims));
        return text + "." + Text((key ?? Key).SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    /// <summary>Signs a token with the present key.</summary>
    public string Sign(IReadOnlyDictionary<string, object> claims) => Sign(new Dictionary<string, object>(StringComparer.Ordinal) { ["typ"] = "JWT", ["alg"] = "RS256", ["kid"] = KeyId }, claims);

    /// <summary>Base64url.</summary>
    public static string Text(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        certificate.Dispose();
        made.ForEach(k => k.Dispose());
        File.Delete(AuthorityFile);
    }

    private RSA NewKey()
    {
        var key = RSA.Create(2048);
        made.Add(key);
        return key;
    }

    private static Dictionary<string, object> PublicKey(string id, RSA key, string issuer)
    {
        var p = key.ExportParameters(false);
        return new(StringComparer.Ordinal) { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = id, ["n"] = Text(p.Modulus!), ["e"] = Text(p.Exponent!), ["issuer"] = issuer };
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=fake-entra", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
