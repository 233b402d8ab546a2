using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Integration.Tests.Instances;
using Countersign.Projections.Instances;
using Countersign.Projections.Sealing;
using Countersign.TestKit.Databases;
using Countersign.Workers.Streams;
using Countersign.Workers.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>What is kept for a while: receipts of idempotent calls, and counts of refused attempts.</summary>
public sealed class ReceiptTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Receipts_of_all_tenants_are_removed_when_their_time_is_over_and_not_before()
    {
        var clock = new FakeTimeProvider(Monday);
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), configure: b => b.Services.AddSingleton<TimeProvider>(clock));
        string[] tenants = [postgres.NewTenant(), postgres.NewTenant()];
        foreach (var (tenant, i) in tenants.Select((t, i) => (t, i)))
        {
            await using var session = node.Store.LightweightSession(tenant);
            for (var hour = 0; hour < 48; hour++)
                session.Insert(new CommandReceipt($"{i}-{hour}", "h", new StoredResponse(201, null, null), Guid.Empty, Monday.AddHours(hour)));
            await session.SaveChangesAsync(Cancel);
        }

        var sweeper = ActivatorUtilities.CreateInstance<ReceiptSweeper>(node.Host.Services);
        clock.Advance(TimeSpan.FromHours(24));
        (await sweeper.Sweep(Cancel)).ShouldBe(0, "a receipt is promised for 24 hours");
        clock.SetUtcNow(Monday + ReceiptSweeper.Retention + TimeSpan.FromHours(10) + TimeSpan.FromMinutes(1));
        (await sweeper.Sweep(Cancel)).ShouldBe(22);
        (await sweeper.Sweep(Cancel)).ShouldBe(0);
        foreach (var tenant in tenants)
            (await Left(database, tenant)).ShouldBe(37);
        ReceiptSweeper.Retention.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromHours(24));
    }

    [Fact]
    public async Task More_than_a_step_is_removed_in_one_sweep_and_two_nodes_share_the_work()
    {
        var clock = new FakeTimeProvider(Monday);
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), configure: b => b.Services.AddSingleton<TimeProvider>(clock));
        var tenant = postgres.NewTenant();
        await using (var session = node.Store.LightweightSession(tenant))
        {
            session.Insert(new CommandReceipt("first", "h", new StoredResponse(201, null, null), Guid.Empty, Monday));
            await session.SaveChangesAsync(Cancel);
        }

        await using (var many = database.Connections.Writer.CreateCommand(
            "insert into cs.mt_doc_commandreceipt select (jsonb_populate_record(r, jsonb_build_object('id', 'n' || n))).* from cs.mt_doc_commandreceipt r, generate_series(1, 12000) n where r.id = 'first'"))
            await many.ExecuteNonQueryAsync(Cancel);
        clock.Advance(ReceiptSweeper.Retention + TimeSpan.FromMinutes(1));
        var removed = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => ActivatorUtilities.CreateInstance<ReceiptSweeper>(node.Host.Services).Sweep(Cancel)));
        (removed.Sum() + await ActivatorUtilities.CreateInstance<ReceiptSweeper>(node.Host.Services).Sweep(Cancel)).ShouldBe(12_001);
        (await Left(database, tenant)).ShouldBe(0);
    }

    [Fact]
    public async Task A_node_that_works_sweeps_by_itself_from_its_start_and_every_quarter_of_an_hour()
    {
        var clock = new FakeTimeProvider(Monday);
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), configure: b => b.Services.AddSingleton<TimeProvider>(clock));
        var tenant = postgres.NewTenant();
        await using (var session = node.Store.LightweightSession(tenant))
        {
            session.Insert(new CommandReceipt("old", "h", new StoredResponse(201, null, null), Guid.Empty, Monday - ReceiptSweeper.Retention - TimeSpan.FromHours(1)));
            session.Insert(new CommandReceipt("new", "h", new StoredResponse(201, null, null), Guid.Empty, Monday - ReceiptSweeper.Retention + TimeSpan.FromMinutes(10)));
            await session.SaveChangesAsync(Cancel);
        }

        using var sweeper = ActivatorUtilities.CreateInstance<ReceiptSweeper>(node.Host.Services);
        await sweeper.StartAsync(Cancel);
        await Eventually.Holds(async () => await Left(database, tenant) == 1, "the old receipt is removed at the start");
        clock.Advance(TimeSpan.FromMinutes(15));
        await Eventually.Holds(async () => await Left(database, tenant) == 0, "the newer one is removed a quarter of an hour later");
        await sweeper.StopAsync(Cancel);
    }

    [Fact]
    public async Task Counts_of_refused_attempts_are_written_each_minute_and_when_the_node_stops()
    {
        var clock = new FakeTimeProvider(Monday);
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), configure: b => b.Services.AddSingleton<TimeProvider>(clock));
        var tenant = postgres.NewTenant();
        var log = node.Host.Services.GetRequiredService<AccessLog>();
        var ana = new Actor("ana", ActorKind.Person, [], []);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => log.Record(tenant, ana, "permission.denied", "GET /x", null, null, null, Cancel)));
        (await Counted(database, tenant)).ShouldBe((1, 1), "the first is durable at once, the others are counted");
        clock.Advance(TimeSpan.FromMinutes(1));
        await Eventually.Holds(async () => await Counted(database, tenant) == (2, 50), "after a minute the count is written");
        for (var i = 0; i < 3; i++)
            await log.Record(tenant, ana, "permission.denied", "GET /x", null, null, null, Cancel);
        await node.Host.StopAsync(Cancel);
        (await Counted(database, tenant)).ShouldBe((4, 53), "a node that stops leaves nothing uncounted");
    }

    private static async Task<(long Facts, long Attempts)> Counted(TestDatabase database, string tenant) => (
        await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and stream_id like 'access/%'", tenant),
        await Sql.Ask<long>(database.Connections.Writer, "select coalesce(sum((data ->> 'count')::int), 0) from cs.mt_events where tenant_id = $1 and stream_id like 'access/%'", tenant));

    private static Task<long> Left(TestDatabase database, string tenant) => Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_doc_commandreceipt where tenant_id = $1", tenant);
}
