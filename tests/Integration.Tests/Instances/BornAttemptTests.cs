using Countersign.Projections.Sealing;
using Countersign.TestKit.Databases;
using Countersign.Workers.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

/// <summary>Attempts whose lease is written in the transaction that makes them due: no message where there is a place, a message where there is none, and nothing lost.</summary>
public sealed class BornAttemptTests(PostgresFixture postgres)
{
    private const string Type = "countersign:test";
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_attempt_is_leased_by_the_transaction_that_makes_it_due_and_its_lease_is_kept_while_it_runs()
    {
        await using var database = await RunnerHost.Database(postgres);
        var worker = Worker();
        worker.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var node = await Node(database, worker);
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", Type));

        await node.StartInstance(tenant, "job");

        (await Sql.Ask<bool>(database.Connections.Writer, "select count(*) = 1 and bool_and(until > now() + interval '5 seconds' and worker <> '(queued)') from cs.job_leases where tenant_id = $1", tenant)).ShouldBeTrue();
        (await Messages(database)).ShouldBe(0);
        await Eventually.Holds(() => Task.FromResult(worker.Calls.Count == 1), "it begins without a sweep");
        await Sql.Ask<string>(database.Connections.Writer, "update cs.job_leases set until = now() + interval '1 second' where tenant_id = $1 returning job_id", tenant);
        await Eventually.Holds(() => Sql.Ask<bool>(database.Connections.Writer, "select count(*) = 1 from cs.job_leases where tenant_id = $1 and until > now() + interval '5 seconds'", tenant), "the lease is renewed");
        worker.Gate.SetResult();
        await Completed(database, tenant, 1);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.job_leases")).ShouldBe(0);
        node.Host.Services.GetRequiredService<LeaseKeeper>().Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_node_killed_after_the_commit_and_before_the_attempt_began_loses_nothing()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        var (dead, heir) = (Worker(), Worker());
        var tenant = postgres.NewTenant();
        await using var first = await Node(database, dead, ring);
        await using var second = await Node(database, heir, ring);
        await first.Publish(tenant, TestProcesses.Job("job", Type));
        var (reached, grave) = (new TaskCompletionSource(), new TaskCompletionSource());
        first.Runner.Fault = at =>
        {
            if (at != "after-commit-before-send")
                return Task.CompletedTask;
            reached.TrySetResult();
            return grave.Task;
        };
        var start = first.StartInstance(tenant, "job");
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        (await Messages(database)).ShouldBe(0, "the row is all there is");
        (await Sweep(second)).ShouldBe(0, "as long as its lease lives, a dead node's attempt is left alone");
        await Sql.Ask<string>(database.Connections.Writer, "update cs.job_leases set until = now() - interval '1 second' where tenant_id = $1 returning job_id", tenant);
        (await Sweep(second)).ShouldBe(1);

        await Completed(database, tenant, 1);
        (dead.Calls.Count, heir.Calls.Count).ShouldBe((0, 1));
        grave.SetException(new InvalidOperationException("The node is dead."));
        (await start).Refusal.ShouldBeNull("it was this command, whatever became of the node");
    }

