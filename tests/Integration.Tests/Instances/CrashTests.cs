using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Projections.Instances;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Countersign.Workers.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

/// <summary>Ends a node between every two steps of a batch and goes on with another: what is stored must equal an uninterrupted run (G11).</summary>
public sealed class CrashTests(PostgresFixture postgres)
{
    public static TheoryData<string> Points => ["taken", "loaded", "decided", "before-commit", "after-commit-before-send", "after-commit"];

    [Theory]
    [MemberData(nameof(Points))]
    public async Task A_node_that_ends_between_two_steps_leaves_what_an_uninterrupted_run_leaves(string point)
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        var (straight, crashed) = (postgres.NewTenant(), postgres.NewTenant());
        var expected = await Uninterrupted(database, ring, straight);
        var worker = Worker();

        // Each step of the case is begun on a node that ends at the point; the caller has no answer and sends again to the next node.
        var first = await Node(database, ring, worker);
        await first.Publish(crashed, TestProcesses.Job("job", "countersign:test"));
        var id = StreamsOf.StartedUnder(crashed, "key-1", "case");
        var call = new CaseCall("case");
        await using var death = await Death.At(first, point, () => first.Execute(new StartInstance(crashed, id, RunnerHost.Ana, "job:1", RunnerHost.Vars(("n", 1))), call.Call));
        await using var second = await Node(database, ring, worker);
        var answer = await second.Execute(new StartInstance(crashed, id, RunnerHost.Ana, "job:1", RunnerHost.Vars(("n", 1))), call.Call);

