using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>A rollout as a designer sees it and widens it.</summary>
public sealed class RolloutTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task A_candidate_is_widened_from_a_tenth_to_three_tenths()
    {
        await using var visit = await browser.Open("/processes/invoice/2", "dora");
        await visit.Page.WaitForSelectorAsync("[data-diagram][data-ready=yes]");
        await Shot(visit, "rollout.png");
        await visit.Page.ClickAsync("button[data-dialog=widen]");
        await Shot(visit, "rollout-widen.png");
        await visit.Page.FillAsync("#widen-share", "30");
        await visit.Page.FillAsync("#widen-reason", "Two days without an incident.");
        await visit.Page.ClickAsync("dialog[open] .button-primary");
        await visit.Page.WaitForSelectorAsync("svg.share-bar[aria-label^='30 %']");
        browser.Host.Api.Rollouts.ShouldHaveSingleItem().Share.ShouldBe(0.3m);
        visit.Complaints.ShouldBeEmpty();
        await using var phone = await browser.Open("/processes/invoice/2", "tess", phone: true, dark: true);
        (await phone.Page.QuerySelectorAsync("button[data-dialog=promote]")).ShouldBeNull("an auditor looks and does nothing");
        await Shot(phone, "rollout-phone.png");
    }

    private static async Task Shot(Visit visit, string name)
    {
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_SCREENSHOTS") is { Length: > 0 } folder)
            await visit.Page.ScreenshotAsync(new PageScreenshotOptions { Path = System.IO.Path.Combine(folder, name), FullPage = name != "rollout-widen.png" });
    }
}
