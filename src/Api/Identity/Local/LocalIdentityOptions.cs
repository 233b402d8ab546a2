using Countersign.Api.Identity.Entra;
using Countersign.Projections.Databases;

namespace Countersign.Api.Identity.Local;

/// <summary>Settings of the built-in identity provider, section <c>Identity:Local</c>.</summary>
internal sealed record LocalIdentityOptions
{
    private const string Section = "Identity:Local";

    /// <summary>Issuer of the tokens and address of the provider; <c>http://localhost:5080/</c> unless <c>Identity:Local:Issuer</c> says otherwise.</summary>
    public required Uri Issuer { get; init; }

    /// <summary>Where the signing key lies; the data folder. Null keeps it in memory: a restart then signs everybody out.</summary>
    public string? KeyFolder { get; init; }

    /// <summary>Life of an access token; ten minutes.</summary>
    public TimeSpan AccessToken { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Life of a refresh token; twelve hours.</summary>
    public TimeSpan RefreshToken { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Addresses of consoles other than this process's own, each ending in a slash (<c>Identity:Local:Consoles</c>).</summary>
    public IReadOnlyList<Uri> Consoles { get; init; } = [];

    /// <summary>Whether this is a developer's machine: plain http is allowed.</summary>
    public bool Development { get; init; }

    /// <summary>Reads the options; null when the provider is switched off.</summary>
    /// <exception cref="StartUpException">The provider is on in Production, or a setting cannot be used.</exception>
    public static LocalIdentityOptions? From(IConfiguration configuration, IHostEnvironment environment)
    {
        var section = configuration.GetSection(Section);
        if (section["Enabled"] is { Length: > 0 } text && !bool.TryParse(text, out _))
            throw new StartUpException($"The setting {Section}:Enabled is '{text}': use true or false.");
        if (section["Enabled"] is { Length: > 0 } set && !bool.Parse(set))
            return null;
        // Where people sign in elsewhere, nobody signs in with a password that everybody knows, unless the settings say so.
        if (section["Enabled"] is null or "" && EntraOptions.IsConfigured(configuration))
            return null;
        if (environment.IsProduction())
        {
            throw new StartUpException(
                "The built-in identity provider with its demo people does not run in Production: set ASPNETCORE_ENVIRONMENT=Development to try the product, "
                + $"or connect Microsoft Entra ID ({EntraOptions.Section}, see docs/how-to/connect-entra.md) and set {Section}:Enabled=false.");
        }

        return new LocalIdentityOptions
        {
            Issuer = Address(section["Issuer"] ?? FirstUrl(configuration) ?? "http://localhost:5080/", "Issuer"),
            KeyFolder = DatabaseOptions.From(configuration).DataFolder,
            Consoles = [.. section.GetSection("Consoles").GetChildren().Select(c => Address(c.Value ?? "", "Consoles"))],
            Development = environment.IsDevelopment(),
        };
    }

    private static string? FirstUrl(IConfiguration configuration) =>
        configuration["urls"]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault(u => Uri.TryCreate(u, UriKind.Absolute, out var uri) && uri.Port != 0);

    private static Uri Address(string text, string name) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new StartUpException($"The setting {Section}:{name} is '{text}': use an address such as https://countersign.example.com/.");
}
