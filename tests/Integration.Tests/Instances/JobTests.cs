using System.Collections.Concurrent;
using System.Reflection;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Countersign.Workers.Hosting;
using Countersign.Workers.Instances;
using Countersign.Workers.Jobs;
using Hangfire.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

public sealed class JobTests(PostgresFixture postgres)
{
    private const int Crowd = 16;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_built_in_job_is_carried_out_and_its_result_completes_the_instance(bool inference)
    {
        await using var database = await RunnerHost.Database(postgres);
        var worker = new ScriptedWorker("countersign:test", inference, _ => new JobOutcome.Completed(RunnerHost.Vars(("answer", 42))));
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), acts: true, configure: b => b.Services.AddSingleton<IJobWorker>(worker));
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", "countersign:test"));

        var started = await node.StartInstance(tenant, "job", variables: ("input", "x"));

        await Completed(database, tenant, started.State!.Id);
        var call = worker.Calls.ShouldHaveSingleItem();
        call.Variables["input"].GetString().ShouldBe("x");
        call.Attempt.ShouldBe(1);
        call.EffectId.ShouldBe(EffectIds.Of(tenant, started.State.Id, call.JobId));
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_doc_jobrow")).ShouldBe(0);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.job_leases")).ShouldBe(0);
    }

    [Fact]
    public async Task An_inference_that_a_node_without_workers_enqueues_is_told_to_the_other_nodes()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        var worker = new ScriptedWorker("countersign:test", true, _ => new JobOutcome.Completed(RunnerHost.Vars()));
        await using var front = await RunnerHost.Start(database, ring, acts: false, configure: b => b.Services.AddSingleton<IJobWorker>(worker));
        await using var back = await RunnerHost.Start(database, ring, acts: false);
        using var ear = back.Host.Services.GetRequiredService<Notices>().Listen(Channels.Inference, "");
        var tenant = postgres.NewTenant();
        await front.Publish(tenant, TestProcesses.Job("job", "countersign:test"));
        var told = ear.Next;

        await front.StartInstance(tenant, "job");

        await told.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await Eventually.Holds(() => Sql.Ask<bool>(database.Connections.Writer, "select count(*) = 1 from cs.job_leases where worker = '(queued)' and until > now() + interval '4 minutes'"), "it waits, and the sweeper leaves it alone");
        worker.Calls.ShouldBeEmpty("nobody works here");
    }

    [Fact]
    public async Task A_crowd_of_inferences_begins_at_once_though_many_notices_make_one_wake()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        var worker = new ScriptedWorker("countersign:test", true, _ => new JobOutcome.Completed(RunnerHost.Vars())) { Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
        await using var front = await RunnerHost.Start(database, ring, acts: false, configure: b => b.Services.AddSingleton<IJobWorker>(worker));
        await using var back = await RunnerHost.Start(database, ring, acts: true, configure: b => b.Services.AddHostedService<AsksOnceAnHour>().AddSingleton<IJobWorker>(worker));
        var tenant = postgres.NewTenant();
        await front.Publish(tenant, TestProcesses.Job("job", "countersign:test"));

        await Task.WhenAll(Enumerable.Range(0, Crowd).Select(_ => front.StartInstance(tenant, "job")));

        // Asking without a notice is put off for an hour: who is not woken does not begin.
        await Eventually.Holds(() => Task.FromResult(worker.Calls.Count == Crowd), "all are under way together", 120);
        worker.Gate.SetResult();
    }

    [Fact]
    public async Task A_failing_job_is_tried_as_often_as_the_engine_says_and_ends_in_an_incident_with_one_effect_id()
    {
        await using var database = await RunnerHost.Database(postgres);
        var worker = new ScriptedWorker("countersign:test", false, c => c.Attempt == 1 ? throw new InvalidOperationException("a secret of Ms Miller") : new JobOutcome.Failed("far.busy", "The other side is busy."));
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), acts: true, configure: b => b.Services.AddSingleton<IJobWorker>(worker));
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", "countersign:test", retries: 2));

        var started = await node.StartInstance(tenant, "job");

        await Eventually.Holds(() => Sql.Ask<bool>(database.Connections.Writer, "select count(*) = 1 from cs.mt_doc_incidentrow where tenant_id = $1", tenant), "an incident");
        worker.Calls.Select(c => c.Attempt).ShouldBe([1, 2]);
        worker.Calls.Select(c => c.EffectId).Distinct().ShouldHaveSingleItem();
        (await Sql.Ask<bool>(database.Connections.Writer, "select bool_or(data::text like '%Miller%') from cs.mt_events where tenant_id = $1", tenant)).ShouldBeFalse();
        _ = started;
    }

    [Fact]
    public async Task A_late_or_second_result_of_an_attempt_adds_nothing()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", "bank:transfer"));
        var started = await node.StartInstance(tenant, "job");
        var job = started.State!.Jobs.Keys.Single();
        CompleteJob Result(int attempt) => new(tenant, started.State.Id, Actor.System, job, attempt, RunnerHost.Vars());

        (await node.Execute(new FailJob(tenant, started.State.Id, Actor.System, job, 1, "x", "No."))).Outcome.ShouldBeOfType<Outcome.Facts>();
        (await node.Execute(Result(1))).Outcome.ShouldNotBeOfType<Outcome.Facts>("attempt 1 is over");
        (await node.Execute(Result(2))).State!.Status.ShouldBe(InstanceStatus.Completed);
        var version = (await node.Execute(Result(2))).Version;
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and stream_id like 'instance/%'", tenant)).ShouldBe(version);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'job.completed'", tenant)).ShouldBe(1);
    }

    [Fact]
    public async Task External_workers_share_jobs_without_overlap_and_only_of_their_tenant()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var (tenant, other) = (postgres.NewTenant(), postgres.NewTenant());
        await node.Publish(tenant, TestProcesses.Job("job", "bank:transfer"));
        await node.Publish(other, TestProcesses.Job("job", "bank:transfer"));
        for (var i = 0; i < 40; i++)
            await node.StartInstance(tenant, "job");
        await node.StartInstance(other, "job");
        var jobs = node.Host.Services.GetRequiredService<ExternalJobs>();

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(w =>
            jobs.Activate(tenant, "bank:transfer", $"w{w}", 10, TimeSpan.FromMinutes(1), TimeSpan.Zero, TestContext.Current.CancellationToken)));

        var ids = taken.SelectMany(t => t).Select(j => j.Job.Id).ToList();
        ids.ShouldBeUnique();
        ids.Count.ShouldBe(40);
        (await jobs.Activate(tenant, "bank:transfer", "late", 10, TimeSpan.FromMinutes(1), TimeSpan.Zero, TestContext.Current.CancellationToken)).ShouldBeEmpty();
        (await jobs.Activate(tenant, "countersign:read-invoice", "thief", 10, TimeSpan.FromMinutes(1), TimeSpan.Zero, TestContext.Current.CancellationToken)).ShouldBeEmpty();
        (await jobs.Extend(tenant, ids[0], 1, null, TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken))!.Value.ShouldBeGreaterThan(taken.SelectMany(t => t).First().Until);
        (await jobs.Extend(other, ids[0], 1, null, TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken)).ShouldBeNull("another tenant's job is not there");
    }

    [Fact]
    public async Task Many_who_want_the_same_attempts_on_two_nodes_get_each_once()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        await using var one = await RunnerHost.Start(database, ring);
        await using var two = await RunnerHost.Start(database, ring);
        var tenant = postgres.NewTenant();
        await one.Publish(tenant, TestProcesses.Job("job", "bank:transfer"));
        var started = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => one.StartInstance(tenant, "job")));
        var jobs = started.Select(s => s.State!.Jobs.Keys.Single()).ToArray();
        var leases = new[] { one, two }.Select(n => n.Host.Services.GetRequiredService<JobLeases>()).ToArray();

        var got = await Task.WhenAll(Enumerable.Range(0, 120).Select(i =>
            leases[i / jobs.Length % 2].Take(tenant, jobs[i % jobs.Length], 1, $"w{i}", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)));

        got.OfType<JobRow>().Select(j => j.Id).Order().ShouldBe(jobs.Order());
        (await leases[0].Take(tenant, jobs[0], 2, "later", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)).ShouldBeNull("the second attempt is not due");
        (await leases[0].Take(postgres.NewTenant(), jobs[0], 1, "thief", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)).ShouldBeNull("another tenant's job is not there");
    }

    [Fact]
    public async Task A_waiting_worker_is_woken_by_the_job_and_a_lease_that_ran_out_gives_it_to_another()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", "bank:transfer"));
        var jobs = node.Host.Services.GetRequiredService<ExternalJobs>();

        var waiting = jobs.Activate(tenant, "bank:transfer", "slow", 10, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var notices = node.Host.Services.GetRequiredService<Notices>();
        await Eventually.Holds(() => Task.FromResult(notices.Listeners(Channels.Jobs, Channels.JobsOf(tenant, "bank:transfer")) == 1), "the worker waits");
        waiting.IsCompleted.ShouldBeFalse();
        await node.StartInstance(tenant, "job");

        var first = (await waiting).ShouldHaveSingleItem();
        var second = await jobs.Activate(tenant, "bank:transfer", "quick", 10, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        second.ShouldHaveSingleItem().Job.Id.ShouldBe(first.Job.Id);
    }

    [Fact]
    public async Task A_job_whose_message_was_lost_is_started_again_by_the_sweeper()
    {
        await using var database = await RunnerHost.Database(postgres);
        var worker = new ScriptedWorker("countersign:test", false, _ => new JobOutcome.Completed(RunnerHost.Vars()));
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), configure: b => b.Services.AddSingleton<IJobWorker>(worker));
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", "countersign:test"));
        // The worker's process dies with the job: a lease without an owner and no message.
        worker.Gate = new TaskCompletionSource();
        var started = await node.StartInstance(tenant, "job");
        await Eventually.Holds(() => Task.FromResult(!worker.Calls.IsEmpty), "the first attempt begins");
        var sweeper = ActivatorUtilities.CreateInstance<JobSweeperHost>(node.Host.Services);

        (await sweeper.Sweep(TimeSpan.Zero, TestContext.Current.CancellationToken)).ShouldBe(0, "somebody holds it");
        await Sql.Ask<int>(database.Connections.Writer, "update cs.job_leases set until = now() - interval '1 minute' where tenant_id = $1 returning 1", tenant);
        var gate = worker.Gate;
        worker.Gate = null;
        (await sweeper.Sweep(TimeSpan.Zero, TestContext.Current.CancellationToken)).ShouldBe(1);
        await Completed(database, tenant, started.State!.Id);
        // The first attempt was only slow; its result comes too late and adds nothing.
        gate.SetResult();
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'job.completed'", tenant)).ShouldBe(1);
    }

    [Fact]
    public async Task A_timer_fires_when_the_databases_clock_says_so_and_not_before()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), acts: true);
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Timer("PT2S"));

        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => node.StartInstance(tenant, "timer")));

        all.ShouldAllBe(r => r.State!.Timers.Count == 1);
        await Eventually.Holds(() => Sql.Ask<bool>(database.Connections.Writer, "select count(*) = 20 from cs.mt_events where tenant_id = $1 and type = 'instance.completed'", tenant), "all timers fired");
        (await Sql.Ask<bool>(database.Connections.Writer, """
            select bool_and(fired.timestamp >= (armed.data ->> 'dueAt')::timestamptz) and count(*) = 20
            from cs.mt_events armed join cs.mt_events fired on fired.tenant_id = armed.tenant_id and fired.stream_id = armed.stream_id and fired.type = 'timer.fired'
            where armed.tenant_id = $1 and armed.type = 'timer.set'
            """, tenant)).ShouldBeTrue();
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_doc_timerrow")).ShouldBe(0);
    }

    private static Task Completed(TestDatabase database, string tenant, Guid id) => Eventually.Holds(
        () => Sql.Ask<bool>(database.Connections.Writer, "select count(*) = 1 from cs.mt_events where tenant_id = $1 and stream_id = $2 and type = 'instance.completed'", tenant, StreamsOf.Instance(id)),
        "the instance is completed");
}

/// <summary>Lets Hangfire's workers ask once an hour: only a wake begins anything sooner. Registered first, it starts before them.</summary>
internal sealed class AsksOnceAnHour(Hangfire.JobStorage storage) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Hangfire gives its options to nobody, and production's pause of ten seconds would hide a lost wake.
        var options = typeof(PostgreSqlStorage).GetProperty("Options", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)!;
        ((PostgreSqlStorageOptions)options.GetValue(storage)!).QueuePollInterval = TimeSpan.FromHours(1);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>A worker that does what a test says and remembers what it was asked.</summary>
internal sealed class ScriptedWorker(string type, bool inference, Func<JobContext, JobOutcome> script) : IJobWorker
{
    public ConcurrentQueue<JobContext> Calls { get; } = new();

    public TaskCompletionSource? Gate { get; set; }

    public string Type => type;

    public bool IsInference => inference;

    public async Task<JobOutcome> Run(JobContext job, CancellationToken cancellation)
    {
        var gate = Gate;
        Calls.Enqueue(job);
        if (gate is not null)
            await gate.Task.WaitAsync(cancellation);
        return script(job);
    }
}