    [Fact]
    public async Task An_attempt_whose_commit_had_an_unknown_outcome_begins_without_waiting_for_its_lease_to_end()
    {
        await using var database = await RunnerHost.Database(postgres);
        var worker = Worker();
        await using var node = await Node(database, worker);
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", Type));
        var cut = 0;
        node.Runner.Fault = at => at == "after-commit-before-send" && Interlocked.Increment(ref cut) == 1
            ? throw new Npgsql.NpgsqlException("The connection was cut.", new IOException("cut"))
            : Task.CompletedTask;

        await node.StartInstance(tenant, "job");

        // No sweep on this node: nothing else would begin it.
        await Completed(database, tenant, 1);
        worker.Calls.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_finds_no_place_goes_by_message_and_all_of_it_is_carried_out_once()
    {
        await using var database = await RunnerHost.Database(postgres);
        var worker = Worker();
        worker.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var node = await Node(database, worker, options: new AttemptOptions(Running: 1, Places: 3, PlacesOfTenant: 2));
        var (crowd, other, third) = (postgres.NewTenant(), postgres.NewTenant(), postgres.NewTenant());
        foreach (var tenant in new[] { crowd, other, third })
            await node.Publish(tenant, TestProcesses.Job("job", Type));

        for (var i = 0; i < 4; i++)
            await node.StartInstance(crowd, "job");
        await node.StartInstance(other, "job");
        await node.StartInstance(third, "job");

        // Two of the crowd and the other's are in hand; the crowd's rest and the third's, for whom no place was left, went by message.
        await Eventually.Holds(() => Task.FromResult(worker.Calls.Count == 4), "one of those in hand and three from messages run");
        (await Messages(database)).ShouldBe(3);
        worker.Gate.SetResult();
        await Completed(database, crowd, 4);
        await Completed(database, other, 1);
        await Completed(database, third, 1);
        worker.Calls.Select(c => c.JobId).ShouldBeUnique();
        worker.Calls.Count.ShouldBe(6);
    }

    [Fact]
    public async Task A_node_without_a_worker_for_the_type_bears_nothing_and_a_node_with_one_carries_it_out()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        var worker = Worker();
        await using var front = await RunnerHost.Start(database, ring);
        await using var back = await Node(database, worker, ring);
        var tenant = postgres.NewTenant();
        await front.Publish(tenant, TestProcesses.Job("job", Type));

        await front.StartInstance(tenant, "job");

        await Eventually.Holds(async () =>
        {
            await Sweep(back);
            return await Ended(database, tenant, 1);
        }, "the node with the worker has done it");
        worker.Calls.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_node_that_stops_gives_back_what_it_has_not_begun_and_what_it_could_not_finish()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        var (stopping, heir) = (Worker(), Worker());
        stopping.Gate = new TaskCompletionSource();
        var tenant = postgres.NewTenant();
        await using var second = await Node(database, heir, ring);
        var first = await Node(database, stopping, ring, options: new AttemptOptions(Running: 1));
        await first.Publish(tenant, TestProcesses.Job("job", Type));
        for (var i = 0; i < 3; i++)
            await first.StartInstance(tenant, "job");
        await Eventually.Holds(() => Task.FromResult(stopping.Calls.Count == 1), "one runs, two wait");

        await first.DisposeAsync();

        (await Sql.Ask<bool>(database.Connections.Writer, "select count(*) = 3 and bool_and(until <= now()) from cs.job_leases where tenant_id = $1", tenant)).ShouldBeTrue();
        (await Sweep(second)).ShouldBe(3);
        await Completed(database, tenant, 3);
        heir.Calls.Count.ShouldBe(3);
        stopping.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_later_attempt_is_born_of_nothing_and_comes_when_it_is_due()
    {
        await using var database = await RunnerHost.Database(postgres);
        var worker = new ScriptedWorker(Type, false, c => c.Attempt == 1 ? new JobOutcome.Failed("far.busy", "Busy.", RetryAfter: TimeSpan.FromSeconds(3)) : new JobOutcome.Completed(RunnerHost.Vars()));
        await using var node = await Node(database, worker, acts: true);
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", Type, retries: 2));

        await node.StartInstance(tenant, "job");

        await Completed(database, tenant, 1);
        worker.Calls.Select(c => c.Attempt).ShouldBe([1, 2]);
        (await Sql.Ask<bool>(database.Connections.Writer, """
            select d.timestamp - f.timestamp >= interval '2.9 seconds' from cs.mt_events f join cs.mt_events d on d.tenant_id = f.tenant_id and d.stream_id = f.stream_id
            where f.tenant_id = $1 and f.type = 'job.retried' and d.type = 'job.completed'
            """, tenant)).ShouldBeTrue();
    }

    private static ScriptedWorker Worker() => new(Type, false, _ => new JobOutcome.Completed(RunnerHost.Vars()));

    private static Task<RunnerHost> Node(TestDatabase database, ScriptedWorker worker, KeyRing? ring = null, AttemptOptions? options = null, bool acts = false) =>
        RunnerHost.Start(database, ring ?? KeyRing.Temporary(), acts, b =>
        {
            b.Services.AddSingleton<IJobWorker>(worker);
            b.Services.AddSingleton<JobSweeperForTest>();
            if (options is not null)
                b.Services.AddSingleton(options);
        });

    private static Task<int> Sweep(RunnerHost node) => node.Host.Services.GetRequiredService<JobSweeperForTest>().Sweep();

    private static Task<long> Messages(TestDatabase database) => Sql.Ask<long>(database.Connections.Writer, "select count(*) from wolverine.wolverine_incoming_envelopes where message_type = 'job_ready'");

    private static Task<bool> Ended(TestDatabase database, string tenant, int count) =>
        Sql.Ask<bool>(database.Connections.Writer, "select count(*) = $2 from cs.mt_events where tenant_id = $1 and type = 'instance.completed'", tenant, count);

    private static Task Completed(TestDatabase database, string tenant, int count) => Eventually.Holds(() => Ended(database, tenant, count), "the instances end", 120);
}
