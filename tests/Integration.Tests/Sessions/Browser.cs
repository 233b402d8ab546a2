using System.Net;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Sessions;

/// <summary>A browser of which only what sign-in needs is played: cookies, redirects, one form.</summary>
internal static partial class Browser
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Signs a demo person in to the console.</summary>
    public static async Task<HttpClient> SignIn(Uri service, string login)
    {
        var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = service };
        var at = await Follow(browser, new Uri(service, "sign-in/start"));
        var page = await browser.GetStringAsync(at, Cancel);
        var field = Field().Match(page);
        using var form = new FormUrlEncodedContent([new(field.Groups["name"].Value, WebUtility.HtmlDecode(field.Groups["value"].Value)), new("login", login), new("password", "demo")]);
        using var back = await browser.PostAsync(at, form, Cancel);
        await Follow(browser, new Uri(service, back.Headers.Location.ShouldNotBeNull()));
        using var inbox = await browser.GetAsync(new Uri("inbox", UriKind.Relative), Cancel);
        inbox.StatusCode.ShouldBe(HttpStatusCode.OK);
        return browser;
    }

    /// <summary>Goes along redirects up to the page at their end.</summary>
    private static async Task<Uri> Follow(HttpClient browser, Uri at)
    {
        for (var hop = 0; hop < 10; hop++)
        {
            using var answer = await browser.GetAsync(at, Cancel);
            if (answer.Headers.Location is not { } next)
                return at;
            at = new Uri(at, next);
        }

        throw new InvalidOperationException("The sign-in goes in circles.");
    }

    /// <summary>A form's token against forgery.</summary>
    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]+)" value="(?<value>[^"]+)"\s*/?>""", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex Field();
}
