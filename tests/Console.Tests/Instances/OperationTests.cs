using Countersign.Console.Sample;

namespace Countersign.Console.Tests.Instances;

/// <summary>What an operator does on the page of an instance: each act asks why, and is sent once.</summary>
public sealed class OperationTests : IAsyncLifetime
{
    private SampleHost host = null!;
    private Visitor dora = null!;

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

    [Fact]
    public async Task A_running_case_can_be_suspended_and_moved_with_a_reason()
    {
        var url = "/instances/" + host.Api.InstanceId(1);
        var page = await dora.Page(url);
        foreach (var act in (string[])["suspend", "move", "cancel"])
            page.QuerySelector($"form[action='{url}/{act}'] textarea[name=reason][required]").ShouldNotBeNull(act);
        page.QuerySelectorAll($"form[action='{url}/move'] select[name=from] option").Length.ShouldBe(1);
        page.QuerySelectorAll($"form[action='{url}/move'] select[name=to] option").Length.ShouldBeGreaterThan(5);
        foreach (var (act, says, more) in ((string, string, string)[])[("suspend", "Suspended", "book"), ("move", "Moved", "book")])
        {
            var response = await dora.Send(await dora.Page(url), $"{url}/{act}", ("reason", "disputed"), ("to", more));
            response.Headers.Location!.ToString().ShouldBe(url);
            (await dora.Page(url)).QuerySelector(".toast")!.TextContent.ShouldContain(says);
        }

        host.Api.Keys.Distinct(StringComparer.Ordinal).Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_case_that_is_stuck_can_go_on_behind_or_elsewhere()
    {
        var url = "/instances/" + host.Api.InstanceId(5);
        foreach (var (act, says) in ((string, string)[])[("skip", "Skipped"), ("reroute", "goes on there")])
        {
            var page = await dora.Page(url);
            var action = page.QuerySelectorAll("form").Select(f => f.GetAttribute("action") ?? "").Single(a => a.EndsWith('/' + act));
            var response = await dora.Send(page, action, ("reason", "by hand"), ("to", "review"));
            response.Headers.Location!.ToString().ShouldBe(url);
            (await dora.Page(url)).QuerySelector(".toast")!.TextContent.ShouldContain(says);
        }
    }

    [Fact]
    public async Task Many_are_judged_first_and_the_refusals_are_shown()
    {
        var page = await dora.Page("/batches");
        page.QuerySelector("form[action='/batches'] input[name=dry][checked]").ShouldNotBeNull("nothing is changed unless it is asked for");
        var response = await dora.Send(page, "/batches", ("kind", "migrate"), ("process", "invoice"), ("target", "2"), ("reason", "new law"));
        var batch = response.Headers.Location!.ToString();
        batch.ShouldStartWith("/batches/");
        var shown = await dora.Page(batch);
        shown.QuerySelector("[data-sentence]")!.TextContent.ShouldContain("1 would be refused");
        shown.QuerySelector("tbody")!.TextContent.ShouldContain("'Approve' is not in the other version");
        (await dora.Send(await dora.Page("/batches"), "/batches", ("kind", "explode"))).Headers.Location!.ToString().ShouldBe("/batches");
        (await dora.Page("/batches")).QuerySelector(".toast")!.TextContent.ShouldContain("Choose what is done");
    }

    [Fact]
    public async Task Who_is_no_operator_sees_no_such_buttons()
    {
        using var ben = await Visitor.SignedIn(host);
        var page = await ben.Page("/instances/" + host.Api.InstanceId(1));
        page.QuerySelectorAll("form").Select(f => f.GetAttribute("action") ?? "").ShouldNotContain(a => a.EndsWith("/suspend") || a.EndsWith("/move"));
        page.QuerySelectorAll("nav a").Select(a => a.GetAttribute("href")).ShouldNotContain("/batches");
    }
}
