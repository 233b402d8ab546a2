using System.Collections.Concurrent;
using Countersign.Console.Sample;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>The machine's Chromium over the sample host; tests are skipped with a sentence where there is none.</summary>
public sealed class Browser : IAsyncLifetime
{
    private Chromium? chromium;

    public SampleHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await SampleHost.Start();
        chromium = await Chromium.Start();
    }

    public async ValueTask DisposeAsync()
    {
        if (chromium is not null)
            await chromium.DisposeAsync();
        await Host.DisposeAsync();
    }

    /// <summary>A signed-in visitor on a page; what the page complains about is collected.</summary>
    public async Task<Visit> Open(string path, string user = "ben", bool phone = false, bool dark = false, bool script = true)
    {
        Assert.SkipWhen(chromium is null, Chromium.Missing);
        var context = await chromium!.Visitor(phone, dark, script);
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
