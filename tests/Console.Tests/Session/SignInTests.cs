using System.Net;

namespace Countersign.Console.Tests.Session;

public sealed class SignInTests(Host host) : IClassFixture<Host>
{
    private const string Cookie = "countersign-session";

    [Fact]
    public async Task A_page_sends_a_stranger_to_sign_in_and_brings_them_back()
    {
        using var visitor = new Visitor(host.Sample.Address, "ben");
        var response = await visitor.Get("/instances?status=running");
        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        response.Headers.Location!.ToString().ShouldBe("/sign-in?return=%2Finstances%3Fstatus%3Drunning");
        var page = await visitor.Page(response.Headers.Location.ToString());
        var start = page.QuerySelector("a.button-primary")!.GetAttribute("href")!;
        var arrived = await visitor.Follow(start);
        arrived.StatusCode.ShouldBe(HttpStatusCode.OK);
        arrived.RequestMessage!.RequestUri!.PathAndQuery.ShouldBe("/instances?status=running");
    }

    [Fact]
    public async Task The_flow_uses_a_code_with_proof_state_and_nonce()
    {
        using var visitor = new Visitor(host.Sample.Address, "ben");
        var query = (await visitor.Get("/sign-in/start")).Headers.Location!.Query;
        query.ShouldContain("response_type=code");
        query.ShouldContain("code_challenge_method=S256");
        query.ShouldContain("state=");
        query.ShouldContain("nonce=");
        query.ShouldContain("scope=openid%20profile%20offline_access%20api");
    }

    [Fact]
    public async Task The_browser_holds_a_session_number_and_no_token()
    {
        using var visitor = await Visitor.SignedIn(host.Sample);
        var cookie = visitor.Cookies[Cookie]!;
        cookie.HttpOnly.ShouldBeTrue();
        cookie.Value.Length.ShouldBe(43);
        foreach (var path in (string[])["/inbox", "/documents", "/trail"])
        {
            var response = await visitor.Get(path);
            var all = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken) + response.Headers;
            all.ShouldNotContain("ben:");
            all.ShouldNotContain("Bearer");
            all.ShouldNotContain(cookie.Value);
        }
    }

    [Fact]
    public async Task Signing_in_makes_a_new_session_and_ends_a_planted_one()
    {
        using var visitor = await Visitor.SignedIn(host.Sample);
        var first = visitor.Cookies[Cookie]!.Value;
        await visitor.Follow("/sign-in/start");
        var second = visitor.Cookies[Cookie]!.Value;
        second.ShouldNotBe(first);
        using var thief = new Visitor(host.Sample.Address);
        (await WithCookie(first)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await WithCookie(second)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_on_the_server()
    {
        using var visitor = await Visitor.SignedIn(host.Sample);
        var id = visitor.Cookies[Cookie]!.Value;
        var response = await visitor.Send(await visitor.Page("/inbox"), "/sign-out");
        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        response.Headers.Location!.AbsolutePath.ShouldBe("/connect/endsession");
        response.Headers.Location.Query.ShouldContain("id_token_hint=");
        (await WithCookie(id)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task A_forged_callback_signs_nobody_in()
    {
        using var visitor = new Visitor(host.Sample.Address);
        var response = await visitor.Get("/sign-in/callback?code=stolen&state=made-up");
        response.Headers.Location!.ToString().ShouldBe("/sign-in?failed=again");
        visitor.Cookies[Cookie].ShouldBeNull();
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("javascript:alert(1)")]
    public async Task Nobody_is_sent_to_another_site(string back)
    {
        using var visitor = new Visitor(host.Sample.Address, "ben");
        var arrived = await visitor.Follow("/sign-in/start?return=" + Uri.EscapeDataString(back));
        arrived.RequestMessage!.RequestUri!.GetLeftPart(UriPartial.Path).ShouldBe(host.Sample.Address.ToString());
    }

    private async Task<HttpResponseMessage> WithCookie(string id)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false };
        using var http = new HttpClient(handler) { BaseAddress = host.Sample.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/keys");
        request.Headers.Add("Cookie", $"{Cookie}={id}");
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
