using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Integration.Tests.Databases;
using Countersign.Projections.Instances;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Marten;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

/// <summary>Instances that grow until they stop, with a limit of a hundred facts instead of fifty thousand.</summary>
public sealed class LongInstanceTests(PostgresFixture postgres)
{
    private static readonly Actor Otto = new("otto", ActorKind.Person, ["operator"], []);

    [Fact]
    public async Task A_growing_instance_warns_once_stops_at_its_limit_and_goes_on_when_it_is_raised()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), acts: true, configure: b => b.Configuration["Countersign:Runner:InstanceFacts"] = "100");
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Again);
        var state = (await node.StartInstance(tenant, "again")).State!;
        state = await Work(node, tenant, state, s => s.Incidents.Count > 0);

        var stopped = state.Incidents.ShouldHaveSingleItem();
        stopped.Value.Code.ShouldBe(InstanceLimits.Incident);
        state.LimitNeared.ShouldBe(100);
        // What is counted is what is stored.
        (await Sql.Ask<long>(database.Connections.Writer, "select version from cs.mt_streams where tenant_id = $1 and id = $2", tenant, StreamsOf.Instance(state.Id))).ShouldBe(state.Events);
        (await Sql.Ask<string>(database.Connections.Writer, "select (data ->> 'limit') || ' ' || ((data ->> 'facts')::int = version - 1)::text from cs.mt_events where tenant_id = $1 and type = 'instance.limit_neared'", tenant)).ShouldBe("100 true");

        await Eventually.Holds(() => Listed(node, tenant, state.Id), "the list finds what is near its limit");

        (await node.Execute(new RaiseInstanceLimit(tenant, state.Id, Otto, 130, "nearly done"))).State!.EventLimit.ShouldBe(130);
        state = (await node.Execute(new RetryIncident(tenant, state.Id, Otto, stopped.Key, "raised"))).State!;
        state.Incidents.ShouldBeEmpty();
        state = await Work(node, tenant, state, s => s.Incidents.Count > 0);
        state.Events.ShouldBeGreaterThan(125);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.limit_neared'", tenant)).ShouldBe(2, "once for each limit");
    }

    [Fact]
    public async Task The_size_of_what_is_stored_is_counted_over_restarts_and_stops_an_instance()
    {
        await using var database = await RunnerHost.Database(postgres);
        var (tenant, keys) = (postgres.NewTenant(), KeyRing.Temporary());
        InstanceState state;
        await using (var node = await RunnerHost.Start(database, keys, acts: true, configure: Small))
        {
            await node.Publish(tenant, TestProcesses.Again);
            state = (await node.StartInstance(tenant, "again")).State!;
            for (var i = 0; i < 3; i++)
                state = await Bring(node, tenant, state, 'a');
            state.Incidents.ShouldBeEmpty("it has 0.9 MB");
        }

        await using var other = await RunnerHost.Start(database, keys, acts: true, configure: Small);
        state = await Bring(other, tenant, state, 'b');
        // What was stored before the restart and what the command itself brings.
        state.Incidents.ShouldHaveSingleItem().Value.Code.ShouldBe("engine.size_limit");
        state.Jobs.ShouldBeEmpty();

        static void Small(Microsoft.Extensions.Hosting.IHostApplicationBuilder builder) => builder.Configuration["Countersign:Runner:InstanceMegabytes"] = "1";
    }

    private static async Task<InstanceState> Bring(RunnerHost node, string tenant, InstanceState state, char letter)
    {
        var (id, job) = state.Jobs.ShouldHaveSingleItem();
        return (await node.Execute(new CompleteJob(tenant, state.Id, Actor.System, id, job.Attempt, RunnerHost.Vars(("page", new string(letter, 300 * 1024)))))).State!;
    }

    private static async Task<bool> Listed(RunnerHost node, string tenant, Guid id)
    {
        await using var session = node.Store.QuerySession(tenant);
        return await session.Query<InstanceSummary>().Where(i => i.NearLimit).AnyAsync(i => i.InstanceId == id, TestContext.Current.CancellationToken);
    }

    /// <summary>Does the work again and again until something is so.</summary>
    private static async Task<InstanceState> Work(RunnerHost node, string tenant, InstanceState state, Func<InstanceState, bool> until)
    {
        for (var i = 0; i < 100 && !until(state); i++)
        {
            var (id, job) = state.Jobs.ShouldHaveSingleItem();
            state = (await node.Execute(new CompleteJob(tenant, state.Id, Actor.System, id, job.Attempt, RunnerHost.Vars(("round", i))))).State!;
        }

        until(state).ShouldBeTrue();
        return state;
    }
}
