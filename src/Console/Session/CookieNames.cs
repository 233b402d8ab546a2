using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Countersign.Console.Session;

/// <summary>Names and flags of the console's cookies: host-bound and secure, except on a developer's plain http.</summary>
internal sealed class CookieNames(IOptions<ConsoleOptions> options, IHostEnvironment environment)
{
    public bool Secure { get; } = options.Value.RequireHttps ?? !environment.IsDevelopment();

    public string Session => Prefix + "countersign-session";

    public string Antiforgery => Prefix + "countersign-form";

    public string Theme => Prefix + "countersign-theme";

    private string Prefix => Secure ? "__Host-" : "";

    // Lax, not Strict: a link in a mail must find the session, and the authority's answer is a cross-site navigation.
    public CookieOptions Options() => new() { HttpOnly = true, Secure = Secure, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true };
}
