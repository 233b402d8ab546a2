using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>The page to read the API on: what it answers to somebody without a token. The browser's tests look at it.</summary>
public sealed partial class ApiPageTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_answers_without_a_token_under_a_policy_of_its_own_and_names_no_other_host()
    {
        await service.Start(Cancel);
        var page = await service.Send("GET", "/docs/api/", null, cancel: Cancel);

        page.Status.ShouldBe(200);
        page.MediaType.ShouldBe("text/html");
        page.Body.ShouldContain("\"openapi/v1.json\"");
        OtherHost().Matches(page.Body).Select(m => m.Value).ShouldBeEmpty();
        var nonce = Nonce().Match(page.Headers["Content-Security-Policy"]).Groups["nonce"].Value;
        page.Headers["Content-Security-Policy"].ShouldBe(
            $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'");
        var scripts = Script().Matches(page.Body).Select(m => m.Value).ToList();
        scripts.Count.ShouldBe(3);
        scripts.ShouldAllBe(s => s.Contains($" nonce=\"{nonce}\"", StringComparison.Ordinal));
        (page.Headers["X-Content-Type-Options"], page.Headers["X-Frame-Options"], page.Headers["Referrer-Policy"], page.Headers["Cache-Control"]).ShouldBe(("nosniff", "DENY", "no-referrer", "no-store"));

        var again = await service.Send("GET", "/docs/api/", null, cancel: Cancel);
        Nonce().Match(again.Headers["Content-Security-Policy"]).Groups["nonce"].Value.ShouldNotBe(nonce, "a nonce is of one answer");
    }

    [Theory]
    [InlineData("/docs/api/scalar.js", 200)]
    [InlineData("/docs/api/scalar.aspnetcore.js", 200)]
    [InlineData("/docs/api/v1/none", 404)]
    public async Task Its_scripts_are_served_by_the_service_itself_under_the_same_headers(string path, int status)
    {
        await service.Start(Cancel);
        var answer = await service.Send("GET", path, null, cancel: Cancel);
        answer.Status.ShouldBe(status);
        answer.Headers["Content-Security-Policy"].ShouldContain("default-src 'none'");
        answer.Headers["X-Content-Type-Options"].ShouldBe("nosniff");
    }

    [GeneratedRegex("script-src 'nonce-(?<nonce>[0-9a-f]{36})'", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Nonce();

    [GeneratedRegex("<script[^>]*>", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Script();

    [GeneratedRegex("(?<scheme>https?:)?//[a-zA-Z0-9.-]+", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex OtherHost();
}
