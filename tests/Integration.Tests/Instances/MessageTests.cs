using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Projections.Sealing;
using Countersign.TestKit.Databases;
using Countersign.Workers.Instances;
using Countersign.Workers.Messages;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

/// <summary>Messages find their receiver: before and after it waits, once, and only in their tenant.</summary>
public sealed class MessageTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly KeyRing _ring = KeyRing.Temporary();
    private readonly string _tenant = postgres.NewTenant();
    private TestDatabase _database = null!;
    private RunnerHost _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await RunnerHost.Database(postgres);
        _node = await RunnerHost.Start(_database, _ring);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_message_goes_to_the_instance_that_waits_with_its_variables()
    {
        var (mine, other) = (await Waiting("A-1"), await Waiting("A-2"));
        var published = await Publish("m1", "A-1");
        (published.Fate, published.InstanceId).ShouldBe((MessageFate.Correlated, mine));
        var state = await State(mine);
        state.HasEnded.ShouldBeTrue();
        state.Variables[InstanceState.RootScope]["amount"].GetInt32().ShouldBe(7);
        (await State(other)).HasEnded.ShouldBeFalse();
    }

    [Fact]
    public async Task A_message_that_comes_first_is_kept_sealed_and_taken_when_an_instance_waits()
    {
        (await Publish("m1", "A-1")).Fate.ShouldBe(MessageFate.Buffered);
        (await Sql.Ask<bool>(_database.Connections.Writer, "select position('amount'::bytea in variables) = 0 from cs.messages where tenant_id = $1", _tenant)).ShouldBeTrue("variables are not stored in the clear");
        var other = await Waiting("A-2");
        var mine = await Waiting("A-1");
        await Eventually.Holds(async () => (await State(mine)).HasEnded, "the message is handed over");
        (await State(mine)).Variables[InstanceState.RootScope]["amount"].GetInt32().ShouldBe(7);
        (await State(other)).HasEnded.ShouldBeFalse();
        await Eventually.Holds(async () => await Publish("m1", "A-1") is { Fate: MessageFate.Correlated, InstanceId: var by } && by == mine, "a repeat is told who took it");
    }

    [Fact]
    public async Task A_message_whose_time_is_over_reaches_nobody()
    {
        (await Publish("kept", "A-1", TimeSpan.FromMilliseconds(300))).Fate.ShouldBe(MessageFate.Buffered);
        (await Publish("at once", "A-1", TimeSpan.Zero)).Fate.ShouldBe(MessageFate.Unmatched);
        await Eventually.Holds(async () => (await Post(p => p.Sweep(TimeSpan.FromSeconds(15), Cancel))).Expired == 1, "the sweeper ends it");
        (await Publish("kept", "A-1", TimeSpan.FromMilliseconds(300))).Fate.ShouldBe(MessageFate.Unmatched, "a repeat is no new message");
        var late = await Waiting("A-1");
        await Post(async p => { await p.Deliver(_tenant, "paid", "A-1", Cancel); return 0; });
        (await State(late)).HasEnded.ShouldBeFalse();
        (await Sql.Ask<bool>(_database.Connections.Writer, "select bool_and(variables is null) from cs.messages where tenant_id = $1", _tenant)).ShouldBeTrue("nothing is kept of them but their ids");
    }

    [Fact]
    public async Task The_same_id_is_taken_once_and_another_message_under_it_is_refused()
    {
        await Waiting("A-1");
        await Waiting("A-1");
        var first = await Publish("m1", "A-1");
        (await Publish("m1", "A-1")).ShouldBe(first);
        (await Ended()).ShouldBe(1);
        (await Publish("m1", "A-2")).Refusal!.Code.ShouldBe("message.id_reused");
        (await Post(p => p.Publish(new Message(_tenant, MessageSource.Api, "big", "paid", "A-1", RunnerHost.Vars(("x", new string('x', 70_000))), TimeSpan.Zero, RunnerHost.Ana), Cancel))).Refusal!.Code.ShouldBe("message.too_large");
        (await Post(p => p.Publish(new Message(_tenant, MessageSource.Api, "unnamed", "paid", "A-1", RunnerHost.Vars(("", 1)), TimeSpan.Zero, RunnerHost.Ana), Cancel))).Refusal!.Code.ShouldBe("variables.name");
        (await Post(p => p.Publish(new Message(_tenant, MessageSource.Api, "bad", "paid", "A-1", RunnerHost.Vars(("x", new Dictionary<string, int> { [SealedValue.Marker] = 1 })), TimeSpan.Zero, RunnerHost.Ana), Cancel))).Refusal!.Code.ShouldBe("variables.reserved_name");
    }

    [Fact]
    public async Task Messages_that_race_for_one_instance_reach_it_once_and_the_others_wait_for_the_next()
    {
        var first = await Waiting("A-1");
        var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => Publish("m" + i, "A-1"))));
        all.Count(p => p.Fate == MessageFate.Correlated && p.InstanceId == first).ShouldBe(1);
        all.Count(p => p.Fate == MessageFate.Buffered).ShouldBe(5);
        var next = new List<Guid>();
        for (var i = 0; i < 5; i++)
            next.Add(await Waiting("A-1"));
        await Eventually.Holds(async () => await Ended() == 6, "each instance has one");
        // An instance has ended a moment before its message is settled.
        await Eventually.Holds(
            async () => await Sql.Ask<long>(_database.Connections.Writer, "select count(distinct instance_id) from cs.messages where tenant_id = $1 and status = 'correlated'", _tenant) == 6,
            "each message is settled");
    }

    [Fact]
    public async Task A_message_and_its_receiver_that_race_always_meet()
    {
        await _node.Publish(_tenant, TestProcesses.MessageWaiter);
        for (var round = 0; round < 50; round++)
        {
            var (key, id) = ($"R-{round}", Guid.CreateVersion7());
            var publish = Task.Run(() => Publish("race" + key, key));
            var start = Task.Run(() => _node.StartInstance(_tenant, "paywait", id, ("order", key)));
            await Task.WhenAll(publish, start);
        }

        await Eventually.Holds(async () => await Ended() == 50, "all fifty have met");
        (await Sql.Ask<long>(_database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'message.correlated'", _tenant)).ShouldBe(50);
    }

    [Fact]
    public async Task What_does_not_interrupt_takes_every_message_in_turn()
    {
        await _node.Publish(_tenant, TestProcesses.MessageListener);
        var id = Guid.CreateVersion7();
        await _node.StartInstance(_tenant, "listener", id, ("order", "A-1"));
        await Task.WhenAll(Enumerable.Range(0, 5).Select(i => Task.Run(() => Publish("m" + i, "A-1"))));
        await Eventually.Holds(() => Sql.Ask<bool>(_database.Connections.Writer, "select count(*) = 5 from cs.messages where tenant_id = $1 and status = 'correlated'", _tenant), "all five are taken");
        (await State(id)).HasEnded.ShouldBeFalse();
    }

    [Fact]
    public async Task A_message_starts_a_process_once_and_goes_first_to_whom_waits()
    {
        await _node.Publish(_tenant, TestProcesses.MessageStarted);
        var started = await Publish("m1", "A-1");
        started.Fate.ShouldBe(MessageFate.Correlated);
        (await State(started.InstanceId!.Value)).ProcessKey.ShouldBe("paystart");
        (await Publish("m1", "A-1")).ShouldBe(started);
        var waiting = await Waiting("A-1");
        (await Publish("m2", "A-1")).InstanceId.ShouldBe(waiting);
        (await Sql.Ask<long>(_database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.started' and data ->> 'processKey' = 'paystart'", _tenant)).ShouldBe(1);
    }

    [Fact]
    public async Task A_promise_that_a_crash_left_is_kept_by_the_sweeper_to_the_same_instance()
    {
        var mine = await Waiting("A-1");
        _node.Runner.Fault = point => point == "before-commit" ? throw new InvalidOperationException("crash") : Task.CompletedTask;
        await Should.ThrowAsync<Exception>(() => Publish("m1", "A-1"));
        _node.Runner.Fault = null;
        var second = await Waiting("A-1");
        (await Publish("m2", "A-1")).InstanceId.ShouldBe(second, "the first is promised already");
        (await Post(p => p.Sweep(TimeSpan.Zero, Cancel))).Told.ShouldBe(1);
        var told = await Publish("m1", "A-1");
        (told.Fate, told.InstanceId).ShouldBe((MessageFate.Correlated, mine));
    }

    [Fact]
    public async Task A_promise_to_an_instance_that_is_cancelled_meanwhile_goes_to_the_next()
    {
        var first = await Waiting("A-1");
        var subscription = await Sql.Ask<string>(_database.Connections.Writer, "select id from cs.mt_doc_subscriptionrow where tenant_id = $1", _tenant);
        (await _node.Execute(new CancelInstance(_tenant, first, Actor.System, "not needed"))).Refusal.ShouldBeNull();
        (await State(first)).Status.ShouldBe(InstanceStatus.Cancelled);
        (await Sql.Ask<long>(_database.Connections.Writer, "select count(*) from cs.mt_doc_subscriptionrow where tenant_id = $1", _tenant)).ShouldBe(0);
        (await Publish("m1", "A-1")).ShouldBe(new Published(MessageFate.Buffered, null));
        // What a crash behind the promise leaves.
        await Sql.Ask<string>(_database.Connections.Writer,
            "update cs.messages set status = 'assigned', assigned_at = clock_timestamp(), instance_id = $2, subscription_id = $3 where tenant_id = $1 returning message_id", _tenant, first, subscription);
        var second = await Waiting("A-1");
        (await State(second)).HasEnded.ShouldBeFalse();
        (await Post(p => p.Sweep(TimeSpan.Zero, Cancel))).Told.ShouldBe(1);
        (await Publish("m1", "A-1")).InstanceId.ShouldBe(second);
        (await State(second)).HasEnded.ShouldBeTrue();
    }

    [Fact]
    public async Task A_message_stays_inside_its_tenant()
    {
        var foreign = postgres.NewTenant();
        await _node.Publish(foreign, TestProcesses.MessageStarted);
        await _node.Publish(foreign, TestProcesses.MessageWaiter);
        var theirs = Guid.CreateVersion7();
        await _node.StartInstance(foreign, "paywait", theirs, ("order", "A-1"));
        (await Publish("m1", "A-1")).Fate.ShouldBe(MessageFate.Buffered);
        (await State(theirs, foreign)).HasEnded.ShouldBeFalse();
        var same = await Post(p => p.Publish(new Message(foreign, MessageSource.Api, "m1", "paid", "A-1", RunnerHost.Vars(), TimeSpan.Zero, RunnerHost.Ana), Cancel));
        same.InstanceId.ShouldBe(theirs, "an id of one tenant is no concern of another's");
    }

    [Fact]
    public async Task A_thrown_message_is_kept_until_its_receiver_waits()
    {
        await _node.Publish(_tenant, TestProcesses.MessageThrower);
        await _node.StartInstance(_tenant, "payer", null, ("order", "A-1"), ("amount", 9));
        await Eventually.Holds(() => Sql.Ask<bool>(_database.Connections.Writer, "select count(*) = 1 from cs.messages where tenant_id = $1 and status = 'buffered'", _tenant), "it is kept");
        var mine = await Waiting("A-1");
        await Eventually.Holds(async () => (await State(mine)).HasEnded, "it is handed over");
        (await State(mine)).Variables[InstanceState.RootScope]["amount"].GetInt32().ShouldBe(9);
    }

    [Fact]
    public async Task A_process_that_starts_itself_by_a_message_stops_at_the_hundredth_within_an_hour()
    {
        await _node.Publish(_tenant, TestProcesses.MessageLoop);
        (await Post(p => p.Publish(new Message(_tenant, MessageSource.Api, "m1", "paid", "A-1", RunnerHost.Vars(("order", "A-1")), TimeSpan.Zero, RunnerHost.Ana), Cancel))).Fate.ShouldBe(MessageFate.Correlated);
        await Eventually.Holds(() => Sql.Ask<bool>(_database.Connections.Writer, "select count(*) = 1 from cs.mt_events where tenant_id = $1 and type = 'incident.raised' and data::text like '%event.chain_too_long%'", _tenant), "the loop stops", 90);
        (await Sql.Ask<long>(_database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.started'", _tenant)).ShouldBe(StartChain.Most + 1, "the one that the caller started, and a hundred more");
        (await Ended()).ShouldBe(StartChain.Most);
    }

    private async Task<Guid> Waiting(string order)
    {
        await _node.Publish(_tenant, TestProcesses.MessageWaiter);
        var id = Guid.CreateVersion7();
        await _node.StartInstance(_tenant, "paywait", id, ("order", order));
        return id;
    }

    private Task<Published> Publish(string id, string key, TimeSpan? life = null) =>
        Post(p => p.Publish(new Message(_tenant, MessageSource.Api, id, "paid", key, RunnerHost.Vars(("amount", 7)), life ?? TimeSpan.FromMinutes(10), RunnerHost.Ana), Cancel));

    private async Task<T> Post<T>(Func<MessagePost, Task<T>> act)
    {
        await using var scope = _node.Host.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<MessagePost>());
    }

    private Task<long> Ended() => Sql.Ask<long>(_database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.completed'", _tenant);

    private async Task<InstanceState> State(Guid id, string? tenant = null) =>
        (await _node.Host.Services.GetRequiredService<OpenedInstances>().Find(tenant ?? _tenant, id, Cancel))?.State ?? throw new InvalidOperationException("There is no such instance.");
}
