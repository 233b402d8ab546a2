using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Batches;
using Countersign.Client.Instances;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Batches;

/// <summary>A batch outlives the node that carries it out, acts on no case twice and with no right that is gone; people's work goes on beside it.</summary>
public sealed class BatchNodeTests(BatchNodes nodes) : IClassFixture<BatchNodes>
{
    private const int Many = 120;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_case_is_acted_on_once_though_the_node_that_holds_the_batch_is_killed_and_the_running_other_one_takes_over()
    {
        await nodes.Start(1);
        CountersignClient[] doras = [await nodes.Act("dora"), await nodes.Act("dora", 1)];
        var ids = await Cases(doras[0], "twosteps", Many);
        // A token more with each time it is carried out: twice would show.
        var asked = await doras[0].Batches.CreateAsync(new CreateBatchRequest(BatchKind.Modify, new BatchSelection("twosteps", Instances: ids), "add a step", Begin: [new("second")]), cancellationToken: Cancel);
        asked.Total.ShouldBe(Many);
        await Eventually.Holds(async () => (await doras[1].Batches.GetAsync(asked.Id, Cancel)).Done >= 40, "some are done");
        var (holder, attempt) = await Eventually.Find(async () => await nodes.Holder(asked.Id) is { Node: { } node, Attempt: var begun } ? ((int, int)?)(node, begun) : null, "a node holds it") ?? default;
        await nodes.Kill(holder);
        var (other, dora) = (1 - holder, doras[1 - holder]);
        (await dora.Batches.GetAsync(asked.Id, Cancel)).Status.ShouldBe(BatchStatus.Running);
        await Eventually.Holds(async () => await nodes.Holder(asked.Id) is { Node: { } now, Attempt: var later } && now == other && later > attempt, "the other node holds it");
        // A person's act does not wait for the batch.
        (await dora.Instances.SuspendAsync(ids[^1], new("disputed"), cancellationToken: Cancel)).Status.ShouldBe(InstanceStatus.Suspended);
        var done = await Ended(dora, asked.Id);
        (done.Status, done.Done, done.Refused, done.Failed).ShouldBe((BatchStatus.Completed, Many, 0, 0));
        var twice = new List<Guid>();
        foreach (var id in ids)
        {
            if ((await dora.Instances.GetAsync(id, Cancel)).Tokens.Count(t => t.ElementId == "second") != 1)
                twice.Add(id);
        }

        twice.ShouldBeEmpty();
        (await Items(dora, asked.Id)).Select(i => i.InstanceId).Order().ShouldBe(ids.Order());
        await EndedEarly(dora, ids);

        if (holder == 0)
            await nodes.Start(0);
        await nodes.Stop(1);
    }

    [Fact]
    public async Task Who_is_no_operator_any_more_acts_on_no_further_case_and_each_refusal_is_named()
    {
        var (dora, otto) = (await nodes.Act("dora"), await nodes.Act("otto"));
        var ids = await Cases(dora, "leaver", Many);
        var asked = await otto.Batches.CreateAsync(new CreateBatchRequest(BatchKind.Suspend, new BatchSelection(Instances: ids), "under review"), cancellationToken: Cancel);
        await Eventually.Holds(async () => (await dora.Batches.GetAsync(asked.Id, Cancel)).Done >= 16, "some are done");
        var member = await dora.Members.GetAsync("otto-acme", Cancel);
        var changed = await dora.Members.UpdateAsync(member.Id, new([], member.Groups, true, "moved to another office"), member.Version, Cancel);
        var atMost = (await dora.Batches.GetAsync(asked.Id, Cancel)).Done;

        var ended = await Ended(dora, asked.Id);
        (ended.Status, ended.Done + ended.Refused, ended.Failed).ShouldBe((BatchStatus.Completed, Many, 0));
        // What was under way at that moment, one step of eight, is still finished.
        ended.Done.ShouldBeInRange(16, atMost + 8);
        ended.Refused.ShouldBeGreaterThan(0);
        var items = await Items(dora, asked.Id);
        items.Where(i => i.Outcome == BatchOutcome.Refused).ShouldAllBe(i => i.Code == "instance.operators_only" && i.Sentence!.Contains("Only an operator or an administrator"));
        items.Max(i => i.Outcome == BatchOutcome.Done ? i.Number : 0).ShouldBeLessThan(items.Min(i => i.Outcome == BatchOutcome.Refused ? i.Number : int.MaxValue));
        foreach (var item in items.Where((_, n) => n % 20 == 0))
            (await dora.Instances.GetAsync(item.InstanceId, Cancel)).Status.ShouldBe(item.Outcome == BatchOutcome.Done ? InstanceStatus.Suspended : InstanceStatus.Running, $"{item.Number} is {item.Outcome}");

        await dora.Members.UpdateAsync(member.Id, new(member.Roles, member.Groups, true, "back again"), changed.Version, Cancel);
    }

