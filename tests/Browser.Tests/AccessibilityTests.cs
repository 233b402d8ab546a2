using System.Text.Json;

namespace Countersign.Browser.Tests;

/// <summary>axe-core's WCAG 2.2 A and AA rules, no horizontal scrolling, and no complaint of the browser, on each main page.</summary>
public sealed class AccessibilityTests(Browser browser) : IClassFixture<Browser>
{
    public static TheoryData<string> Pages =>
    [
        "/sign-in", "/inbox", "TASK", "INSTANCE", "/instances", "/documents", "/decisions", "DECISION", "/dashboard", "/trail", "/webhooks", "/keys", "/reference-tables",
        "/processes", "/processes/invoice/2", "/policies", "/policies/invoice-approval/5", "/members", "/incidents", "/batches",
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_has_no_barrier(string page)
    {
        var path = page switch
        {
            "TASK" => "/tasks/" + browser.Host.Api.TaskId(1),
            "INSTANCE" => "/instances/" + browser.Host.Api.InstanceId(5),
            "DECISION" => "/decisions/" + browser.Host.Api.DecisionId(1),
            _ => page,
        };
        foreach (var (phone, dark) in ((bool, bool)[])[(false, false), (true, true)])
        {
            await using var visit = await browser.Open(path, page == "TASK" ? "ben" : "dora", phone, dark);
            if (page == "TASK")
                await visit.Drawn();
            if (page is "INSTANCE" or "/processes/invoice/2")
                await visit.Page.WaitForSelectorAsync("[data-diagram][data-ready=yes]");
            visit.Complaints.ShouldBeEmpty(path);
            var wider = await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
            wider.ShouldBeLessThanOrEqualTo(0, $"{path} scrolls sideways (phone: {phone})");
            await visit.Page.EvaluateAsync(Axe());
            var found = await visit.Page.EvaluateAsync<JsonElement>(
                "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(r => r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? '')).join(' | ')))");
            found.EnumerateArray().Select(v => v.GetString()).ShouldBeEmpty($"{path} (phone: {phone}, dark: {dark})");
        }
    }

    private static string Axe()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = System.IO.Path.Combine(folder.FullName, "src", "Console", "node_modules", "axe-core", "axe.min.js");
            if (File.Exists(file))
                return File.ReadAllText(file);
        }

        throw new FileNotFoundException("axe-core was not found: build src/Console once, it installs the browser assets.");
    }
}
