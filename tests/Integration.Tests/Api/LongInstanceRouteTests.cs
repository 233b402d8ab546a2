using System.Text.Json;
using Countersign.Cli.Trail;
using Countersign.Client;
using Countersign.Client.Exports;
using Countersign.Client.Instances;
using Countersign.Domain.Trail;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>What an operator does about a very long case, over HTTP, and each way in which it is refused.</summary>
public sealed class LongInstanceRouteTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_raises_the_limit_of_one_case_and_its_view_says_so()
    {
        var (otto, id) = await Case("longraise");
        (await otto.Instances.GetAsync(id, Cancel)).Growth.ShouldBeNull("it is far from any limit");
        var raised = await otto.Instances.RaiseLimitAsync(id, new(60_000, "nearly done"), cancellationToken: Cancel);
        raised.Growth.ShouldNotBeNull();
        (raised.Growth.Limit, raised.Growth.Near, raised.Growth.Most, raised.Growth.Facts).ShouldBe((60_000, false, 90_000, (int)raised.Version));
        (await otto.Instances.RaiseLimitAsync(id, new(60_000, "again"), cancellationToken: Cancel)).Version.ShouldBe(raised.Version, "twice adds nothing");
        (await otto.Instances.GetHistoryAsync(id, Cancel).ToListAsync(Cancel))[^1].Sentence.ShouldBe("otto-acme raised the instance's limit from 50000 to 60000 facts: nearly done");
        // Nothing is near its limit, and the filter says so; that it finds what is near, the summary's own test shows.
        (await otto.Instances.ListAsync(new InstanceFilter("longraise", NearLimit: true), Cancel).ToListAsync(Cancel)).ShouldBeEmpty();

        await Refused(422, "instance.limit_range", "Name a number above 60000 and up to 90000", () => otto.Instances.RaiseLimitAsync(id, new(55_000, "x"), cancellationToken: Cancel));
        await Refused(422, "instance.limit_range", "up to 90000", () => otto.Instances.RaiseLimitAsync(id, new(90_001, "x"), cancellationToken: Cancel));
        await Refused(422, "instance.limit_range", "up to 90000", () => otto.Instances.RaiseLimitAsync(id, new(-1, "x"), cancellationToken: Cancel));
        await Refused(422, "request.invalid", "reason", () => otto.Instances.RaiseLimitAsync(id, new(70_000, " "), cancellationToken: Cancel));
        await Refused(403, "permission.denied", "", () => service.Act("ana").Instances.RaiseLimitAsync(id, new(70_000, "x"), cancellationToken: Cancel));
        await Refused(404, "resource.not_found", "", () => service.Act("gus").Instances.RaiseLimitAsync(id, new(70_000, "x"), cancellationToken: Cancel));
        await otto.Instances.CancelAsync(id, new("done"), cancellationToken: Cancel);
        await Refused(409, "instance.ended", "Start a new one", () => otto.Instances.RaiseLimitAsync(id, new(70_000, "x"), cancellationToken: Cancel));
    }

    [Fact]
    public async Task A_case_goes_on_in_a_successor_that_everybody_finds_and_the_export_of_both_is_proven()
    {
        var begin = DateTimeOffset.UtcNow.AddMinutes(-5);
        var (otto, id) = await Case("longgoeson", TestProcesses.Approval.Replace("\"approval\"", "\"longgoeson\"", StringComparison.Ordinal));
        var ben = service.Act("ben");
        var old = (await otto.Instances.GetAsync(id, Cancel)).WaitingFor.ShouldHaveSingleItem().ReferenceId;
        await Refused(422, "request.invalid", "reason", () => otto.Instances.ContinueAsync(id, new(" "), cancellationToken: Cancel));
        await Refused(403, "permission.denied", "", () => service.Act("ana").Instances.ContinueAsync(id, new("x"), cancellationToken: Cancel));
        await Refused(404, "resource.not_found", "", () => service.Act("gus").Instances.ContinueAsync(id, new("x"), cancellationToken: Cancel));
        await Refused(412, "precondition.failed", "has changed since", () => otto.Instances.ContinueAsync(id, new("x"), new CallOptions(IfVersion: 1), Cancel));

        var once = new CallOptions(Guid.NewGuid().ToString());
        var ended = await otto.Instances.ContinueAsync(id, new("Ten years of monthly runs"), once, Cancel);
        var next = ended.SuccessorId.ShouldNotBeNull();
        (ended.Status, ended.EndedAt is null, ended.WaitingFor.Count).ShouldBe((InstanceStatus.Continued, false, 0));
        (await otto.Instances.ContinueAsync(id, new("Ten years of monthly runs"), once, Cancel)).SuccessorId.ShouldBe(next, "the stored answer");
        (await otto.Instances.ContinueAsync(id, new("again"), cancellationToken: Cancel)).SuccessorId.ShouldBe(next, "asked twice, it is the same successor");
        var view = await otto.Instances.GetAsync(next, Cancel);
        (view.Status, view.PredecessorId, view.StartedBy, view.Version).ShouldBe((InstanceStatus.Running, id, ended.StartedBy, 1));
        var task = view.WaitingFor.ShouldHaveSingleItem().ReferenceId;
        await Refused(409, "instance.continued", task, () => ben.Tasks.ClaimAsync(old, cancellationToken: Cancel));
        await Refused(409, "instance.continued", next.ToString("D"), () => otto.Instances.SuspendAsync(id, new("x"), cancellationToken: Cancel));
        (await ben.Tasks.ClaimAsync(task, cancellationToken: Cancel)).Id.ShouldBe(task);
        (await ben.Tasks.CompleteAsync(task, new("complete"), cancellationToken: Cancel)).InstanceStatus.ShouldBe(InstanceStatus.Completed);
        await Refused(409, "instance.ended", "Start a new one", () => otto.Instances.ContinueAsync(next, new("x"), cancellationToken: Cancel));
        (await otto.Instances.GetHistoryAsync(id, Cancel).ToListAsync(Cancel))[^1].Sentence.ShouldContain(next.ToString("D"));
        (await otto.Instances.GetHistoryAsync(next, Cancel).ToListAsync(Cancel))[0].Sentence.ShouldContain(id.ToString("D"));
        await Eventually.Holds(async () => (await otto.Instances.ListAsync(new InstanceFilter("longgoeson"), Cancel).ToListAsync(Cancel)).Select(i => (i.Id, i.Status)).ToHashSet()
            .SetEquals([(id, InstanceStatus.Continued), (next, InstanceStatus.Completed)]), "the list tells both");

        var tess = service.Act("tess");
        var export = await tess.Exports.CreateAsync(new(begin, DateTimeOffset.UtcNow.AddMinutes(5), "Both of the chain", "longgoeson"), cancellationToken: Cancel);
        await Eventually.Holds(async () => (await tess.Exports.GetAsync(export.Id, Cancel)).Status is not (ExportStatus.Queued or ExportStatus.Running), "the export is written", 90);
        using var content = await tess.Exports.GetContentAsync(export.Id, Cancel);
        var path = Path.Combine(service.DataFolder, export.Id + ".zip");
        await using (var file = File.Create(path))
            await content.Content.CopyToAsync(file, Cancel);
        using var bundle = new ZipBundle(path);
        var report = BundleVerifier.Verify(bundle, new VerificationOptions());
        report.Verdict.ShouldBe(Verdict.Proven, string.Join(' ', report.Findings.Select(f => f.Message)));
    }

    [Fact]
    public async Task What_was_decided_before_is_shown_and_reviewed_in_the_successor()
    {
        await service.Start(Cancel);
        var (ana, otto) = (service.Act("ana"), service.Act("otto"));
        // Sent in a second time under another name, it is a duplicate, which a person sees for certain.
        var file = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples", "invoice", "documents", "R002014-3.xml"), Cancel);
        var document = await ana.Documents.UploadAsync("again.xml", "application/xml", file, cancellationToken: Cancel);
        var variables = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["document"] = JsonSerializer.SerializeToElement(document, ClientJson.Options) };
        var id = (await ana.Instances.StartAsync(new StartInstanceRequest("invoice", variables), cancellationToken: Cancel)).Id;
        await Eventually.Holds(async () => (await otto.Instances.GetAsync(id, Cancel)).WaitingFor.Any(w => w.Kind == WaitKind.Task), "a person is asked");
        var decision = (await otto.Instances.GetAsync(id, Cancel)).DecisionIds.ShouldHaveSingleItem();

        var next = (await otto.Instances.ContinueAsync(id, new("long"), cancellationToken: Cancel)).SuccessorId.ShouldNotBeNull();
        var successor = await otto.Instances.GetAsync(next, Cancel);
        successor.DecisionIds.ShouldBe([decision], "it keeps its id");
        var task = successor.WaitingFor.Single(w => w.Kind == WaitKind.Task).ReferenceId;
        var shown = await otto.Tasks.GetAsync(task, Cancel);
        (shown.InstanceId, shown.Decision?.Id).ShouldBe((next, decision));
        var ben = service.Act("ben");
        var verdict = shown.Verbs.Contains("reject", StringComparer.Ordinal) ? "reject" : shown.Verbs[0];
        await ben.Tasks.CompleteAsync(task, new(verdict, "A duplicate.", "duplicate"), cancellationToken: Cancel);
        (await service.Act("tess").Decisions.GetAsync(decision, Cancel)).Reviews.ShouldHaveSingleItem().By.ShouldBe("ben-acme");
        if ((await otto.Instances.GetAsync(next, Cancel)).EndedAt is null)
            await otto.Instances.CancelAsync(next, new("done"), cancellationToken: Cancel);
    }

    private static async Task Refused(int status, string code, string says, Func<Task> act)
    {
        var problem = (await Should.ThrowAsync<CountersignProblemException>(act)).Problem;
        (problem.Status, problem.Code).ShouldBe((status, code), problem.Detail);
        problem.Detail.ShouldNotBeNull().ShouldContain(says);
    }

    private async Task<(CountersignClient Otto, Guid Id)> Case(string key, string bpmn)
    {
        await service.Start(Cancel);
        await service.Act("dora").Processes.PublishAsync(new(bpmn, []), cancellationToken: Cancel);
        return (service.Act("otto"), (await service.Act("dora").Instances.StartAsync(new StartInstanceRequest(key, new Dictionary<string, JsonElement>(StringComparer.Ordinal)), cancellationToken: Cancel)).Id);
    }

    private Task<(CountersignClient Otto, Guid Id)> Case(string key) => Case(key, TestProcesses.Again.Replace("\"again\"", $"\"{key}\"", StringComparison.Ordinal));
}
