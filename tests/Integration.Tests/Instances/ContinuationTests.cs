using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Domain.Trail;
using Countersign.Integration.Tests.Databases;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Countersign.Workers.Instances;
using Countersign.Workers.Jobs;
using Countersign.Workers.Messages;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

/// <summary>Instances that go on in a successor, on the database: one transaction, nothing lost, nothing twice, nothing open that was sealed.</summary>
public sealed class ContinuationTests(PostgresFixture postgres)
{
    private const string Iban = "DE89370400440532013000";
    private static readonly Actor Otto = new("otto", ActorKind.Person, ["operator"], []);
    private readonly string _tenant = postgres.NewTenant();

    public static TheoryData<string> Points => ["decided", "before-commit", "after-commit-before-send"];

    [Theory]
    [MemberData(nameof(Points))]
    public async Task A_node_that_ends_in_between_leaves_one_of_the_two_and_a_repeat_gives_the_same_successor(string point)
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        var first = await RunnerHost.Start(database, ring);
        await first.Publish(_tenant, TestProcesses.OneAtATime);
        var id = (await first.Execute(new StartInstance(_tenant, Guid.CreateVersion7(), RunnerHost.Ana, "single:1", RunnerHost.Vars(), "K"))).State!.Id;
        var next = Continuation.SuccessorOf(id);
        await using var death = await CrashTests.Death.At(first, point, () => first.Execute(new ContinueInstance(_tenant, id, Otto, "long")));
        await using var second = await RunnerHost.Start(database, ring);
        var stored = await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type in ('instance.continued', 'instance.taken_over')", _tenant);
        stored.ShouldBe(point.StartsWith("after", StringComparison.Ordinal) ? 2 : 0, "both or none");
        (await Holder(database)).ShouldBe(stored == 0 ? id : next, "the key is held throughout");

        var answer = await second.Execute(new ContinueInstance(_tenant, id, Otto, "long"));
        answer.State!.Successor.ShouldBe(next);
        (await Holder(database)).ShouldBe(next);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type in ('instance.continued', 'instance.taken_over')", _tenant)).ShouldBe(2);
        (await Sql.Ask<string>(database.Connections.Writer, "select string_agg(data ->> 'instanceId', ' ') from cs.mt_doc_taskrow where tenant_id = $1", _tenant)).ShouldBe(next.ToString("D"));
        (await second.Execute(new StartInstance(_tenant, Guid.CreateVersion7(), RunnerHost.Ana, "single:1", RunnerHost.Vars(), "K"))).Refusal!.Detail.ShouldContain(next.ToString("D"));

