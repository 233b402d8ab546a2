using System.Collections.Immutable;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Projections.Instances;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Countersign.Workers.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

public sealed class RunnerTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_command_is_answered_when_its_facts_and_rows_are_durable()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Approval);

        var started = await node.StartInstance(tenant, "approval");

        started.Refusal.ShouldBeNull();
        var task = started.State!.Tasks.ShouldHaveSingleItem().Key;
        (await Sql.Ask<long>(database.Connections.Writer, "select version from cs.mt_streams where tenant_id = $1 and id = $2", tenant, StreamsOf.Instance(started.State.Id))).ShouldBe(started.Version);
        (await Sql.Ask<string>(database.Connections.Writer, "select id from cs.mt_doc_taskrow where tenant_id = $1", tenant)).ShouldBe(task);

        var completed = await node.Execute(new CompleteTask(tenant, started.State.Id, RunnerHost.Ben, task, "complete", null, null, ImmutableDictionary<string, System.Text.Json.JsonElement>.Empty));

        completed.Refusal.ShouldBeNull();
        completed.State!.Status.ShouldBe(InstanceStatus.Completed);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_doc_taskrow where tenant_id = $1", tenant)).ShouldBe(0);
        node.Runner.Statistics.Commits.ShouldBe(2, "one commit for each command from outside");
    }

    [Fact]
    public async Task Facts_say_who_by_which_command_and_under_which_trace()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Straight);
        using var activity = new System.Diagnostics.Activity("test").Start();

        await node.StartInstance(tenant, "straight");

        (await Sql.Ask<bool>(database.Connections.Writer,
            "select bool_and(user_name = 'ana' and correlation_id = $2 and causation_id is not null and type like '%.%') from cs.mt_events where tenant_id = $1", tenant, activity.TraceId.ToHexString()))
            .ShouldBeTrue();
    }

    [Fact]
    public async Task Many_commands_of_many_tenants_share_transactions_and_all_are_carried_out()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenants = Enumerable.Range(0, 5).Select(_ => postgres.NewTenant()).ToArray();
        foreach (var tenant in tenants)
            await node.Publish(tenant, TestProcesses.Straight);

        var results = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => node.StartInstance(tenants[i % 5], "straight")));

        results.ShouldAllBe(r => r.State!.Status == InstanceStatus.Completed);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_streams where tenant_id = any($1)", (object)tenants)).ShouldBe(500);
        node.Runner.Statistics.Commits.ShouldBeLessThan(250);
        node.Runner.Statistics.FailedBatches.ShouldBe(0);
    }

    [Fact]
    public async Task A_repeated_start_under_a_key_gives_the_stored_answer_and_one_instance()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Straight);
        var id = StreamsOf.StartedUnder(tenant, "key-1", "order-7");
        IdempotentCall Call(string body) => new("key-1", "order-7", body, r => new StoredResponse(201, "application/json", $"{{\"version\":{r.Version}}}"));
        Task<CommandResult> Send(string body) => node.Execute(new StartInstance(tenant, id, RunnerHost.Ana, "straight:1", RunnerHost.Vars()), Call(body));

        var first = await Send("hash-a");
        var repeat = await Send("hash-a");
        var other = await Send("hash-b");

        first.Replayed.ShouldBeFalse();
        repeat.Replayed.ShouldBeTrue();
        repeat.Response.ShouldBe(first.Response);
        other.Refusal!.Code.ShouldBe("idempotency.key_reused");
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_streams where tenant_id = $1", tenant)).ShouldBe(1);
        // Another credential's key is another key.
        StreamsOf.StartedUnder(tenant, "key-2", "order-7").ShouldNotBe(id);
    }

    [Fact]
    public async Task A_hundred_parallel_starts_under_one_key_on_two_nodes_make_one_instance()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        await using var one = await RunnerHost.Start(database, ring);
        await using var two = await RunnerHost.Start(database, ring);
        var tenant = postgres.NewTenant();
        await one.Publish(tenant, TestProcesses.Approval);
        var id = StreamsOf.StartedUnder(tenant, "key-1", "same");

        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => (i % 2 == 0 ? one : two).Execute(new StartInstance(tenant, id, RunnerHost.Ana, "approval:1", RunnerHost.Vars()),
            new IdempotentCall("key-1", "same", "hash", r => new StoredResponse(201, null, null)))));

        results.Count(r => r.Refusal is null).ShouldBeGreaterThan(0);
        results.Where(r => r.Refusal is not null).ShouldAllBe(r => r.Refusal!.Code == "idempotency.in_flight");
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.started'", tenant)).ShouldBe(1);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_doc_commandreceipt where tenant_id = $1", tenant)).ShouldBe(1);
    }

    [Fact]
    public async Task Two_people_who_answer_one_task_at_once_cannot_both_win()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        await using var one = await RunnerHost.Start(database, ring);
        await using var two = await RunnerHost.Start(database, ring);
        var tenant = postgres.NewTenant();
        await one.Publish(tenant, TestProcesses.Approval);
        for (var round = 0; round < 10; round++)
        {
            var started = await one.StartInstance(tenant, "approval");
            var task = started.State!.Tasks.Keys.Single();
            var cleo = new Actor("cleo", ActorKind.Person, [], ["approvers"]);

            var answers = await Task.WhenAll(
                one.Execute(new CompleteTask(tenant, started.State.Id, RunnerHost.Ben, task, "complete", null, null, RunnerHost.Vars())),
                two.Execute(new CompleteTask(tenant, started.State.Id, cleo, task, "complete", null, null, RunnerHost.Vars())));

            answers.Count(a => a.Outcome is Outcome.Facts).ShouldBe(1);
            answers.Single(a => a.Outcome is not Outcome.Facts).Refusal!.Kind.ShouldBe(RefusalKind.Conflict);
        }
    }

    [Fact]
    public async Task A_command_that_loses_a_race_costs_its_batch_nothing()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), configure: b => b.Configuration["Countersign:Runner:Writers"] = "1");
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Approval);
        var victim = await node.StartInstance(tenant, "approval");
        var stream = StreamsOf.Instance(victim.State!.Id);
        var raced = false;
        node.Runner.Fault = async point =>
        {
            if (point != "before-commit" || raced)
                return;
            raced = true;
            // Another node commits to the victim's stream between this batch's look and its append.
            await using var session = node.Store.LightweightSession(tenant);
            session.Events.Append(stream, victim.Version + 1, new VariablesSet(InstanceState.RootScope, RunnerHost.Vars(("raced", true)), "operator", "otto", "race"));
            await session.SaveChangesAsync();
        };

        var good = Enumerable.Range(0, 20).Select(_ => node.StartInstance(tenant, "approval")).ToArray();
        var loser = node.Execute(new SetVariables(tenant, victim.State.Id, new Actor("otto", ActorKind.Person, ["operator"], []), RunnerHost.Vars(("mine", 1)), "test"));
        var results = await Task.WhenAll(good);
        var late = await loser;

        raced.ShouldBeTrue();
        results.ShouldAllBe(r => r.Refusal == null);
        late.Refusal.ShouldBeNull();
        late.State!.Variables[InstanceState.RootScope].Keys.ShouldBe(["raced", "mine"], ignoreOrder: true);
    }

    [Fact]
    public async Task Two_nodes_with_random_routing_have_no_failed_batches_when_commands_do_not_race()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        await using var one = await RunnerHost.Start(database, ring);
        await using var two = await RunnerHost.Start(database, ring);
        var tenant = postgres.NewTenant();
        await one.Publish(tenant, TestProcesses.Approval);
        var random = new Random(7);
        var nodes = Enumerable.Range(0, 2_000).Select(_ => random.Next(2) == 0 ? one : two).ToArray();
        var otto = new Actor("otto", ActorKind.Person, ["operator"], []);

        await Parallel.ForAsync(0, 100, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
        {
            var id = (await nodes[i].StartInstance(tenant, "approval")).State!.Id;
            for (var step = 1; step < 8; step++)
                (await nodes[(i * 8) + step].Execute(new SetVariables(tenant, id, otto, RunnerHost.Vars(("step", step)), "test"))).Refusal.ShouldBeNull();
        });

        one.Runner.Statistics.FailedBatches.ShouldBe(0);
        two.Runner.Statistics.FailedBatches.ShouldBe(0);
    }

    [Fact]
    public async Task Racing_writers_leave_no_gap_in_the_sequence_G9()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        await using var one = await RunnerHost.Start(database, ring);
        await using var two = await RunnerHost.Start(database, ring);
        var tenant = postgres.NewTenant();
        await one.Publish(tenant, TestProcesses.Approval);
        var id = (await one.StartInstance(tenant, "approval")).State!.Id;
        var otto = new Actor("otto", ActorKind.Person, ["operator"], []);

        var results = await Task.WhenAll(Enumerable.Range(0, 16).SelectMany(w => Enumerable.Range(0, 5).Select(i =>
            (w % 2 == 0 ? one : two).Execute(new SetVariables(tenant, id, otto, RunnerHost.Vars(($"w{w}", i)), "race")))));

        results.Where(r => r.Refusal is not null).ShouldAllBe(r => r.Refusal!.Code == "instance.busy");
        (await Sql.Ask<bool>(database.Connections.Writer, "select count(*) = max(seq_id) and max(seq_id) = (select last_value from cs.mt_events_sequence) from cs.mt_events")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_refused_person_is_recorded_in_the_access_stream_and_not_in_the_instance()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Approval);
        var started = await node.StartInstance(tenant, "approval");
        var task = started.State!.Tasks.Keys.Single();

        for (var i = 0; i < 5; i++)
        {
            var refused = await node.Execute(new CompleteTask(tenant, started.State.Id, RunnerHost.Ana, task, "complete", null, null, RunnerHost.Vars()));
            refused.Refusal!.Kind.ShouldBe(RefusalKind.Denied);
        }

        await node.Host.StopAsync(TestContext.Current.CancellationToken);
        (await Sql.Ask<long>(database.Connections.Writer, "select version from cs.mt_streams where tenant_id = $1 and id = $2", tenant, StreamsOf.Instance(started.State.Id))).ShouldBe(started.Version);
        (await Sql.Ask<long>(database.Connections.Writer, "select sum((data ->> 'count')::int) from cs.mt_events where tenant_id = $1 and stream_id like 'access/ana/%'", tenant)).ShouldBe(5);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and stream_id like 'access/ana/%'", tenant)).ShouldBe(2);
    }

    [Fact]
    public async Task When_too_much_waits_the_answer_is_a_limit_and_nothing_is_lost()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), configure: b =>
        {
            b.Configuration["Countersign:Runner:Writers"] = "1";
            b.Configuration["Countersign:Runner:Waiting"] = "20";
            b.Configuration["Countersign:Runner:WaitingOfTenant"] = "10";
        });
        var (greedy, other) = (postgres.NewTenant(), postgres.NewTenant());
        await node.Publish(greedy, TestProcesses.Straight);
        await node.Publish(other, TestProcesses.Straight);
        var gate = new TaskCompletionSource();
        node.Runner.Fault = point => point == "taken" ? gate.Task : Task.CompletedTask;

        var flood = Enumerable.Range(0, 50).Select(_ => node.StartInstance(greedy, "straight")).ToArray();
        var modest = node.StartInstance(other, "straight");
        gate.SetResult();
        var results = await Task.WhenAll(flood);

        (await modest).Refusal.ShouldBeNull("another tenant's place is not taken by a greedy one");
        // Ten at most were taken before the gate closed, and ten waited.
        results.Count(r => r.Refusal?.Code == "runner.overloaded").ShouldBeGreaterThanOrEqualTo(30);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_streams where tenant_id = $1", greedy)).ShouldBe(results.Count(r => r.Refusal is null));
    }
}
