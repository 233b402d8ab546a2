using System.Collections.Concurrent;
using Countersign.Console.Sample;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>The machine's Chromium over the sample host; tests are skipped with a sentence where there is none.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];
    private IPlaywright? playwright;
    private IBrowser? chromium;

    public SampleHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await SampleHost.Start();
        var path = Environment.GetEnvironmentVariable("COUNTERSIGN_CHROMIUM") ?? Places.FirstOrDefault(File.Exists);
        if (path is null)
            return;
        playwright = await Playwright.CreateAsync();
        chromium = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (chromium is not null)
            await chromium.DisposeAsync();
        playwright?.Dispose();
        await Host.DisposeAsync();
    }

    /// <summary>A signed-in visitor on a page; what the page complains about is collected.</summary>
    public async Task<Visit> Open(string path, string user = "ben", bool phone = false, bool dark = false, bool script = true)
    {
        Assert.SkipWhen(chromium is null, "No Chromium on this machine: install it (apt-get install chromium) or name it in COUNTERSIGN_CHROMIUM.");
        var context = await chromium!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = phone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1440, Height = 900 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            JavaScriptEnabled = script,
        });
        context.SetDefaultTimeout(60_000);
        await context.AddCookiesAsync([new Cookie { Name = "sample-user", Value = user, Url = Host.Address.ToString() }]);
        var visit = new Visit(context, await context.NewPageAsync(), Host.Address);
        await visit.Go("/sign-in/start?return=" + Uri.EscapeDataString(path));
        return visit;
    }
}

/// <summary>One page of one visitor.</summary>
public sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly Uri address;

    internal Visit(IBrowserContext context, IPage page, Uri address)
    {
        this.context = context;
        this.address = address;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                Complaints.Enqueue(message.Text);
        };
        page.PageError += (_, error) => Complaints.Enqueue(error);
    }

    public IPage Page { get; }

    /// <summary>Errors of scripts, of the content security policy and of the network.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    public string Path => new Uri(Page.Url).PathAndQuery;

    public async Task Go(string path)
    {
        await Page.GotoAsync(new Uri(address, path).ToString());
        await Page.WaitForLoadStateAsync(LoadState.Load);
    }

    /// <summary>Waits until the pages of the document are drawn.</summary>
    public Task Drawn() => Page.WaitForSelectorAsync("[data-viewer][data-ready=yes]");

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