        var task = (await State(second, next)).Tasks.Keys.Single();
        (await second.Execute(new CompleteTask(_tenant, id, RunnerHost.Ben, Continuation.Renamed(task, id), "complete", null, null, RunnerHost.Vars()))).Refusal!.Code.ShouldBe("instance.continued");
        (await second.Execute(new CompleteTask(_tenant, next, RunnerHost.Ben, task, "complete", null, null, RunnerHost.Vars()))).State!.Status.ShouldBe(InstanceStatus.Completed);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_doc_businesskeyrow where tenant_id = $1", _tenant)).ShouldBe(0);
    }

    [Fact]
    public async Task What_is_personal_stays_sealed_and_the_successors_stream_alone_gives_its_state()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        Guid id;
        string task;
        await using (var node = await RunnerHost.Start(database, ring))
        {
            await node.Publish(_tenant, TestProcesses.Personal);
            id = (await node.StartInstance(_tenant, "personal", variables: [("invoice", new { number = "R-1", iban = Iban }), ("applicant", new { name = "Wilhelmine Katzenstein" }), ("customer", "c-77")])).State!.Id;
            // An open job keeps its mapped input, under another name.
            (await node.Execute(new ContinueInstance(_tenant, id, Otto, "long"))).State!.Status.ShouldBe(InstanceStatus.Continued);
        }

        var next = Continuation.SuccessorOf(id);
        var dump = await DatabaseDump.Of(database);
        dump.ShouldContain("R-1");
        dump.ShouldNotContain(Iban);
        dump.ShouldNotContain("Katzenstein");
        // The link names the predecessor's last fact as its leaf in the trail does.
        var last = await Sql.Ask<string>(database.Connections.Writer, "select data::text from cs.mt_events where tenant_id = $1 and type = 'instance.continued'", _tenant);
        (await Sql.Ask<string>(database.Connections.Writer, "select data #>> '{predecessor,hash}' from cs.mt_events where tenant_id = $1 and type = 'instance.taken_over'", _tenant))
            .ShouldBe(Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(Encoding.UTF8.GetBytes(last)))));
        (await Sql.Ask<bool>(database.Connections.Writer, """
            select n.data #>> '{predecessor,instanceId}' = substring(p.stream_id from 10)::uuid::text and (n.data #>> '{predecessor,version}')::bigint = p.version and p.version = s.version
            from cs.mt_events p join cs.mt_events n on n.tenant_id = p.tenant_id join cs.mt_streams s on s.tenant_id = p.tenant_id and s.id = p.stream_id
            where p.tenant_id = $1 and p.type = 'instance.continued' and n.type = 'instance.taken_over'
            """, _tenant)).ShouldBeTrue();

        await using (var fresh = await RunnerHost.Start(database, ring))
        {
            var jobs = fresh.Host.Services.GetRequiredService<ExternalJobs>();
            var job = (await jobs.Activate(_tenant, "bank:check", "w", 1, TimeSpan.FromMinutes(1), TimeSpan.Zero, Cancel)).ShouldHaveSingleItem();
            job.Job.InstanceId.ShouldBe(next);
            job.Job.Variables["account"].GetString().ShouldBe(Iban);
            job.EffectId.ShouldBe(EffectIds.Of(_tenant, id, Continuation.Renamed(job.Job.Id, id)), "the bank knows it as the same effect");
            var held = (await fresh.Execute(new ContinueInstance(_tenant, next, Otto, "longer"))).Refusal!;
            (held.Kind, held.Code).ShouldBe((RefusalKind.Conflict, "instance.attempts_open"));
            // The result comes under the ids of before.
            var done = await fresh.Execute(new CompleteJob(_tenant, id, Actor.System, Continuation.Renamed(job.Job.Id, id), 1, RunnerHost.Vars(("answer", Iban))));
            done.State!.Id.ShouldBe(next, "it follows the instance");
            done.State.Variables[InstanceState.RootScope]["invoice"].GetProperty("iban").GetString().ShouldBe(Iban);
            task = done.State.Tasks.Keys.ShouldHaveSingleItem();
            (await fresh.Execute(new CompleteJob(_tenant, id, Actor.System, Continuation.Renamed(job.Job.Id, id), 1, RunnerHost.Vars()))).Outcome.ShouldBe(Outcome.Nothing);
            (await fresh.Execute(new ContinueInstance(_tenant, next, Otto, "longer"))).Refusal.ShouldBeNull();
        }

        await using var third = await RunnerHost.Start(database, ring);
        var at = Continuation.SuccessorOf(next);
        (await State(third, at)).Variables[InstanceState.RootScope]["applicant"].GetProperty("name").GetString().ShouldBe("Wilhelmine Katzenstein");
        (await third.Execute(new CompleteTask(_tenant, at, RunnerHost.Ben, Continuation.Renamed(task, at), "complete", null, null, RunnerHost.Vars()))).State!.Status.ShouldBe(InstanceStatus.Completed);
        (await DatabaseDump.Of(database)).ShouldNotContain(Iban);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_doc_jobrow where tenant_id = $1", _tenant)).ShouldBe(0);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.job_leases where tenant_id = $1", _tenant)).ShouldBe(0);
    }

    [Fact]
    public async Task Caller_and_called_find_one_another_after_both_have_gone_on()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        await node.Publish(_tenant, TestProcesses.Caller("caller", "called"));
        await node.Publish(_tenant, TestProcesses.Job("called", "bank:pay"));
        foreach (var cancelled in new[] { false, true })
        {
            var parent = (await node.StartInstance(_tenant, "caller")).State!.Id;
            // Before the letter that starts the called instance has been read, or after: both must lead there.
            await node.Execute(new ContinueInstance(_tenant, parent, Otto, "long"));
            var caller = Continuation.SuccessorOf(parent);
            var call = (await State(node, caller)).Calls.Values.ShouldHaveSingleItem();
            var child = await Eventually.Find(async () => await Find(node, call.ChildId) is { Jobs.IsEmpty: false } found ? found : null, "the called instance runs");
            await node.Execute(new ContinueInstance(_tenant, child.Id, Otto, "long"));
            var called = await State(node, Continuation.SuccessorOf(child.Id));
            called.Parent.ShouldBe(child.Parent);
            if (cancelled)
            {
                await node.Execute(new CancelInstance(_tenant, caller, Otto, "wrong"));
                await Eventually.Holds(async () => (await State(node, called.Id)).Status == InstanceStatus.Cancelled, "the called instance's successor is cancelled");
                continue;
            }

            await node.Execute(new CompleteJob(_tenant, called.Id, Actor.System, called.Jobs.Keys.Single(), 1, RunnerHost.Vars(("receipt", "R-1"))));
            var ended = await Eventually.Find(async () => await State(node, caller) is { HasEnded: true } s ? s : null, "the caller's successor goes on and ends");
            (ended.Status, ended.Variables[InstanceState.RootScope]["receipt"].GetString()).ShouldBe((InstanceStatus.Completed, "R-1"));
        }

        // What is charged and what is told partners is read from the first fact: a chain completes once, and a called one is no case of its own.
        (await Sql.Ask<string>(database.Connections.Writer, """
            select string_agg((e.data ->> 'processKey') || ' ' || (e.data ->> 'version') || ' ' || (e.data ->> 'parent' is null), ', ' order by e.seq_id)
            from cs.mt_events e where e.tenant_id = $1 and e.version = 1 and e.type = 'instance.taken_over'
            """, _tenant)).ShouldBe("caller 1 true, called 1 false, caller 1 true, called 1 false");
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.completed'", _tenant)).ShouldBe(2, "caller and called, once each");
    }

    [Fact]
    public async Task A_message_a_timer_and_a_signal_reach_the_successor_once()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        await node.Publish(_tenant, TestProcesses.MessageListener);
        await node.Publish(_tenant, TestProcesses.Timer("PT1H"));
        var id = (await node.StartInstance(_tenant, "listener", null, ("order", "A-1"))).State!.Id;
        var old = (await State(node, id)).Subscriptions.Keys.Single();
        await node.Execute(new ContinueInstance(_tenant, id, Otto, "long"));
        var next = Continuation.SuccessorOf(id);
        await using (var scope = node.Host.Services.CreateAsyncScope())
        {
            var post = scope.ServiceProvider.GetRequiredService<MessagePost>();
            var published = await post.Publish(new Message(_tenant, "test", "m-1", "paid", "A-1", RunnerHost.Vars(), MessagePost.UsualLife, Actor.System), Cancel);
            (published.Fate, published.InstanceId).ShouldBe((MessageFate.Correlated, next));
        }

        // The same once more, on the way since before the continuation.
        (await node.Execute(new CorrelateMessage(_tenant, id, Actor.System, old, "m-1", RunnerHost.Vars()))).Outcome.ShouldBe(Outcome.Nothing);
        (await node.Execute(new CorrelateMessage(_tenant, id, Actor.System, old, "m-2", RunnerHost.Vars()))).State!.Id.ShouldBe(next);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'message.correlated'", _tenant)).ShouldBe(2);

        var waiting = (await node.StartInstance(_tenant, "timer")).State!;
        await node.Execute(new SuspendInstance(_tenant, waiting.Id, Otto, "hold"));
        await node.Execute(new ContinueInstance(_tenant, waiting.Id, Otto, "long"));
        var at = Continuation.SuccessorOf(waiting.Id);
        (await State(node, at)).SuspendedAt.ShouldNotBeNull("what stood still stands still");
        (await node.Execute(new FireTimer(_tenant, waiting.Id, Actor.System, waiting.Timers.Keys.Single()))).Refusal!.Code.ShouldBe("instance.suspended");
        await node.Execute(new ResumeInstance(_tenant, at, Otto, "go"));
        (await Sql.Ask<string>(database.Connections.Writer, "select string_agg(id, ' ') from cs.mt_doc_timerrow where tenant_id = $1", _tenant)).ShouldBe(Continuation.Renamed(waiting.Timers.Keys.Single(), at));
        (await node.Execute(new FireTimer(_tenant, waiting.Id, Actor.System, waiting.Timers.Keys.Single()))).State!.ShouldSatisfyAllConditions(s => s.Id.ShouldBe(at), s => s.Status.ShouldBe(InstanceStatus.Completed));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<Guid> Holder(TestDatabase database) => Sql.Ask<Guid>(database.Connections.Writer, "select (data ->> 'instanceId')::uuid from cs.mt_doc_businesskeyrow where tenant_id = $1", _tenant);

    private async Task<InstanceState?> Find(RunnerHost node, Guid id) => (await node.Host.Services.GetRequiredService<OpenedInstances>().Find(_tenant, id, Cancel))?.State;

    private async Task<InstanceState> State(RunnerHost node, Guid id) => await Find(node, id) ?? throw new InvalidOperationException("There is no such instance.");
}
