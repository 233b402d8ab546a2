using System.Collections.Immutable;
using Countersign.Api.Identity.Local;
using Countersign.Domain.Tenants;
using Countersign.Projections.Databases;
using Microsoft.IdentityModel.Tokens;

namespace Countersign.Api.Identity.Entra;

/// <summary>A person invited by settings; the first administrator of a tenant comes this way.</summary>
internal sealed record EntraMember(Guid ObjectId, string Name, ImmutableArray<string> Roles, ImmutableArray<string> Groups);

/// <summary>An Entra directory and the tenant it stands for.</summary>
internal sealed record EntraTenant(Guid DirectoryId, string TenantId, string Name, string TimeZone, bool Enabled, ImmutableArray<EntraMember> Members);

/// <summary>Settings of sign-in with Microsoft Entra ID, section <c>Countersign:Entra</c>.</summary>
internal sealed record EntraOptions
{
    public const string Section = "Countersign:Entra";

    /// <summary>Directory of personal Microsoft accounts: never a tenant.</summary>
    public static readonly Guid PersonalAccounts = Guid.Parse("9188040d-6c67-4c5b-b112-36a304b66dad");

    public required Uri Instance { get; init; }

    public required string ClientId { get; init; }

    public required string Scope { get; init; }

    /// <summary>Shortest time between two readings of the signing keys when a token names an unknown one; 5 minutes, 1 second to 1 hour.</summary>
    public required TimeSpan KeysAgainAfter { get; init; }

    /// <summary>Time after which the signing keys are read again in any case, so that a withdrawn one ends; 1 hour.</summary>
    public static TimeSpan KeysLife => TimeSpan.FromHours(1);

    /// <summary>App role values by what they mean: a role of ours.</summary>
    public required ImmutableDictionary<string, string> Roles { get; init; }

    /// <summary>Object ids of directory groups to groups of ours.</summary>
    public required ImmutableDictionary<string, string> Groups { get; init; }

    public required ImmutableDictionary<Guid, EntraTenant> Tenants { get; init; }

    /// <summary>How far clocks may differ.</summary>
    public static TimeSpan ClockSkew => TimeSpan.FromSeconds(30);

    /// <summary>Entra's name for work and school accounts of any directory.</summary>
    public const string AnyOrganization = "organizations";

    public string Authority => $"{Instance.AbsoluteUri.TrimEnd('/')}/{AnyOrganization}/v2.0";

    /// <summary>The one issuer of a directory's tokens.</summary>
    public string IssuerOf(Guid directory) => $"{Instance.AbsoluteUri.TrimEnd('/')}/{directory:D}/v2.0";

    /// <summary>Keys of metadata that has been replaced sign nothing more: a withdrawn key may be a stolen one.</summary>
    public static void TrustNoOldKeys(object? manager)
    {
        if (manager is BaseConfigurationManager keys)
            keys.UseLastKnownGoodConfiguration = false;
    }

    /// <summary>Whether any of these settings is set.</summary>
    public static bool IsConfigured(IConfiguration configuration) => configuration.GetSection(Section).Exists();

