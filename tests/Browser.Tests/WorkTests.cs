using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>A day's work in a real browser, each test with data of its own.</summary>
public sealed class WorkTests : IAsyncLifetime
{
    private readonly Browser browser = new();

    public ValueTask InitializeAsync() => browser.InitializeAsync();

    public ValueTask DisposeAsync() => browser.DisposeAsync();

    [Fact]
    public async Task From_the_inbox_by_keys_to_a_signature()
    {
        await using var visit = await browser.Open("/inbox");
        await visit.Page.Keyboard.PressAsync("j");
        await visit.Page.Keyboard.PressAsync("j");
        await visit.Page.Keyboard.PressAsync("k");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.WaitForURLAsync("**/tasks/**");
        await visit.Page.Locator("[data-verb=claim]").ClickAsync();
        await visit.Drawn();
        (await visit.Page.Locator(".mark").CountAsync()).ShouldBe(10);
        await visit.Page.Locator("h1").ClickAsync();
        await visit.Page.Keyboard.PressAsync("a");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.WaitForURLAsync("**/inbox");
        (await visit.Page.Locator(".toast").TextContentAsync()).ShouldNotBeNull().ShouldContain("Signed");
        var answer = browser.Host.Api.Answers.ShouldHaveSingleItem();
        answer.Verdict.ShouldBe("approve");
        answer.ShownDigest.ShouldNotBeNullOrEmpty();
        answer.DwellMilliseconds.ShouldNotBeNull().ShouldBeGreaterThan(0);
        answer.Opened.ShouldNotBeNull().ShouldNotBeEmpty();
        visit.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_operator_sets_a_variable_in_a_dialog_and_says_why()
    {
        await using var visit = await browser.Open("/instances/" + browser.Host.Api.InstanceId(1), "dora");
        await visit.Page.Locator("[data-dialog=set]").ClickAsync();
        await visit.Page.Locator("#set-name").FillAsync("amount");
        await visit.Page.Locator("#set-kind").SelectOptionAsync("number");
        await visit.Page.Locator("#set-value").FillAsync("118.50");
        await visit.Page.Locator("dialog#set .button-primary").ClickAsync();
        // The browser itself asks for the reason.
        browser.Host.Api.VariablesSet.ShouldBeEmpty();
        await visit.Page.Locator("#set-reason").FillAsync("The reader took the net amount");
        await visit.Page.Locator("dialog#set .button-primary").ClickAsync();
        (await visit.Page.Locator(".toast").TextContentAsync()).ShouldNotBeNull().ShouldContain("Set. Who did it");
        var sent = browser.Host.Api.VariablesSet.ShouldHaveSingleItem();
        (sent.Variables["amount"].GetDecimal(), sent.Reason).ShouldBe((118.50m, "The reader took the net amount"));
        visit.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_changed_value_turns_approving_into_correcting()
    {
        await using var visit = await browser.Open("/tasks/" + browser.Host.Api.TaskId(1));
        await visit.Drawn();
        (await visit.Page.Locator("[data-verb=correct]").IsDisabledAsync()).ShouldBeTrue();
        await visit.Page.Locator("input[name='field.gross']").FillAsync("380.10");
        (await visit.Page.Locator("[data-verb=approve]").IsDisabledAsync()).ShouldBeTrue();
        (await visit.Page.Locator(".mark.on").GetAttributeAsync("data-for")).ShouldBe("gross");
        await visit.Page.Locator("[data-verb=correct]").ClickAsync();
        await visit.Page.WaitForURLAsync("**/inbox");
        browser.Host.Api.Answers.ShouldHaveSingleItem().Variables!["gross"].GetDecimal().ShouldBe(380.10m);
    }

    [Fact]
    public async Task Rejecting_asks_for_the_reason_first()
    {
        await using var visit = await browser.Open("/tasks/" + browser.Host.Api.TaskId(1), phone: true);
        await visit.Drawn();
        await visit.Page.Locator("[data-verb=reject]").ClickAsync();
        (await visit.Page.EvaluateAsync<string>("document.activeElement.id")).ShouldBe("reason");
        browser.Host.Api.Answers.ShouldBeEmpty();
        await visit.Page.Locator("#reason").FillAsync("Delivered quantity differs");
        await visit.Page.Locator("[data-verb=reject]").ClickAsync();
        await visit.Page.WaitForURLAsync("**/inbox");
        browser.Host.Api.Answers.ShouldHaveSingleItem().Reason.ShouldBe("Delivered quantity differs");
    }

    [Fact]
    public async Task Without_script_a_case_is_signed_all_the_same()
    {
        await using var visit = await browser.Open("/tasks/" + browser.Host.Api.TaskId(1), script: false);
        await visit.Page.Locator("button[value=approve]").ClickAsync();
        await visit.Page.WaitForURLAsync("**/inbox");
        browser.Host.Api.Answers.ShouldHaveSingleItem().Verdict.ShouldBe("approve");
    }

    [Fact]
    public async Task A_dropped_or_chosen_file_starts_a_run_and_says_so()
    {
        await using var visit = await browser.Open("/documents", "dora");
        await visit.Page.Locator("#files").SetInputFilesAsync(new FilePayload { Name = "<img src=x onerror=alert(1)>.pdf", MimeType = "application/pdf", Buffer = "%PDF-1.4"u8.ToArray() });
        await visit.Page.Locator("[data-upload] button").ClickAsync();
        await visit.Page.Locator("[data-progress] a").WaitForAsync();
        (await visit.Page.Locator("[data-progress] [data-name]").TextContentAsync()).ShouldBe("<img src=x onerror=alert(1)>.pdf");
        (await visit.Page.Locator("[data-progress] img").CountAsync()).ShouldBe(0);
        visit.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_page_of_another_site_cannot_act_for_a_person()
    {
        await using var visit = await browser.Open("/inbox");
        // A form as another site would send it: the cookie alone is not enough.
        var status = await visit.Page.EvaluateAsync<int>("path => fetch(path, { method: 'POST', body: new URLSearchParams({ once: 'a' }) }).then(r => r.status)", $"/tasks/{browser.Host.Api.TaskId(0)}/claim");
        status.ShouldBe(400);
        browser.Host.Api.Keys.ShouldBeEmpty();
        (await visit.Page.EvaluateAsync<string>("document.cookie")).ShouldBe("sample-user=ben", "the session cookie is out of reach of scripts");
        (await visit.Page.EvaluateAsync<int>("localStorage.length + sessionStorage.length")).ShouldBe(0);
    }
}
