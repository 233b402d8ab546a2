using System.Reflection;
using Countersign.TestKit.Services;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>The product as a new user starts it, on a data folder of its own, and people who use it with a browser.</summary>
internal sealed class RealService : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("countersign-journey-");
    private readonly Chromium _chromium;
    private readonly ServiceProcess _process;

    private RealService(Chromium chromium)
    {
        _chromium = chromium;
        _process = new ServiceProcess(Built("Api"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Countersign__DataFolder"] = _folder.FullName,
        });
    }

    /// <summary>The assembly of a project of the product, in the folder it was built into.</summary>
    public static string Built(string project, string? assembly = null)
    {
        var configuration = typeof(RealService).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        return Path.Combine(Root, "src", project, "bin", configuration, "net10.0", (assembly ?? $"Countersign.{project}") + ".dll");
    }

    /// <summary>Root of the repository: the samples lie below it.</summary>
    public static string Root { get; } = FindRoot();

    public static async Task<RealService> Start(CancellationToken cancel)
    {
        var chromium = await Chromium.Start();
        Assert.SkipWhen(chromium is null, Chromium.Missing);
        var service = new RealService(chromium!);
        using var http = new HttpClient { BaseAddress = service._process.Address };
        await service._process.StartAsync(http, Bound, cancel);
        return service;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => _process.Address;

    /// <summary>Somebody who is not signed in.</summary>
    public async Task<Visit> Visitor()
    {
        var context = await _chromium.Visitor();
        return new Visit(context, await context.NewPageAsync(), _process.Address);
    }

    /// <summary>Somebody who opens the product's first page and signs in.</summary>
    public async Task<Visit> SignIn(string login)
    {
        var context = await _chromium.Visitor();
        var visit = new Visit(context, await context.NewPageAsync(), _process.Address);
        await visit.Go("/");
        // The first page offers the sign-in; the provider's page asks who it is.
        if (await visit.Page.Locator("input[name=login]").CountAsync() == 0)
            await visit.Page.Locator("a[href^='/sign-in/start']").First.ClickAsync();
        await visit.Page.Locator("input[name=login]").FillAsync(login);
        await visit.Page.Locator("input[name=password]").FillAsync("demo");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.Locator("nav a[href='/inbox']").First.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        return visit;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _chromium.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Saas.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The repository's root is not above the tests.");
        return folder.FullName;
    }
}
