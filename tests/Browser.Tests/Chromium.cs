using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>The machine's own Chromium; nothing is downloaded.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    public const string Missing = "No Chromium on this machine: install it (apt-get install chromium) or name it in COUNTERSIGN_CHROMIUM.";
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <summary>Null where the machine has none.</summary>
    public static async Task<Chromium?> Start()
    {
        var path = Environment.GetEnvironmentVariable("COUNTERSIGN_CHROMIUM") ?? Places.FirstOrDefault(File.Exists);
        if (path is null)
            return null;
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        return new Chromium(playwright, browser);
    }

    /// <summary>A visitor of his own: no cookie is shared with another.</summary>
    public async Task<IBrowserContext> Visitor(bool phone = false, bool dark = false, bool script = true)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = phone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1440, Height = 900 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            JavaScriptEnabled = script,
        });
        context.SetDefaultTimeout(60_000);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
