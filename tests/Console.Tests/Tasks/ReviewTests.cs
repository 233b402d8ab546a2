using System.Net;
using System.Text.Json;
using Countersign.Console.Sample;

namespace Countersign.Console.Tests.Tasks;

/// <summary>The review page and its answers, each test with data of its own.</summary>
public sealed class ReviewTests : IAsyncLifetime
{
    private SampleHost host = null!;
    private Visitor ben = null!;

    public async ValueTask InitializeAsync()
    {
        host = await SampleHost.Start();
        ben = await Visitor.SignedIn(host);
    }

    public async ValueTask DisposeAsync()
    {
        ben.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Approving_sends_what_was_shown_how_long_and_one_key()
    {
        var response = await Answer(1, ("verdict", "approve"), ("dwell", "48200"), ("opened", "gross,number,gross"));
        response.Headers.Location!.ToString().ShouldBe("/inbox");
        var answer = host.Api.Answers.ShouldHaveSingleItem();
        answer.Verdict.ShouldBe("approve");
        answer.ShownDigest.ShouldBe("5b1f0c1");
        answer.DwellMilliseconds.ShouldBe(48200);
        answer.Opened.ShouldBe(["gross", "number"]);
        answer.Variables.ShouldBeNull();
        host.Api.Keys.ShouldHaveSingleItem().Length.ShouldBe(32);
        (await ben.Page("/inbox")).QuerySelector(".toast")!.TextContent.ShouldContain("Signed");
        (await ben.Page("/inbox")).QuerySelector(".toast").ShouldBeNull("a toast is said once");
    }

    [Fact]
    public async Task Without_script_the_dwell_is_measured_from_the_page()
    {
        await Answer(1, ("verdict", "approve"));
        host.Api.Answers.ShouldHaveSingleItem().DwellMilliseconds.ShouldNotBeNull().ShouldBeInRange(0, 60_000);
    }

    [Fact]
    public async Task The_same_form_sent_twice_carries_the_same_key()
    {
        var page = await ben.Page(Url(1));
        await ben.Send(page, Action(1), ("verdict", "approve"));
        var second = await ben.Send(page, Action(1), ("verdict", "approve"));
        host.Api.Answers.Count.ShouldBe(1);
        second.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await ben.Read(second)).QuerySelector("h2")!.TextContent.ShouldContain("no longer open");
    }

    [Fact]
    public async Task Rejecting_needs_a_reason_and_loses_nothing()
    {
        var response = await Answer(1, ("verdict", "reject"), ("field.number", "RE-CHANGED"));
        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        host.Api.Answers.ShouldBeEmpty();
        var page = await ben.Read(response);
        page.QuerySelector(".note-bad")!.TextContent.ShouldContain("Say why you reject");
        page.QuerySelector("input[name='field.number']")!.GetAttribute("value").ShouldBe("RE-CHANGED");
        (await ben.Send(page, Action(1), ("verdict", "reject"), ("reason", "Wrong vendor"))).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        host.Api.Answers.ShouldHaveSingleItem().Reason.ShouldBe("Wrong vendor");
    }

    [Fact]
    public async Task Correcting_sends_only_what_changed_in_its_own_kind()
    {
        await Answer(1, ("verdict", "correct"), ("field.gross", "380.10"), ("field.net", "318.400"), ("field.iban", ""));
        var variables = host.Api.Answers.ShouldHaveSingleItem().Variables.ShouldNotBeNull();
        variables.Keys.ShouldBe(["gross", "iban"], ignoreOrder: true);
        variables["gross"].GetDecimal().ShouldBe(380.10m);
        variables["iban"].ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("approve", "field.gross", "1.00", "Correct and sign")]
    [InlineData("correct", "field.number", "RE-2026-4137", "No value differs")]
    [InlineData("sing", "field.number", "RE-2026-4137", "Choose one of the buttons")]
    public async Task A_verb_that_does_not_fit_is_explained(string verb, string field, string value, string sentence)
    {
        var response = await Answer(1, ("verdict", verb), (field, value));
        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ben.Read(response)).QuerySelector(".note-bad")!.TextContent.ShouldContain(sentence);
        host.Api.Answers.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_case_that_changed_is_shown_anew_and_nothing_is_signed()
    {
        var page = await ben.Page(Url(1));
        host.Api.Refuse($"/v1/tasks/{host.Api.TaskId(1)}/complete", 409, "task.view_changed", "The case changed.");
        var response = await ben.Send(page, Action(1), ("verdict", "reject"), ("reason", "Too dear"));
        response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var again = await ben.Read(response);
        again.QuerySelector(".note-warn")!.TextContent.ShouldContain("Nothing was signed");
        again.QuerySelector("textarea[name=reason]")!.TextContent.ShouldBe("Too dear");
        again.QuerySelector("input[name=digest]").ShouldNotBeNull();
    }