        answer.Refusal.ShouldBeNull();
        answer.Response.ShouldNotBeNull();
        await Eventually.Holds(async () =>
        {
            // A dead process renews no lease; the one in this test only plays dead.
            await using (var expire = database.Connections.Writer.CreateCommand("update cs.job_leases set until = now() - interval '1 minute' where tenant_id = $1 and worker <> '(queued)'"))
            {
                expire.Parameters.AddWithValue(crashed);
                await expire.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }

            await second.Host.Services.GetRequiredService<JobSweeperForTest>().Sweep();
            return await Sql.Ask<bool>(database.Connections.Writer, "select count(*) = 1 from cs.mt_events where tenant_id = $1 and type = 'instance.completed'", crashed);
        }, "the instance ends");
        (await Facts(database, crashed)).ShouldBe(expected);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_doc_commandreceipt where tenant_id = $1", crashed)).ShouldBe(1);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_doc_jobrow where tenant_id = $1", crashed)).ShouldBe(0);
    }

    [Fact]
    public async Task A_command_whose_commit_had_an_unknown_outcome_is_answered_as_what_it_was_G4()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), configure: b => b.Configuration["Countersign:Runner:Writers"] = "1");
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Approval);
        var cut = 0;
        // Every other commit's answer is lost, half of them before the commit and half after it.
        node.Runner.Fault = point => (point is "before-commit" or "after-commit-before-send") && Interlocked.Increment(ref cut) % 3 == 0
            ? throw new NpgsqlException("The connection was cut.", new IOException("cut")) : Task.CompletedTask;

        for (var i = 0; i < 60; i++)
        {
            var started = await node.StartInstance(tenant, "approval");
            started.Outcome.ShouldBeOfType<Domain.Outcome.Facts>();
            var task = started.State!.Tasks.Keys.ShouldHaveSingleItem();
            var completed = await node.Execute(new CompleteTask(tenant, started.State.Id, RunnerHost.Ben, task, "complete", null, null, RunnerHost.Vars()));
            completed.Outcome.ShouldBeOfType<Domain.Outcome.Facts>("it was this command that completed the task, whatever became of the first answer");
            completed.State!.Status.ShouldBe(InstanceStatus.Completed);
        }

        cut.ShouldBeGreaterThan(100);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.started'", tenant)).ShouldBe(60);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'task.completed'", tenant)).ShouldBe(60);
    }

    [Fact]
    public async Task A_snapshot_and_its_tail_give_the_state_that_a_replay_gives()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        var tenant = postgres.NewTenant();
        var otto = new Domain.Tenants.Actor("otto", Domain.Tenants.ActorKind.Person, ["operator"], []);
        Guid id;
        await using (var first = await RunnerHost.Start(database, ring))
        {
            await first.Publish(tenant, TestProcesses.Personal);
            id = (await first.StartInstance(tenant, "personal", variables: ("invoice", new { iban = "DE89370400440532013000" }))).State!.Id;
            for (var i = 0; i < 130; i++)
                (await first.Execute(new SetVariables(tenant, id, otto, RunnerHost.Vars(("step", i)), "count"))).Refusal.ShouldBeNull();
        }

        (await Sql.Ask<long>(database.Connections.Writer, "select (data ->> 'streamVersion')::bigint from cs.mt_doc_instancesnapshot where tenant_id = $1", tenant)).ShouldBeGreaterThanOrEqualTo(100);
        JsonElement fromSnapshot, replayed;
        await using (var second = await RunnerHost.Start(database, ring))
            fromSnapshot = Json((await second.Execute(new SetVariables(tenant, id, otto, RunnerHost.Vars(("last", 1)), "look"))).State!);
        await Sql.Ask<string>(database.Connections.Writer, "update cs.mt_doc_instancesnapshot set data = jsonb_set(data, '{fingerprint}', '\"older\"') where tenant_id = $1 returning id", tenant);
        await using (var third = await RunnerHost.Start(database, ring))
            replayed = Json((await third.Execute(new SetVariables(tenant, id, otto, RunnerHost.Vars(("last", 1)), "look"))).State!);

        replayed.GetProperty("variables").ToString().ShouldBe(fromSnapshot.GetProperty("variables").ToString());
        replayed.GetProperty("jobs").ToString().ShouldBe(fromSnapshot.GetProperty("jobs").ToString());
    }

    private static JsonElement Json(InstanceState state) => JsonSerializer.SerializeToElement(state, StoreJson.Options);

    private async Task<string> Uninterrupted(TestDatabase database, KeyRing ring, string tenant)
    {
        await using var node = await Node(database, ring, Worker());
        await node.Publish(tenant, TestProcesses.Job("job", "countersign:test"));
        await node.Execute(new StartInstance(tenant, StreamsOf.StartedUnder(tenant, "key-1", "case"), RunnerHost.Ana, "job:1", RunnerHost.Vars(("n", 1))), new CaseCall("case").Call);
        await Eventually.Holds(() => Sql.Ask<bool>(database.Connections.Writer, "select count(*) = 1 from cs.mt_events where tenant_id = $1 and type = 'instance.completed'", tenant), "the instance ends");
        return await Facts(database, tenant);
    }

    private static ScriptedWorker Worker() => new("countersign:test", false, _ => new JobOutcome.Completed(RunnerHost.Vars(("answer", 42))));

    private static Task<RunnerHost> Node(TestDatabase database, KeyRing ring, ScriptedWorker worker) => RunnerHost.Start(database, ring, configure: b =>
    {
        b.Services.AddSingleton<IJobWorker>(worker);
        b.Services.AddSingleton<JobSweeperForTest>();
    });

    /// <summary>
    /// The node stops dead at the point: its caller gets no answer, and its runner does nothing any more. What is left of it is cleared away
    /// when the test is over.
    /// </summary>
    internal sealed class Death(RunnerHost node, TaskCompletionSource grave, Task command) : IAsyncDisposable
    {
        public static async Task<Death> At(RunnerHost node, string point, Func<Task> command)
        {
            var (reached, grave) = (new TaskCompletionSource(), new TaskCompletionSource());
            node.Runner.Fault = at =>
            {
                if (at != point && !reached.Task.IsCompleted)
                    return Task.CompletedTask;
                reached.TrySetResult();
                return grave.Task;
            };
            var sent = command();
            await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
            return new Death(node, grave, sent);
        }

        public async ValueTask DisposeAsync()
        {
            grave.SetException(new InvalidOperationException("The node is dead."));
            await Should.ThrowAsync<InvalidOperationException>(() => command);
            await node.DisposeAsync();
        }
    }

    private static async Task<string> Facts(TestDatabase database, string tenant) => await Sql.Ask<string>(database.Connections.Writer, """
        select string_agg(version || ' ' || type || ' ' || regexp_replace((data - 'at' - 'dueAt' - 'instanceId')::text, '[0-9a-f]{32}', 'id', 'g'), E'\n' order by version)
        from cs.mt_events where tenant_id = $1 and stream_id like 'instance/%'
        """, tenant);

    private sealed class CaseCall(string key)
    {
        public Workers.Instances.IdempotentCall Call { get; } = new("key-1", key, "hash", r => new StoredResponse(201, null, null));
    }
}

/// <summary>The sweeper, driven by a test.</summary>
internal sealed class JobSweeperForTest(IServiceProvider services)
{
    private readonly JobSweeperHost _sweeper = ActivatorUtilities.CreateInstance<JobSweeperHost>(services);

    public Task<int> Sweep() => _sweeper.Sweep(TimeSpan.FromSeconds(3), CancellationToken.None);
}
