using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>From zero to a signed invoice and a verified export, as the README walks it, on the real service.</summary>
public sealed class JourneyTests
{
    [Fact]
    public async Task From_an_uploaded_invoice_over_two_signatures_to_a_proven_export()
    {
        await using var service = await RealService.Start(TestContext.Current.CancellationToken);
        await using (var ana = await service.SignIn("ana"))
            await Upload(ana);
        var twice = await FirstSignature(service);
        await SecondSignature(service, twice);
        await Export(service);
    }

    private static async Task Upload(Visit ana)
    {
        await ana.Go("/documents");
        var files = Directory.GetFiles(Path.Combine(RealService.Root, "samples", "invoice", "documents")).Order(StringComparer.Ordinal).ToArray();
        await ana.Page.Locator("#files").SetInputFilesAsync(files);
        await ana.Page.Locator("form[data-upload] button").ClickAsync();
        await Assertions.Expect(ana.Page.Locator("[data-progress] a")).ToHaveCountAsync(files.Length, new LocatorAssertionsToHaveCountOptions { Timeout = 120_000 });
        ana.Complaints.ShouldBeEmpty();
    }

    /// <summary>Ben gives the first of two signatures and finds that he may not give the second. Returns the path of the case.</summary>
    private static async Task<string> FirstSignature(RealService service)
    {
        await using var ben = await service.SignIn("ben");
        var page = ben.Page;
        await Reload.Until(page, "/inbox", p => Row(p, "First signature").CountAsync());
        await Row(page, "First signature").Locator("a.row-link").ClickAsync();
        await page.Locator("[data-verb=claim]").ClickAsync();
        await page.Locator("[data-verb=approve]").WaitForAsync();
        var instance = await page.Locator("a[href^='/instances/']").First.GetAttributeAsync("href");
        await page.Locator("[data-verb=approve]").ClickAsync();
        await page.WaitForURLAsync("**/inbox");
        await Reload.Until(page, "/inbox", p => Row(p, "Second signature").CountAsync());
        (await Row(page, "Second signature").InnerTextAsync()).ShouldContain("Not you");
        await Row(page, "Second signature").Locator("a.row-link").ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToBeVisibleAsync();
        (await page.Locator("[data-verb=approve]").CountAsync()).ShouldBe(0, "Who signed first may look, but not sign again.");
        ben.Complaints.ShouldBeEmpty();
        return instance!;
    }

    private static async Task SecondSignature(RealService service, string instance)
    {
        await using var cleo = await service.SignIn("cleo");
        var page = cleo.Page;
        await Reload.Until(page, "/inbox", p => Row(p, "Second signature").CountAsync());
        await Row(page, "Second signature").Locator("a.row-link").ClickAsync();
        await page.Locator("[data-verb=claim]").ClickAsync();
        await page.Locator("[data-verb=approve]").ClickAsync();
        await page.WaitForURLAsync("**/inbox");
        await Reload.Until(page, instance, p => p.GetByText("Ended", new PageGetByTextOptions { Exact = false }).CountAsync());
        var history = await page.Locator("main").InnerTextAsync();
        history.ShouldContain("Ben Bauer");
        history.ShouldContain("Cleo");
        cleo.Complaints.ShouldBeEmpty();
    }

    private static ILocator Row(IPage page, string step) => page.Locator("tr[data-row]", new PageLocatorOptions { HasText = step }).First;

    private static async Task Export(RealService service)
    {
        await using var tess = await service.SignIn("tess");
        var page = tess.Page;
        await page.GotoAsync(new Uri(new Uri(page.Url), "/trail").ToString());
        await page.Locator("#purpose").FillAsync("The journey of the first invoice");
        await page.RunAndWaitForResponseAsync(() => page.Locator("form[action='/exports'] button").ClickAsync(), r => r.Request.Method == "POST" && r.Url.EndsWith("/exports", StringComparison.Ordinal));
        var ready = page.Locator("a[href^='/files/exports/']").First;
        await Reload.Until(page, "/trail", p => p.Locator("a[href^='/files/exports/']").CountAsync());
        var download = await page.RunAndWaitForDownloadAsync(() => ready.ClickAsync());
        var file = await download.PathAsync();
        var (code, said) = await Cli.Run("verify", file);
        said.ShouldContain("PROVEN");
        code.ShouldBe(0);
        await Cli.ChangeOneByte(file);
        (code, said) = await Cli.Run("verify", file);
        code.ShouldNotBe(0, said);
        tess.Complaints.ShouldBeEmpty();
    }
}

/// <summary>Looks again until a page shows what is to come: the work behind it is asynchronous.</summary>
internal static class Reload
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    public static async Task Until(IPage page, string path, Func<IPage, Task<int>> shown)
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await page.GotoAsync(new Uri(new Uri(page.Url), path).ToString());
                if (await shown(page) > 0)
                    return;
            }
            catch (PlaywrightException e) when (e.Message.Contains("ERR_ABORTED", StringComparison.Ordinal))
            {
                // The page was on its way somewhere by itself; that is over at the next look.
            }

            if (watch.Elapsed > Bound)
                throw new TimeoutException($"{path} still shows:{Environment.NewLine}{await page.InnerTextAsync("body")}");
            await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
