using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Projections.Sealing;
using Countersign.TestKit.Databases;
using Countersign.Workers.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

/// <summary>External workers that wait: who wakes them, who does not, and what they leave behind.</summary>
public sealed class WaitingWorkerTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_waiting_worker_is_woken_by_its_own_jobs_and_asks_nothing_in_between()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var (tenant, other) = (postgres.NewTenant(), postgres.NewTenant());
        foreach (var (who, key, type) in new[] { (tenant, "mine", "bank:mine"), (tenant, "else", "bank:else"), (other, "mine", "bank:mine") })
            await node.Publish(who, TestProcesses.Job(key, type));
        var jobs = node.Host.Services.GetRequiredService<ExternalJobs>();

        // The node listens from some moment after its start; a first worker that was woken says that it does.
        var first = jobs.Activate(tenant, "bank:mine", "w", 10, Long, Long, Cancel);
        await Eventually.Holds(() => Task.FromResult(jobs.Looks == 1), "it has looked once");
        await node.StartInstance(tenant, "mine");
        (await first).ShouldHaveSingleItem();
        var before = jobs.Looks;

        var waiting = jobs.Activate(tenant, "bank:mine", "w", 10, Long, Long, Cancel);
        await Eventually.Holds(() => Task.FromResult(jobs.Looks == before + 1), "it has looked once");
        for (var i = 0; i < 10; i++)
        {
            await node.StartInstance(tenant, "else");
            await node.StartInstance(other, "mine");
        }

        waiting.IsCompleted.ShouldBeFalse();
        jobs.Looks.ShouldBe(before + 1, "jobs of other types and tenants wake nobody, and time does not either");
        await node.StartInstance(tenant, "mine");
        (await waiting).ShouldHaveSingleItem().Job.ProcessKey.ShouldBe("mine");
        jobs.Looks.ShouldBe(before + 2);
    }

    [Fact]
    public async Task A_waiting_worker_is_woken_when_a_retry_becomes_due_though_nobody_says_so()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", "bank:transfer"));
        var jobs = node.Host.Services.GetRequiredService<ExternalJobs>();
        await node.StartInstance(tenant, "job");
        var first = (await jobs.Activate(tenant, "bank:transfer", "w", 1, Long, Long, Cancel)).ShouldHaveSingleItem();
        await node.Execute(new FailJob(tenant, first.Job.InstanceId, Actor.System, first.Job.Id, 1, "x", "No."));

        var again = (await jobs.Activate(tenant, "bank:transfer", "w", 1, Long, Long, Cancel)).ShouldHaveSingleItem();

        (again.Job.Id, again.Job.Attempt).ShouldBe((first.Job.Id, 2));
        again.Token.ShouldNotBe(first.Token);
        (await jobs.Holds(tenant, first.Job.Id, 1, first.Token, Cancel)).ShouldBeFalse();
        (await jobs.Holds(tenant, first.Job.Id, 2, again.Token, Cancel)).ShouldBeTrue();
        (await jobs.Holds(postgres.NewTenant(), first.Job.Id, 2, again.Token, Cancel)).ShouldBeFalse();
    }

    [Fact]
    public async Task Of_a_crowd_that_waits_one_asks_for_all_and_nobody_is_forgotten()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", "bank:crowd"));
        var jobs = node.Host.Services.GetRequiredService<ExternalJobs>();
        var first = jobs.Activate(tenant, "bank:crowd", "w", 10, Long, Long, Cancel);
        await node.StartInstance(tenant, "job");
        (await first).ShouldHaveSingleItem();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var crowd = Enumerable.Range(0, 8).Select(i => jobs.Activate(tenant, "bank:crowd", $"w{i}", 10, Long, Long, over.Token)).ToList();
        await Eventually.Holds(() => Task.FromResult(jobs.Resting == 8), "all wait");
        await Eventually.Holds(async () =>
        {
            // The node listens from some moment after its start.
            var before = jobs.Looks;
            await node.StartInstance(tenant, "job");
            var got = await Task.WhenAny(crowd);
            (await got).ShouldHaveSingleItem();
            crowd.Remove(got);
            var rest = crowd.Count;
            await Eventually.Holds(() => Task.FromResult(jobs.Resting == rest), "the others wait again");
            return jobs.Looks == before + 1;
        }, "one has asked for all");

        // Each of those who are left gets a job of its own.
        foreach (var _ in crowd.ToArray())
        {
            await node.StartInstance(tenant, "job");
            var got = await Task.WhenAny(crowd);
            (await got).ShouldHaveSingleItem();
            crowd.Remove(got);
        }

        crowd.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_worker_that_hangs_up_takes_nothing_with_it()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", "bank:transfer"));
        var jobs = node.Host.Services.GetRequiredService<ExternalJobs>();
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var gone = jobs.Activate(tenant, "bank:transfer", "gone", 1, Long, Long, hangUp.Token);
        await Eventually.Holds(() => Task.FromResult(jobs.Looks == 1), "it waits");
        await hangUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => gone);

        await node.StartInstance(tenant, "job");

        (await jobs.Activate(tenant, "bank:transfer", "here", 1, Long, Long, Cancel)).ShouldHaveSingleItem();
        (await Sql.Ask<string>(database.Connections.Writer, "select worker from cs.job_leases where tenant_id = $1", tenant)).ShouldBe("here");
    }

    [Fact]
    public async Task A_flood_of_one_tenant_and_type_holds_up_no_other()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var (flood, small) = (postgres.NewTenant(), postgres.NewTenant());
        await node.Publish(flood, TestProcesses.Job("many", "bank:many"));
        await node.Publish(flood, TestProcesses.Job("few", "bank:few"));
        await node.Publish(small, TestProcesses.Job("many", "bank:many"));
        var jobs = node.Host.Services.GetRequiredService<ExternalJobs>();
        var waiting = new[] { jobs.Activate(flood, "bank:few", "few", 1, Long, Long, Cancel), jobs.Activate(small, "bank:many", "small", 1, Long, Long, Cancel) };
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => node.StartInstance(flood, "many")));
        await node.StartInstance(flood, "few");
        await node.StartInstance(small, "many");

        // Nobody has touched the flood, and both have theirs.
        var got = await Task.WhenAll(waiting);
        got.Select(g => g.Single().Job.ProcessKey).ShouldBe(["few", "many"]);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.job_leases")).ShouldBe(2);
        var oldest = await jobs.Activate(flood, "bank:many", "w", 100, Long, TimeSpan.Zero, Cancel);
        oldest.Length.ShouldBe(100);
        var rest = await jobs.Activate(flood, "bank:many", "w", 100, Long, TimeSpan.Zero, Cancel);
        rest.Select(r => r.Job.DueAt).Min().ShouldBeGreaterThanOrEqualTo(oldest.Select(o => o.Job.DueAt).Max(), "the oldest goes first");
    }

    [Fact]
    public void A_waiting_room_counts_each_tenant_by_itself_and_forgets_who_left()
    {
        var room = new WaitingRoom(3);
        var places = Enumerable.Range(0, 3).Select(_ => room.TryEnter("acmefinance")).ToList();
        places.ShouldAllBe(p => p != null);
        room.TryEnter("acmefinance").ShouldBeNull();
        room.TryEnter("globexoffice").ShouldNotBeNull();
        places[0]!.Dispose();
        places[0]!.Dispose();
        room.Waiting("acmefinance").ShouldBe(2);
        using var again = room.TryEnter("acmefinance");
        again.ShouldNotBeNull();
        Parallel.For(0, 1_000, _ =>
        {
            using var place = room.TryEnter("busytenant");
        });
        room.Waiting("busytenant").ShouldBe(0);
    }
}
