using System.Collections.Concurrent;
using System.Diagnostics;
using Countersign.Integration.Tests.Instances;
using Countersign.Projections.Sealing;
using Countersign.TestKit.Databases;
using Countersign.Workers.Instances;
using Countersign.Workers.Jobs;
using Countersign.Workers.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Telemetry;

/// <summary>Where a trace does not flow by itself.</summary>
public sealed class TraceContextTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Facts_after_a_queue_name_the_trace_of_the_call_though_nobody_records_it(bool inference)
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), acts: true, configure: b => b.Services.AddSingleton<IJobWorker>(new Answering(inference)));
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", Answering.JobType));

        using var call = new Activity("call").Start();
        await node.StartInstance(tenant, "job");
        await Eventually.Holds(() => Sql.Ask<bool>(database.Connections.Writer, "select bool_or(type = 'instance.completed') from cs.mt_events where tenant_id = $1", tenant), "the instance ends");

        (await Sql.Ask<long>(database.Connections.Writer, "select count(distinct correlation_id) from cs.mt_events where tenant_id = $1 and stream_id like 'instance/%'", tenant)).ShouldBe(1);
        (await Sql.Ask<string>(database.Connections.Writer, "select min(correlation_id) from cs.mt_events where tenant_id = $1 and stream_id like 'instance/%'", tenant)).ShouldBe(call.TraceId.ToHexString());
    }

    [Fact]
    public async Task A_job_for_an_external_worker_carries_the_trace_of_its_command()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", "bank:transfer"));

        using var call = new Activity("call").Start();
        await node.StartInstance(tenant, "job");
        var jobs = await node.Host.Services.GetRequiredService<ExternalJobs>().Activate(tenant, "bank:transfer", "w", 1, TimeSpan.FromMinutes(1), TimeSpan.Zero, TestContext.Current.CancellationToken);

        jobs.ShouldHaveSingleItem().Job.TraceParent.ShouldNotBeNull().ShouldContain(call.TraceId.ToHexString());
    }

    [Fact]
    public async Task A_transaction_of_many_commands_is_a_trace_of_its_own_and_linked_both_ways()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == WorkersTelemetry.Name,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), configure: b => b.Services.AddSingleton(new RunnerOptions { Writers = 1 }));
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", "bank:transfer"));

        // The first batch is held until the others wait behind it.
        var (held, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        node.Runner.Fault = point =>
        {
            held.TrySetResult();
            return go.Task;
        };
        var first = node.StartInstance(tenant, "job");
        await held.Task;
        var others = Enumerable.Range(0, 8).Select(_ => node.StartInstance(tenant, "job")).ToArray();
        go.SetResult();
        await Task.WhenAll([first, .. others]);

        var mine = spans.Where(s => s.OperationName == WorkersTelemetry.RunSpan && (string?)s.GetTagItem(WorkersTelemetry.Tenant) == tenant).ToDictionary(s => s.SpanId);
        mine.Count.ShouldBe(9);
        var batches = spans.Where(s => s.OperationName == WorkersTelemetry.CommitSpan && (mine.ContainsKey(s.ParentSpanId) || s.Links.Any(l => mine.ContainsKey(l.Context.SpanId)))).ToList();
        batches.Count.ShouldBe(2);
        var alone = batches.Single(b => !b.Links.Any());
        mine.ShouldContainKey(alone.ParentSpanId);
        var many = batches.Single(b => b.Links.Any());
        many.ParentSpanId.ShouldBe(default);
        many.Links.Count().ShouldBe(8);
        foreach (var link in many.Links)
            mine[link.Context.SpanId].Links.ShouldHaveSingleItem().Context.SpanId.ShouldBe(many.SpanId);
        mine.Values.Select(s => s.TraceId).Append(many.TraceId).Distinct().Count().ShouldBe(10);
    }

    private sealed class Answering(bool inference) : IJobWorker
    {
        public const string JobType = "countersign:answer";

        public string Type => JobType;

        public bool IsInference => inference;

        public Task<JobOutcome> Run(JobContext job, CancellationToken cancellation) => Task.FromResult<JobOutcome>(new JobOutcome.Completed(RunnerHost.Vars(("answer", 42))));
    }
}
