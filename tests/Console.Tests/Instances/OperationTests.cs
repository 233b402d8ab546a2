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
        foreach (var act in (string[])["suspend", "move", "variables", "cancel"])
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
    public async Task A_case_near_its_limit_says_so_and_can_be_given_more_or_be_continued()
    {
        var url = "/instances/" + host.Api.InstanceId(4);
        var page = await dora.Page(url);
        page.Body!.TextContent.ShouldContain("It is getting very long: 41220 of 50000 facts");
        page.QuerySelector("a[href='/instances/0198c0de-0000-7000-8000-0000000bac04']")!.TextContent.ShouldBe("Open the predecessor");
        var limit = page.QuerySelector($"form[action='{url}/raise'] input[name=limit][required]")!;
        (limit.GetAttribute("min"), limit.GetAttribute("max"), limit.GetAttribute("value")).ShouldBe(("50001", "90000", "60000"));
        foreach (var (act, says) in ((string, string)[])[("raise", "The limit is raised"), ("continue", "It goes on here")])
        {
            page.QuerySelector($"form[action='{url}/{act}'] textarea[name=reason][required]").ShouldNotBeNull(act);
            var response = await dora.Send(await dora.Page(url), $"{url}/{act}", ("reason", "needed"), ("limit", "60000"));
            response.Headers.Location!.ToString().ShouldBe(url);
            (await dora.Page(url)).QuerySelector(".toast")!.TextContent.ShouldContain(says);
        }

        (await dora.Page("/instances/" + host.Api.InstanceId(6))).QuerySelector("a[href='/instances/0198c0de-0000-7000-8000-0000000bac06']")!.TextContent.ShouldBe("Open the successor");
        using var ben = await Visitor.SignedIn(host);
        (await ben.Page(url)).QuerySelectorAll("form").Select(f => f.GetAttribute("action") ?? "").ShouldNotContain(a => a.EndsWith("/raise") || a.EndsWith("/continue"));
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

    [Theory]
    [InlineData("text", "12", "\"12\"")]
    [InlineData("number", "12.50", "12.50")]
    [InlineData("truth", "true", "true")]
    [InlineData("nothing", "", "null")]
    [InlineData("json", """{"a":[1]}""", """{"a":[1]}""")]
    public async Task A_variable_is_set_as_the_kind_that_was_chosen_with_a_reason(string kind, string value, string json)
    {
        var url = "/instances/" + host.Api.InstanceId(1);
        var page = await dora.Page(url);
        page.QuerySelector($"form[action='{url}/variables'] textarea[name=reason][required]").ShouldNotBeNull();
        page.QuerySelectorAll("#set-names option").Length.ShouldBeGreaterThan(0, "what is there is offered");
        await dora.Send(page, url + "/variables", ("name", "amount"), ("kind", kind), ("value", value), ("reason", "misread"));
        var sent = host.Api.VariablesSet.ShouldHaveSingleItem();
        (sent.Reason, sent.Variables.ShouldHaveSingleItem().Key, sent.Variables["amount"].GetRawText()).ShouldBe(("misread", "amount", json));
        (await dora.Page(url)).QuerySelector(".toast")!.TextContent.ShouldContain("Set. Who did it");
    }

    [Fact]
    public async Task A_value_of_another_kind_is_not_sent_and_a_refusal_is_shown_in_the_services_words()
    {
        var url = "/instances/" + host.Api.InstanceId(1);
        foreach (var (kind, value) in ((string, string)[])[("number", "twelve"), ("number", "1,5"), ("truth", "yes"), ("json", "{"), ("nothing", "x"), ("date", "x")])
        {
            await dora.Send(await dora.Page(url), url + "/variables", ("name", "amount"), ("kind", kind), ("value", value), ("reason", "misread"));
            (await dora.Page(url)).QuerySelector(".toast")!.TextContent.ShouldContain("Nothing was set", customMessage: kind);
        }

        host.Api.VariablesSet.ShouldBeEmpty();
        host.Api.Refuse($"/v1{url}/variables", 412, "precondition.failed", "It has changed since you read it. Load it again.");
        await dora.Send(await dora.Page(url), url + "/variables", ("name", "amount"), ("kind", "text"), ("value", "x"), ("reason", "misread"));
        (await dora.Page(url)).QuerySelector(".toast")!.TextContent.ShouldContain("It has changed since you read it");
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
        page.QuerySelectorAll("form").Select(f => f.GetAttribute("action") ?? "").ShouldNotContain(a => a.EndsWith("/suspend") || a.EndsWith("/move") || a.EndsWith("/variables"));
        page.QuerySelectorAll("nav a").Select(a => a.GetAttribute("href")).ShouldNotContain("/batches");
    }
}
