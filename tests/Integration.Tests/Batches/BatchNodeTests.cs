using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Batches;
using Countersign.Client.Instances;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Services;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Batches;

/// <summary>A batch outlives the node that carries it out, and acts on no case twice; people's work goes on beside it.</summary>
public sealed class BatchNodeTests : IDisposable
{
    private const int Many = 200;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_hundred_cases_are_acted_on_once_each_though_the_node_is_killed_on_the_way_and_another_batch_is_ended_early()
    {
        await using var node = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Countersign__DataFolder"] = _folder.Path,
            // Slow enough to be caught on the way.
            ["Countersign__Batches__PerSecond"] = "25",
            ["Countersign__Batches__LeaseSeconds"] = "3",
        });
        using var http = new HttpClient { BaseAddress = node.Address };
        await node.StartAsync(http, Bound, Cancel);
        var dora = new DemoPerson(node.Address, "dora").Act();
        var ids = await Cases(dora);
        // A token more with each time it is carried out: twice would show.
        var asked = await dora.Batches.CreateAsync(new CreateBatchRequest(BatchKind.Modify, new BatchSelection("twosteps", Instances: ids), "add a step", Begin: [new("second")]), cancellationToken: Cancel);
        asked.Total.ShouldBe(Many);
        await Eventually.Holds(async () => (await dora.Batches.GetAsync(asked.Id, Cancel)).Done >= 40, "some are done");
        await node.KillAsync();

        await node.StartAsync(http, Bound, Cancel);
        dora = new DemoPerson(node.Address, "dora").Act();
        var found = await dora.Batches.GetAsync(asked.Id, Cancel);
        found.Status.ShouldBe(BatchStatus.Running);
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
        (await dora.Batches.GetItemsAsync(asked.Id, cancellationToken: Cancel).ToListAsync(Cancel)).Select(i => i.InstanceId).Order().ShouldBe(ids.Order());

        await EndedEarly(dora, ids);
    }

    private static async Task EndedEarly(CountersignClient dora, List<Guid> ids)
    {
        var asked = await dora.Batches.CreateAsync(new CreateBatchRequest(BatchKind.Cancel, new BatchSelection(Instances: ids), "wrong"), cancellationToken: Cancel);
        await Eventually.Holds(async () => (await dora.Batches.GetAsync(asked.Id, Cancel)).Done > 0, "some are done");
        await dora.Batches.CancelAsync(asked.Id, new("the wrong ones"), cancellationToken: Cancel);
        var ended = await Ended(dora, asked.Id);
        ended.Status.ShouldBe(BatchStatus.Cancelled);
        var items = await dora.Batches.GetItemsAsync(asked.Id, cancellationToken: Cancel).ToListAsync(Cancel);
        var left = items.Where(i => i.Outcome == BatchOutcome.Open).ToList();
        (ended.Done + left.Count).ShouldBe(Many);
        left.Count.ShouldBeGreaterThan(0);
        ended.Sentence.ShouldBe($"Ended early: {left.Count} were left as they are.");
        foreach (var (item, status) in items.Select(i => (i, i.Outcome == BatchOutcome.Done ? InstanceStatus.Cancelled : InstanceStatus.Running)).Where((_, n) => n % 10 == 0))
            (await dora.Instances.GetAsync(item.InstanceId, Cancel)).Status.ShouldBe(status, $"{item.Number} is {item.Outcome}");
        (await Should.ThrowAsync<CountersignProblemException>(() => dora.Batches.CancelAsync(Guid.CreateVersion7(), new("x"), cancellationToken: Cancel))).Problem.Status.ShouldBe(404);
        (await dora.Batches.CancelAsync(asked.Id, new("again"), cancellationToken: Cancel)).Status.ShouldBe(BatchStatus.Cancelled, "twice adds nothing");
    }

    private static async Task<List<Guid>> Cases(CountersignClient dora)
    {
        await dora.Processes.PublishAsync(new(TestProcesses.TwoSteps("twosteps", "first"), []), cancellationToken: Cancel);
        var ids = new List<Guid>();
        var way = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["way"] = JsonSerializer.SerializeToElement("first") };
        foreach (var some in Enumerable.Range(0, Many).Chunk(20))
            ids.AddRange((await Task.WhenAll(some.Select(_ => dora.Instances.StartAsync(new StartInstanceRequest("twosteps", way), cancellationToken: Cancel)))).Select(i => i.Id));
        await Eventually.Holds(async () => await dora.Instances.ListAsync(new InstanceFilter("twosteps"), Cancel).CountAsync(Cancel) == Many, "the list shows them");
        return ids;
    }

    private static async Task<BatchView> Ended(CountersignClient client, Guid id)
    {
        BatchView? ended = null;
        await Eventually.Holds(async () => (ended = await client.Batches.GetAsync(id, Cancel)).EndedAt is not null, "the batch has ended", 90);
        return ended!;
    }
}