    [Fact]
    public async Task Who_prepared_the_case_sees_why_they_cannot_sign()
    {
        using var ana = await Visitor.SignedIn(host, "ana");
        var page = await ana.Page(Url(0));
        page.QuerySelector(".note-warn")!.TextContent.ShouldContain("You handed this invoice in");
        page.QuerySelector("button[name=verdict]").ShouldBeNull();
        page.QuerySelector($"form[action='/tasks/{host.Api.TaskId(0)}/claim']").ShouldBeNull();
    }

    [Fact]
    public async Task A_case_of_the_pool_is_taken_before_it_is_signed()
    {
        var page = await ben.Page(Url(2));
        page.QuerySelector("button[name=verdict]").ShouldBeNull();
        (await ben.Send(page, $"/tasks/{host.Api.TaskId(2)}/claim")).Headers.Location!.ToString().ShouldBe(Url(2));
        page = await ben.Page(Url(2));
        page.QuerySelectorAll("button[name=verdict]").Select(b => b.GetAttribute("value")).ShouldBe(["approve", "correct", "reject"]);
        page.QuerySelector(".checks li")!.ClassList.ShouldContain("failed", "failed checks come first");
    }

    [Fact]
    public async Task Who_has_a_case_gives_it_to_somebody_else_with_a_reason()
    {
        var page = await ben.Page(Url(1));
        var form = page.QuerySelector($"form[action='/tasks/{host.Api.TaskId(1)}/reassign']").ShouldNotBeNull();
        var people = form.QuerySelectorAll("option").Select(o => o.GetAttribute("value")).ToList();
        people.ShouldContain("cleo");
        people.ShouldNotContain("ben", "it is his already");
        (await ben.Send(page, $"/tasks/{host.Api.TaskId(1)}/reassign", ("to", "cleo"), ("reason", "On holiday"))).Headers.Location!.ToString().ShouldBe("/inbox");
        (await ben.Page("/inbox")).QuerySelector(".toast")!.TextContent.ShouldContain("Given over");
        page = await ben.Page(Url(1));
        page.QuerySelector("#reassign").ShouldBeNull("only who has the case, or an operator, may give it away");
        page.QuerySelector(".verbs")!.TextContent.ShouldContain("has this case");
    }

    [Fact]
    public async Task A_person_who_may_not_have_the_case_is_told_as_a_sentence()
    {
        var page = await ben.Page(Url(1));
        host.Api.Refuse($"/v1/tasks/{host.Api.TaskId(1)}/reassign", 403, "task.separation_of_duties", "Ana handed this invoice in and may not sign it. Choose another approver.");
        var response = await ben.Send(page, $"/tasks/{host.Api.TaskId(1)}/reassign", ("to", "ana"), ("reason", "On holiday"));
        response.Headers.Location!.ToString().ShouldBe(Url(1));
        (await ben.Page(Url(1))).QuerySelector(".toast")!.TextContent.ShouldContain("may not sign it");
    }

    [Fact]
    public async Task Marks_of_the_fields_lie_on_the_page()
    {
        var page = await ben.Page(Url(1));
        page.QuerySelectorAll("template[data-mark]").Length.ShouldBe(10);
        page.QuerySelector("template[data-mark=gross]")!.GetAttribute("data-tone").ShouldBe("warn");
        var file = await ben.Get(page.QuerySelector("[data-viewer]")!.GetAttribute("data-src")!);
        file.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");
        file.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        file.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("sandbox");
    }

    [Fact]
    public async Task An_invoice_of_data_alone_is_laid_out_for_reading()
    {
        var page = await ben.Page(Url(3));
        page.QuerySelector(".paper [data-paper=gross]")!.TextContent.ShouldContain("1028.16");
        page.QuerySelector(".paper tbody tr")!.TextContent.ShouldContain("Lunch for 24 persons");
    }

    [Fact]
    public async Task A_task_that_is_gone_says_so_kindly()
    {
        var page = await ben.Page("/tasks/0198c0de-0000-7000-8000-0000000000ff-12", HttpStatusCode.NotFound);
        page.QuerySelector("h2")!.TextContent.ShouldContain("no longer open");
        page.QuerySelector("a[href='/instances/0198c0de-0000-7000-8000-0000000000ff']").ShouldNotBeNull();
    }

    [Fact]
    public async Task An_instance_says_why_it_waits_and_names_whoever_has_the_task()
    {
        string Instance(int n) => "/instances/" + host.Api.TaskId(n)[..36];
        (await ben.Page(Instance(1))).QuerySelector("section[aria-labelledby=waits-h] li")!.TextContent.ShouldContain("Waits for Ben Okafor to do the task '");
        (await ben.Page(Instance(2))).QuerySelector("section[aria-labelledby=waits-h] li")!.TextContent.ShouldContain("Waits for the group approvers to do the task '");
    }

    private string Url(int n) => "/tasks/" + host.Api.TaskId(n);

    private string Action(int n) => Url(n) + "/answer";

    private async Task<HttpResponseMessage> Answer(int n, params (string, string)[] changes) => await ben.Send(await ben.Page(Url(n)), Action(n), changes);
}
