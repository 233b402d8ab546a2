using System.Net;
using Countersign.Console.Sample;

namespace Countersign.Console.Tests.Shell;

/// <summary>Each page when there is nothing, when it may not be seen, and when the service is away.</summary>
public sealed class PageStateTests : IAsyncLifetime
{
    private SampleHost host = null!;
    private Visitor dora = null!;

    public static TheoryData<string, string, string> Lists => new()
    {
        { "/inbox", "/v1/tasks", "Nothing waits for a person" },
        { "/inbox?view=mine", "/v1/tasks", "Nothing is in your hands" },
        { "/instances", "/v1/instances", "No process has run yet" },
        { "/instances?status=running", "/v1/instances", "Nothing matches" },
        { "/incidents", "/v1/incidents", "Nothing is stuck" },
        { "/decisions", "/v1/decisions", "No decision yet" },
        { "/documents", "/v1/instances", "Nothing yet" },
        { "/trail", "/v1/exports", "No export yet" },
        { "/webhooks", "/v1/webhooks", "Nobody is told yet" },
        { "/keys", "/v1/keys", "No program has a key" },
        { "/reference-tables", "/v1/reference-tables", "No table yet" },
        { "/processes", "/v1/processes", "No process yet" },
        { "/policies", "/v1/policies", "No policy yet" },
    };

    public async ValueTask InitializeAsync()
    {
        host = await SampleHost.Start();
        dora = await Visitor.SignedIn(host, "dora");
    }

    public async ValueTask DisposeAsync()
    {
        dora.Dispose();
        await host.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task An_empty_list_says_what_to_do(string path, string route, string sentence)
    {
        route.ShouldStartWith("/v1/");
        host.Api.Empty = true;
        (await dora.Page(path)).QuerySelectorAll(".empty h2").Select(h => h.TextContent).ShouldContain(sentence);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_page_that_may_not_be_seen_says_whom_to_ask(string path, string route, string sentence)
    {
        sentence.ShouldNotBeEmpty();
        host.Api.Refuse(route, 403, "permission.denied", "Your roles do not allow this.");
        var page = await dora.Page(path, HttpStatusCode.Forbidden);
        page.QuerySelector(".empty h2")!.TextContent.ShouldBe("Your role does not open this page");
        page.QuerySelector(".empty")!.TextContent.ShouldContain("Ask an administrator");
        page.QuerySelector("nav.nav").ShouldNotBeNull("the way out stays");
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_failing_service_gives_its_trace(string path, string route, string sentence)
    {
        sentence.ShouldNotBeEmpty();
        host.Api.Refuse(route, 500, "service.failed", "It failed on our side.");
        var page = await dora.Page(path, HttpStatusCode.InternalServerError);
        page.QuerySelector(".empty")!.TextContent.ShouldContain("4bf92f3577b34da6a3ce929d0e0e4736");
    }

    [Fact]
    public async Task A_session_whose_token_is_refused_ends_at_the_sign_in()
    {
        host.Api.Refuse("/v1", 401, "credential.invalid", "Ended.");
        var response = await dora.Get("/instances?status=running");
        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        response.Headers.Location!.ToString().ShouldContain("/sign-in?ended=1&return=%2Finstances%3Fstatus%3Drunning");
    }

    [Fact]
    public async Task An_act_that_is_refused_is_told_on_the_page_it_came_from()
    {
        var page = await dora.Page("/incidents");
        host.Api.Refuse("/v1/incidents", 200, "", "");
        host.Api.Allow("/v1/incidents");
        var form = page.QuerySelector("form[action$='/retry']")!;
        var action = form.GetAttribute("action")!;
        host.Api.Refuse("/v1" + action, 409, "incident.over", "It was resolved a moment ago. Load the page again.");
        var response = await dora.Send(page, action, ("reason", "ERP is up"));
        response.Headers.Location!.ToString().ShouldBe("/incidents");
        (await dora.Page("/incidents")).QuerySelector(".toast-warn")!.TextContent.ShouldContain("resolved a moment ago");
    }

    [Fact]
    public async Task A_new_key_is_shown_once()
    {
        var response = await dora.Send(await dora.Page("/keys"), "/keys", ("name", "ERP"));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await dora.Read(response)).QuerySelector("#secret")!.TextContent.ShouldStartWith("cs_live_");
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await dora.Page("/keys")).QuerySelector("#secret").ShouldBeNull();
    }

    [Fact]
    public async Task Links_are_those_the_person_may_open()
    {
        using var tess = await Visitor.SignedIn(host, "tess");
        var links = (await tess.Page("/dashboard")).QuerySelectorAll("aside nav a").Select(a => a.GetAttribute("href")).ToList();
        links.ShouldContain("/trail");
        links.ShouldNotContain("/inbox");
        links.ShouldNotContain("/keys");
    }

    [Fact]
    public async Task The_colours_are_kept_in_a_cookie()
    {
        var response = await dora.Send(await dora.Page("/inbox"), "/theme", ("theme", "dark"));
        response.Headers.Location!.ToString().ShouldBe("/inbox");
        (await dora.Page("/inbox")).QuerySelector("html")!.GetAttribute("data-theme").ShouldBe("dark");
    }

    [Fact]
    public async Task An_upload_that_is_no_file_is_refused_with_a_sentence()
    {
        var page = await dora.Page("/documents");
        var response = await dora.Send(page, "/documents");
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await dora.Read(response)).QuerySelector(".note-bad")!.TextContent.ShouldContain("Choose between 1 and 50 files");
    }
}
