namespace Countersign.Console;

/// <summary>Settings of the console, section <c>Console</c>.</summary>
public sealed class ConsoleOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Console";

    /// <summary>Address of the API, ending in a slash. Unset: the first address this process listens on.</summary>
    public Uri? ApiAddress { get; set; }

    /// <summary>OpenID Connect authority. Unset: the address of the API (the built-in local provider).</summary>
    public Uri? Authority { get; set; }

    /// <summary>Client id at the authority; <c>console</c> by default.</summary>
    public string ClientId { get; set; } = "console";

    /// <summary>Client secret at the authority; unset for a public client, which proves itself by PKCE alone.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>Scopes asked for; <c>openid profile offline_access api</c> by default.</summary>
    public string Scopes { get; set; } = "openid profile offline_access api";

    /// <summary>Whether the console tells the API that somebody has signed in or out, for the trail. False by default: the built-in provider records both itself. True with Entra ID.</summary>
    public bool TellsSignIns { get; set; }

    /// <summary>Whether cookies are sent over https only and carry the <c>__Host-</c> prefix. Unset: yes, except in Development.</summary>
    public bool? RequireHttps { get; set; }

    /// <summary>A session ends after this time without a request; 30 minutes by default, 1 minute to 12 hours.</summary>
    public TimeSpan SessionIdle { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>A session ends after this time whatever happens; 12 hours by default, 5 minutes to 24 hours.</summary>
    public TimeSpan SessionLongest { get; set; } = TimeSpan.FromHours(12);
}