    /// <summary>Reads the settings; null when Entra ID is not configured.</summary>
    /// <exception cref="StartUpException">A setting cannot be used.</exception>
    public static EntraOptions? From(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        if (!IsConfigured(configuration))
            return null;
        if (!Guid.TryParseExact(section["ClientId"], "D", out var client))
            throw Wrong("ClientId", section["ClientId"], "the application (client) id of the app registration of the API");
        var instance = section["Instance"] ?? "https://login.microsoftonline.com/";
        if (!Uri.TryCreate(instance, UriKind.Absolute, out var uri) || uri.Scheme != "https" || uri.PathAndQuery != "/")
            throw Wrong("Instance", instance, "an https address without a path, such as https://login.microsoftonline.com/");
        var tenants = section.GetSection("Tenants").GetChildren().Select(Tenant).ToList();
        if (tenants.Count == 0)
            throw new StartUpException($"No directory stands under {Section}:Tenants, so nobody could sign in: set {Section}:Tenants:0:DirectoryId and {Section}:Tenants:0:Tenant.");
        if (tenants.Select(t => t.DirectoryId).Distinct().Count() != tenants.Count)
            throw new StartUpException($"A directory stands twice under {Section}:Tenants: one directory is one tenant. Remove one of the two.");
        return new EntraOptions
        {
            Instance = uri,
            ClientId = client.ToString("D"),
            Scope = section["Scope"] ?? "access_as_user",
            KeysAgainAfter = KeysAgain(section["KeysAgainAfterSeconds"]),
            Roles = Role.All.ToImmutableDictionary(r => $"Countersign.{char.ToUpperInvariant(r[0])}{r[1..]}", r => r, StringComparer.Ordinal).SetItems(Map(section, "Roles", Role.All.Contains)),
            Groups = Map(section, "Groups", g => g.Length > 0).ToImmutableDictionary(g => g.Key, g => g.Value, StringComparer.OrdinalIgnoreCase),
            Tenants = tenants.ToImmutableDictionary(t => t.DirectoryId),
        };
    }

    private static IEnumerable<KeyValuePair<string, string>> Map(IConfigurationSection section, string name, Func<string, bool> valid) =>
        section.GetSection(name).GetChildren().Select(c => valid(c.Value ?? "")
            ? KeyValuePair.Create(c.Key, c.Value!)
            : throw Wrong($"{name}:{c.Key}", c.Value, name == "Roles" ? $"one of {string.Join(", ", Role.All)}" : "the name of a group"));

    private static TimeSpan KeysAgain(string? text) => text is null ? TimeSpan.FromMinutes(5)
        : int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= 3_600
            ? TimeSpan.FromSeconds(seconds)
            : throw Wrong("KeysAgainAfterSeconds", text, "whole seconds from 1 to 3600");

    private static EntraTenant Tenant(IConfigurationSection entry)
    {
        var at = $"Tenants:{entry.Key}";
        if (!Guid.TryParseExact(entry["DirectoryId"], "D", out var directory) || directory == PersonalAccounts || directory == Guid.Empty)
            throw Wrong($"{at}:DirectoryId", entry["DirectoryId"], "the directory (tenant) id of an organization; personal accounts are not accepted");
        if (!LocalTokens.IsTenantId(entry["Tenant"]))
            throw Wrong($"{at}:Tenant", entry["Tenant"], "8 to 32 lower-case letters and digits");
        if (entry["Enabled"] is { } text && !bool.TryParse(text, out _))
            throw Wrong($"{at}:Enabled", text, "true or false");
        var zone = entry["TimeZone"] ?? "Etc/UTC";
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            throw Wrong($"{at}:TimeZone", zone, "an IANA name such as Europe/Berlin");
        return new EntraTenant(directory, entry["Tenant"]!, entry["Name"] ?? entry["Tenant"]!, zone, entry["Enabled"] is not { } enabled || bool.Parse(enabled),
            [.. entry.GetSection("Members").GetChildren().Select(m => Member(m, at))]);
    }

    private static EntraMember Member(IConfigurationSection entry, string tenant)
    {
        var at = $"{tenant}:Members:{entry.Key}";
        if (!Guid.TryParseExact(entry["ObjectId"], "D", out var id) || id == Guid.Empty)
            throw Wrong($"{at}:ObjectId", entry["ObjectId"], "the object id of the person in the directory");
        return new EntraMember(id, entry["Name"] ?? throw Wrong($"{at}:Name", null, "the person's name"), Texts(entry, "Roles"), Texts(entry, "Groups"));
    }

    private static ImmutableArray<string> Texts(IConfigurationSection entry, string name) => [.. entry.GetSection(name).GetChildren().Select(c => c.Value ?? "")];

    private static StartUpException Wrong(string name, string? value, string use) => new($"The setting {Section}:{name} is '{value}': use {use}.");
}
