using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>The page to read the API on, as somebody sees it who is not signed in.</summary>
public sealed class ApiPageTests
{
    [Fact]
    public async Task The_page_shows_the_routes_under_its_policy_and_asks_no_other_host()
    {
        await using var service = await RealService.Start(TestContext.Current.CancellationToken);
        await using var visit = await service.Visitor();
        var asked = new ConcurrentQueue<string>();
        visit.Page.Request += (_, request) => asked.Enqueue(request.Url);

        await visit.Go("/docs/api");
        await visit.Page.GetByText("/v1/batches/{id}/cancel").First.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        await visit.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Open Group - Webhooks" }).ClickAsync();
        await visit.Page.GetByText("Sends a delivery again, with the same message id").First.ClickAsync();
        await visit.Page.GetByText("/v1/webhook-deliveries/{id}/replay").First.WaitForAsync();
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_SCREENSHOTS") is { Length: > 0 } folder)
            await visit.Page.ScreenshotAsync(new PageScreenshotOptions { Path = System.IO.Path.Combine(folder, "api-page.png") });

        visit.Complaints.ShouldBeEmpty();
        asked.Where(url => !url.StartsWith("data:", StringComparison.Ordinal)).Select(url => new Uri(url).Authority).Distinct().ShouldHaveSingleItem().ShouldBe(service.Address.Authority);
        asked.ShouldContain(url => url.EndsWith("/openapi/v1.json", StringComparison.Ordinal));
    }
}
