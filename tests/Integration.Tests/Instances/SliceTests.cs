using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Integration.Tests.Databases;
using Countersign.Projections.Sealing;
using Countersign.TestKit.Databases;
using Countersign.Workers.Instances;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

/// <summary>Multi-instances of more than a thousand repetitions through the runner and its outbox.</summary>
public sealed class SliceTests(PostgresFixture postgres)
{
    private static readonly Actor Otto = new("otto", ActorKind.Person, ["operator"], []);

    [Fact]
    public async Task Two_and_a_half_thousand_repetitions_run_in_three_instances_and_their_results_come_back_in_order()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Many);
        var id = Guid.CreateVersion7();
        await node.StartInstance(tenant, "many", id, ("many", 2_500));

        var ended = await Eventually.Find(async () => await State(node, tenant, id) is { HasEnded: true } s ? s : null, "all is done");
        ended.Status.ShouldBe(InstanceStatus.Completed);
        ended.Variables[InstanceState.RootScope]["results"].EnumerateArray().Select(v => v.GetInt32()).ShouldBe(Enumerable.Range(1, 2_500).Select(i => 2 * i));
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_streams where tenant_id = $1 and id like 'instance/%'", tenant)).ShouldBe(4);
        // They are parts of one case and not charged beside it.
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.started' and data ->> 'parent' is null", tenant)).ShouldBe(1);
        ended.Events.ShouldBeLessThan(20, "the whole holds what its parts brought, not what they did");
    }

    [Fact]
    public async Task A_node_that_dies_leaves_slices_that_another_brings_to_the_same_end_and_a_cancelled_whole_ends_its_parts()
    {
        await using var database = await RunnerHost.Database(postgres);
        var (tenant, keys, id, other) = (postgres.NewTenant(), KeyRing.Temporary(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await using (var first = await RunnerHost.Start(database, keys))
        {
            await first.Publish(tenant, TestProcesses.ManyJobs);
            await first.StartInstance(tenant, "many-jobs", id, ("many", 1_002));
            await first.StartInstance(tenant, "many-jobs", other, ("many", 1_002));
        }

        await using var node = await RunnerHost.Start(database, keys);
        var parts = await Eventually.Find(async () => await Parts(node, tenant, id) is { Count: 2 } all && all.All(p => !p.Jobs.IsEmpty) ? all : null, "both parts run");
        parts.Sum(p => p.Jobs.Count).ShouldBe(1_002);
        parts.ShouldAllBe(p => p.Parent!.InstanceId == id && p.Slice!.ElementId == "work" && p.Hash == parts[0].Hash);

        // Two jobs of the second part, the others by its cancellation: an operator hands it out again.
        var small = parts.Single(p => p.Jobs.Count == 2);
        await node.Execute(new CancelInstance(tenant, small.Id, Otto, "wrong bank"));
        var incident = await Eventually.Find(async () => (await State(node, tenant, id)).Incidents.Select(i => Tuple.Create(i.Key, i.Value)).SingleOrDefault(), "the whole says that a part is missing");
        incident.Item2.Code.ShouldBe("call.failed");
        await node.Execute(new RetryIncident(tenant, id, Otto, incident.Item1, "the right bank"));
        var again = await Eventually.Find(async () => (await Parts(node, tenant, id)).SingleOrDefault(p => p.Jobs.Count == 2), "it is handed out again");
        again.Id.ShouldNotBe(small.Id);
        foreach (var part in (InstanceState[])[again, parts.Single(p => p.Jobs.Count == 1_000)])
        {
            foreach (var batch in part.Jobs.Chunk(100))
                await Task.WhenAll(batch.Select(job => node.Execute(new CompleteJob(tenant, part.Id, Actor.System, job.Key, job.Value.Attempt, RunnerHost.Vars(("done", true))))));
        }

        var ended = await Eventually.Find(async () => await State(node, tenant, id) is { HasEnded: true } s ? s : null, "the whole ends");
        ended.Variables[InstanceState.RootScope]["results"].EnumerateArray().Count(v => v.GetBoolean()).ShouldBe(1_002);

        var unwanted = await Eventually.Find(async () => await Parts(node, tenant, other) is { Count: 2 } all && all.All(p => !p.Jobs.IsEmpty) ? all : null, "the parts of the other run");
        await node.Execute(new CancelInstance(tenant, other, Otto, "no longer wanted"));
        foreach (var part in unwanted)
            await Eventually.Holds(async () => (await State(node, tenant, part.Id)).Status == InstanceStatus.Cancelled, "its parts end with it");
    }

    private static async Task<List<InstanceState>> Parts(RunnerHost node, string tenant, Guid id)
    {
        var parts = new List<InstanceState>();
        foreach (var call in (await State(node, tenant, id)).Calls.Values)
        {
            if (await Find(node, tenant, call.ChildId) is { } part)
                parts.Add(part);
        }

        return parts;
    }

    private static async Task<InstanceState?> Find(RunnerHost node, string tenant, Guid id) =>
        (await node.Host.Services.GetRequiredService<OpenedInstances>().Find(tenant, id, TestContext.Current.CancellationToken))?.State;

    private static async Task<InstanceState> State(RunnerHost node, string tenant, Guid id) => (await Find(node, tenant, id))!;
}
