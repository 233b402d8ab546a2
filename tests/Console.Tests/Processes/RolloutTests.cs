using Countersign.Console.Sample;

namespace Countersign.Console.Tests.Processes;

/// <summary>A rollout on the page of its process: drawn, counted, and acted on with a reason.</summary>
public sealed class RolloutTests : IAsyncLifetime
{
    private const string Url = "/processes/invoice/2";
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
    public async Task The_share_is_drawn_and_said_and_the_instances_of_both_versions_are_counted()
    {
        var page = await dora.Page(Url);
        var bar = page.QuerySelector("svg.share-bar")!;
        bar.GetAttribute("aria-label").ShouldBe("10 % of the starts run version 2, the others version 1.");
        bar.QuerySelectorAll("rect").Select(r => r.GetAttribute("width")).ShouldBe(["100", "900"]);
        page.QuerySelectorAll("section[aria-labelledby=rollout-h] tbody tr").Select(r => string.Join(' ', r.QuerySelectorAll("td").Select(d => d.TextContent.Trim()))).ShouldBe(["1284 1197 6 2 9", "141 128 1 1 1"]);
        page.QuerySelectorAll("section[aria-labelledby=versions-h] .badge").Select(b => b.TextContent.Trim()).ShouldBe(["candidate for 10 % of the starts", "in force"]);
        var list = await dora.Page("/processes");
        list.QuerySelectorAll(".badge").ShouldContain(b => b.TextContent.Contains("version 2 is being rolled out"));
    }

    [Fact]
    public async Task Whom_it_is_for_is_changed_in_percent_or_groups()
    {
        await dora.Send(await dora.Page(Url), Url + "/rollout", ("share", "12.5"), ("groups", ""), ("reason", "it goes well"));
        host.Api.Rollouts[^1].ShouldSatisfyAllConditions(r => r.Share.ShouldBe(0.125m), r => r.Groups.ShouldBeNull(), r => r.Reason.ShouldBe("it goes well"));
        (await dora.Page(Url)).QuerySelector(".toast")!.TextContent.ShouldContain("Changed");
        await dora.Send(await dora.Page(Url), Url + "/rollout", ("share", ""), ("groups", "pilots, nobody ,"), ("reason", "only them"));
        host.Api.Rollouts[^1].ShouldSatisfyAllConditions(r => r.Share.ShouldBeNull(), r => r.Groups.ShouldBe(["pilots", "nobody"]));
        var page = await dora.Page(Url);
        page.QuerySelector("svg.share-bar").ShouldBeNull();
        page.QuerySelector(".note-warn")!.TextContent.ShouldContain("Nobody belongs to nobody");
    }

    [Fact]
    public async Task A_share_that_is_no_percentage_is_refused_with_a_sentence_and_nothing_is_sent()
    {
        foreach (var share in (string[])["ten", "1e1", "-5", "101", "10,5", "NaN"])
        {
            await dora.Send(await dora.Page(Url), Url + "/rollout", ("share", share), ("reason", "x"));
            host.Api.Rollouts.ShouldBeEmpty(share);
            (await dora.Page(Url)).QuerySelector(".toast")!.TextContent.ShouldContain("Write the share as a number of percent");
        }
    }

    [Theory]
    [InlineData("promote", "In force for all new cases")]
    [InlineData("withdraw", "Withdrawn")]
    public async Task It_ends_with_a_reason_and_the_page_says_so(string act, string says)
    {
        var page = await dora.Page(Url);
        page.QuerySelector($"form[action='{Url}/{act}'] input[name=reason][required]").ShouldNotBeNull();
        page.QuerySelector($"form[action='{Url}/{act}'] input[name=read]")!.GetAttribute("value").ShouldBe("7");
        await dora.Send(page, $"{Url}/{act}", ("reason", "decided"));
        page = await dora.Page(Url);
        page.QuerySelector(".toast")!.TextContent.ShouldContain(says);
        page.QuerySelector("section[aria-labelledby=rollout-h]").ShouldBeNull();
    }

    [Fact]
    public async Task A_case_says_how_its_version_was_chosen()
    {
        foreach (var (number, sentence) in ((int, string)[])[
            (1, "Started by version 2, which was being rolled out to 10 % of the starts; version 1 was in force."),
            (2, "Started by version 2, in force; version 3 was being rolled out to 12.5 % of the starts, not to this one."),
            (3, "Started by version 2, which was being rolled out to the group clerks of the starter; version 1 was in force.")])
            (await dora.Page("/instances/" + host.Api.InstanceId(number))).QuerySelectorAll(".sub").ShouldContain(s => s.TextContent.Trim() == sentence);
    }

    [Fact]
    public async Task Who_may_not_publish_sees_it_and_can_do_nothing()
    {
        using var tess = await Visitor.SignedIn(host, "tess");
        var page = await tess.Page(Url);
        page.QuerySelector("svg.share-bar").ShouldNotBeNull();
        page.QuerySelectorAll("form[action^='/processes']").ShouldBeEmpty();
        (await tess.Page("/processes")).QuerySelector("form[action='/processes']").ShouldBeNull();
    }
}