    [Fact]
    public async Task A_batch_of_thousands_of_one_tenant_holds_up_neither_the_batch_nor_the_commands_of_another()
    {
        var (dora, gus) = (await nodes.Act("dora"), await nodes.Act("gus"));
        var ids = await Cases(gus, "small", 20);
        // At 25 in a second it takes two minutes: each is a command of its own, and refused by name.
        var large = await dora.Batches.CreateAsync(
            new CreateBatchRequest(BatchKind.Cancel, new BatchSelection(Instances: [.. Enumerable.Range(0, 3_000).Select(_ => Guid.CreateVersion7())]), "wrong import"), cancellationToken: Cancel);
        await Eventually.Holds(async () => (await dora.Batches.GetAsync(large.Id, Cancel)).Refused > 0, "the large one has begun");
        var second = await dora.Batches.CreateAsync(new CreateBatchRequest(BatchKind.Cancel, new BatchSelection(Instances: [Guid.CreateVersion7()]), "the same tenant's next"), cancellationToken: Cancel);

        var small = await gus.Batches.CreateAsync(new CreateBatchRequest(BatchKind.Suspend, new BatchSelection(Instances: ids), "under review"), cancellationToken: Cancel);
        (await gus.Instances.StartAsync(Start("small"), cancellationToken: Cancel)).ActiveElementIds.ShouldBe(["first"], "an ordinary command is answered at once");
        var ended = await Ended(gus, small.Id);
        (ended.Done, ended.Refused).ShouldBe((20, 0));
        var going = await dora.Batches.GetAsync(large.Id, Cancel);
        (going.Status, going.EndedAt).ShouldBe((BatchStatus.Running, null), "the small one did not wait for the large one");
        (going.Refused, going.Done).ShouldSatisfyAllConditions(g => g.Refused.ShouldBeLessThan(3_000), g => g.Done.ShouldBe(0));
        (await dora.Batches.GetAsync(second.Id, Cancel)).Status.ShouldBe(BatchStatus.Queued, "batches of one tenant come one after the other");

        await dora.Batches.CancelAsync(large.Id, new("enough"), cancellationToken: Cancel);
        (await Ended(dora, large.Id)).Status.ShouldBe(BatchStatus.Cancelled);
        (await Ended(dora, second.Id)).Refused.ShouldBe(1);
    }

    private static async Task EndedEarly(CountersignClient dora, List<Guid> ids)
    {
        var asked = await dora.Batches.CreateAsync(new CreateBatchRequest(BatchKind.Cancel, new BatchSelection(Instances: ids), "wrong"), cancellationToken: Cancel);
        await Eventually.Holds(async () => (await dora.Batches.GetAsync(asked.Id, Cancel)).Done > 0, "some are done");
        await dora.Batches.CancelAsync(asked.Id, new("the wrong ones"), cancellationToken: Cancel);
        var ended = await Ended(dora, asked.Id);
        ended.Status.ShouldBe(BatchStatus.Cancelled);
        var items = await Items(dora, asked.Id);
        var left = items.Where(i => i.Outcome == BatchOutcome.Open).ToList();
        (ended.Done + left.Count).ShouldBe(Many);
        left.Count.ShouldBeGreaterThan(0);
        ended.Sentence.ShouldBe($"Ended early: {left.Count} were left as they are.");
        foreach (var (item, status) in items.Select(i => (i, i.Outcome == BatchOutcome.Done ? InstanceStatus.Cancelled : InstanceStatus.Running)).Where((_, n) => n % 10 == 0))
            (await dora.Instances.GetAsync(item.InstanceId, Cancel)).Status.ShouldBe(status, $"{item.Number} is {item.Outcome}");
        (await Should.ThrowAsync<CountersignProblemException>(() => dora.Batches.CancelAsync(Guid.CreateVersion7(), new("x"), cancellationToken: Cancel))).Problem.Status.ShouldBe(404);
        (await dora.Batches.CancelAsync(asked.Id, new("again"), cancellationToken: Cancel)).Status.ShouldBe(BatchStatus.Cancelled, "twice adds nothing");
    }

    private static async Task<List<Guid>> Cases(CountersignClient person, string key, int count)
    {
        await person.Processes.PublishAsync(new(TestProcesses.TwoSteps(key, "first"), []), cancellationToken: Cancel);
        var ids = new List<Guid>();
        foreach (var some in Enumerable.Range(0, count).Chunk(20))
            ids.AddRange((await Task.WhenAll(some.Select(_ => person.Instances.StartAsync(Start(key), cancellationToken: Cancel)))).Select(i => i.Id));
        await Eventually.Holds(async () => await person.Instances.ListAsync(new InstanceFilter(key), Cancel).CountAsync(Cancel) == count, "the list shows them");
        return ids;
    }

    private static StartInstanceRequest Start(string key) => new(key, new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["way"] = JsonSerializer.SerializeToElement("first") });

    private static async Task<List<BatchItem>> Items(CountersignClient client, Guid id) => await client.Batches.GetItemsAsync(id, cancellationToken: Cancel).ToListAsync(Cancel);

    private static async Task<BatchView> Ended(CountersignClient client, Guid id)
    {
        BatchView? ended = null;
        await Eventually.Holds(async () => (ended = await client.Batches.GetAsync(id, Cancel)).EndedAt is not null, "the batch has ended", 90);
        return ended!;
    }
}
