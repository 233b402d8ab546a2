using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Batches;
using Countersign.Client.Instances;
using Countersign.Integration.Tests.Api;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Batches;

/// <summary>Acts on many cases over HTTP: chosen once, judged or carried out, each part with its outcome.</summary>
public sealed class BatchRouteTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_migration_is_judged_case_by_case_and_then_carried_out_with_the_refusals_named()
    {
        var (otto, ids) = await Cases("batchmigrate", 5);
        // One stands where the mapping says nothing.
        await otto.Instances.ModifyAsync(ids[0], new ModifyInstanceRequest("by hand", Begin: [new("first")]), cancellationToken: Cancel);
        await service.Act("dora").Processes.PublishAsync(new(TestProcesses.TwoSteps("batchmigrate", "renamed"), []), cancellationToken: Cancel);
        var nobodys = Guid.CreateVersion7();
        var request = new CreateBatchRequest(BatchKind.Migrate, new BatchSelection("batchmigrate", Version: 1), "new law", DryRun: true, TargetVersion: 2);
        await Listed(otto, "batchmigrate", 5);
        var judged = await Ended(otto, await otto.Batches.CreateAsync(request, cancellationToken: Cancel));
        (judged.Total, judged.Done, judged.Refused, judged.Sentence).ShouldBe((5, 0, 5, "Judged: 0 of 5 can be done, 5 would be refused."));
        (await Items(otto, judged)).ShouldAllBe(i => i.Code == "instance.not_migratable" && i.Sentence!.Contains("'first' is not in the other version. Map it to another element"));

        var mapping = new Dictionary<string, string>(StringComparer.Ordinal) { ["first"] = "renamed" };
        judged = await Ended(otto, await otto.Batches.CreateAsync(request with { Mapping = mapping }, cancellationToken: Cancel));
        (judged.Done, judged.Refused, judged.DryRun).ShouldBe((5, 0, true));
        (await Items(otto, judged)).ShouldAllBe(i => i.Sentence!.StartsWith("It can run version 2 from where it stands."));
        (await otto.Instances.GetAsync(ids[1], Cancel)).ProcessVersion.ShouldBe(1, "a dry run changes nothing");

        await otto.Instances.CancelAsync(ids[4], new("over"), cancellationToken: Cancel);
        var done = await Ended(otto, await otto.Batches.CreateAsync(
            request with { Mapping = mapping, DryRun = false, Selection = new BatchSelection("batchmigrate", Instances: [.. ids, nobodys]) }, cancellationToken: Cancel));
        done.Total.ShouldBeInRange(4, 5, "what the list still shows as running is chosen");
        done.Done.ShouldBe(4);
        foreach (var id in ids[..4])
            (await otto.Instances.GetAsync(id, Cancel)).ProcessVersion.ShouldBe(2);

        // Named by their ids alone, they are taken as they are, and each tells how it went.
        var last = await Ended(otto, await otto.Batches.CreateAsync(new CreateBatchRequest(BatchKind.Cancel, new BatchSelection(Instances: [.. ids, nobodys, ids[0]]), "clean up"), cancellationToken: Cancel));
        (last.Status, last.Total, last.Done, last.Unchanged, last.Refused, last.Progress).ShouldBe((BatchStatus.Completed, 6, 4, 1, 1, 1.0));
        var items = await Items(otto, last);
        items.Select(i => i.Number).ShouldBe([1, 2, 3, 4, 5, 6]);
        items[4].Outcome.ShouldBe(BatchOutcome.Unchanged);
        (items[5].InstanceId, items[5].Outcome, items[5].Code).ShouldBe((nobodys, BatchOutcome.Refused, "instance.not_found"));
        (await otto.Batches.GetItemsAsync(last.Id, BatchOutcome.Refused, Cancel).ToListAsync(Cancel)).ShouldHaveSingleItem().Number.ShouldBe(6);
        (await otto.Instances.GetHistoryAsync(ids[0], Cancel).LastAsync(Cancel)).ShouldSatisfyAllConditions(h => h.By.ShouldBe("otto-acme"), h => h.Sentence.ShouldContain("clean up"));
    }

    [Fact]
    public async Task Incidents_of_a_kind_are_retried_together_once_the_cause_is_corrected()
    {
        var (otto, ids) = await Cases("batchretry", 4, "none");
        var code = (await otto.Incidents.ListAsync(instance: ids[0], cancellationToken: Cancel).FirstAsync(Cancel)).Code;
        await Listed(otto, "batchretry", 4);
        // The time and the state narrow incidents, too.
        var third = (await otto.Instances.GetAsync(ids[2], Cancel)).StartedAt;
        var early = await Ended(otto, await otto.Batches.CreateAsync(new CreateBatchRequest(BatchKind.Retry, new BatchSelection("batchretry", IncidentCode: code, StartedBefore: third), "tried first"), cancellationToken: Cancel));
        (await Items(otto, early)).Select(i => i.InstanceId).ShouldBe(ids[..2], ignoreOrder: true);
        foreach (var kind in (BatchKind[])[BatchKind.Retry, BatchKind.Cancel])
        {
            (await Should.ThrowAsync<CountersignProblemException>(() => otto.Batches.CreateAsync(new CreateBatchRequest(kind, new BatchSelection("batchretry", IncidentCode: code, Status: InstanceStatus.Suspended), "none"), cancellationToken: Cancel)))
                .Code.ShouldBe("batch.nothing_selected");
        }

        var set = new CreateBatchRequest(BatchKind.SetVariables, new BatchSelection("batchretry", IncidentCode: code), "corrected",
            Variables: new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["way"] = JsonSerializer.SerializeToElement("second") });
        (await Ended(otto, await otto.Batches.CreateAsync(set, cancellationToken: Cancel))).Done.ShouldBe(4);
        var retried = await Ended(otto, await otto.Batches.CreateAsync(new CreateBatchRequest(BatchKind.Retry, new BatchSelection("batchretry", IncidentElementId: "which"), "corrected"), cancellationToken: Cancel));
        (retried.Total, retried.Done).ShouldBe((4, 4));
        (await Items(otto, retried)).ShouldAllBe(i => i.IncidentId!.StartsWith(i.InstanceId.ToString("N"), StringComparison.Ordinal) && i.Sentence == "It was tried again.");
        foreach (var id in ids)
            (await otto.Instances.GetAsync(id, Cancel)).ActiveElementIds.ShouldBe(["second"]);
        var trail = new List<string>();
        string? next = null;
        await Eventually.Holds(
            async () =>
            {
                var page = (await service.Send("GET", "/v1/trail/entries?limit=200" + (next is null ? "" : "&cursor=" + next), "tess", cancel: Cancel)).Json;
                trail.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetRawText()).Where(t => t.Contains($"batch/{retried.Id}", StringComparison.Ordinal)));
                next = page.TryGetProperty("next", out var more) && more.ValueKind == JsonValueKind.String ? more.GetString() : next;
                return trail.Exists(t => t.Contains("\"batch.requested\"")) && trail.Exists(t => t.Contains("\"batch.completed\""));
            },
            "the batch is in the trail");
        trail.First(t => t.Contains("\"batch.requested\"")).ShouldContain("otto-acme");
        await Ended(otto, await otto.Batches.CreateAsync(new CreateBatchRequest(BatchKind.Cancel, new BatchSelection("batchretry"), "clean up"), cancellationToken: Cancel));
    }

    [Theory]
    [InlineData("""{"kind":"cancel","selection":{},"reason":"x"}""", 422, "a batch never takes everything")]
    [InlineData("""{"kind":"cancel","selection":{"process":"nobodys"},"reason":"x"}""", 422, "Nothing fits the selection")]
    [InlineData("""{"kind":"cancel","selection":{"process":"approval"},"reason":" "}""", 422, "Give a reason")]
    [InlineData("""{"kind":"cancel","selection":{"process":"approval","status":"completed"},"reason":"x"}""", 422, "Nothing can be done to instances that have ended")]
    [InlineData("""{"kind":"cancel","selection":{"process":"approval"},"reason":"x","targetVersion":2}""", 422, "takes no 'targetVersion'")]
    [InlineData("""{"kind":"migrate","selection":{"process":"approval"},"reason":"x"}""", 422, "Name the version")]
    [InlineData("""{"kind":"migrate","selection":{"incidentCode":"a.b"},"reason":"x","targetVersion":2}""", 422, "Name the process")]
    [InlineData("""{"kind":"modify","selection":{"process":"approval"},"reason":"x"}""", 422, "Say what to do")]
    [InlineData("""{"kind":"set_variables","selection":{"process":"approval"},"reason":"x"}""", 422, "at least one variable")]
    [InlineData("""{"kind":"explode","selection":{"process":"approval"},"reason":"x"}""", 400, "")]
    public async Task What_is_no_batch_is_refused_with_what_to_do(string json, int status, string says)
    {
        await service.Start(Cancel);
        var got = await service.Send("POST", "/v1/batches", "otto", json, cancel: Cancel);
        got.Status.ShouldBe(status, got.Body);
        ProblemRules.Broken(got).ShouldBeNull();
        got.Json.GetProperty("detail").GetString()!.ShouldContain(says);
        (await service.Send("POST", "/v1/batches", "tess", json, cancel: Cancel)).Status.ShouldBe(403);
    }

    private async Task<(CountersignClient Otto, List<Guid> Ids)> Cases(string key, int count, string way = "first")
    {
        await service.Start(Cancel);
        var dora = service.Act("dora");
        await dora.Processes.PublishAsync(new(TestProcesses.TwoSteps(key, "first"), []), cancellationToken: Cancel);
        var ids = new List<Guid>();
        for (var i = 0; i < count; i++)
            ids.Add((await dora.Instances.StartAsync(new StartInstanceRequest(key, new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["way"] = JsonSerializer.SerializeToElement(way) }), cancellationToken: Cancel)).Id);
        return (service.Act("otto"), ids);
    }

    private static Task Listed(CountersignClient client, string key, int count) =>
        Eventually.Holds(async () => await client.Instances.ListAsync(new InstanceFilter(key, InstanceStatus.Running), Cancel).CountAsync(Cancel) == count, "the list shows them");

    private static async Task<List<BatchItem>> Items(CountersignClient client, BatchView batch) => await client.Batches.GetItemsAsync(batch.Id, cancellationToken: Cancel).ToListAsync(Cancel);

    private static async Task<BatchView> Ended(CountersignClient client, BatchView batch) => await Eventually.Find(
        async () => await client.Batches.GetAsync(batch.Id, Cancel) is { EndedAt: not null } ended ? ended : null, "the batch has ended");
}
