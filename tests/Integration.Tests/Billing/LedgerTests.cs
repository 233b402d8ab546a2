using Countersign.Billing.Plans;
using Countersign.Billing.Usage;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Databases;
using Countersign.TestKit.Services;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Billing;

public sealed class LedgerTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Cases = 5000;
    private const int Kills = 4;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("countersign-billing-");
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await BillingHost.Database(postgres);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        foreach (var file in _folder.EnumerateFiles("*", SearchOption.AllDirectories))
            file.Attributes = FileAttributes.Normal;
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Five_thousand_cases_over_kills_and_replays_agree_to_the_case()
    {
        var cancel = TestContext.Current.CancellationToken;
        const int seed = 20261122;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        await using var stripe = await FakeStripe.StartAsync(cancel);
        var killed = new CancellationTokenSource();
        var killAt = int.MaxValue;
        // Every so often Stripe acts and dies, is busy, or fails; and at some call the node dies.
        stripe.Trouble = call =>
        {
            if (stripe.Meter.Count >= Volatile.Read(ref killAt))
                killed.Cancel();
            return (call * 7919 % 101) switch { 1 or 2 => StripeTrouble.ActsAndDies, 3 => StripeTrouble.Busy, 4 => StripeTrouble.Fails, _ => StripeTrouble.None };
        };
        var clock = new SteppingClock();
        await using (var first = await BillingHost.Start(_database, stripe, _folder.FullName))
        {
            await first.Publish(TestProcesses.Straight);
            await first.Choose("business");
            await first.Run("straight", Cases);
            await Eventually.Holds(async () => await Leaves() >= Cases, "every completion has its leaf", 120);
        }

        var kills = 0;
        int[] moments = [.. Enumerable.Range(0, Kills).Select(_ => random.Next(1, Cases)).Order(), int.MaxValue];
        foreach (var moment in moments)
        {
            killed = new CancellationTokenSource();
            Volatile.Write(ref killAt, moment);
            var node = await BillingHost.Start(_database, stripe, _folder.FullName, clock);
            try
            {
                // Without a kill: until Stripe has taken everything it was too busy for.
                do
                {
                    await node.Pass(killed.Token);
                    clock.Advance(TimeSpan.FromHours(1));
                }
                while (stripe.Meter.Count < Cases);
            }
            catch (OperationCanceledException)
            {
                // What was in flight is in an unknown state, as after a kill.
                kills++;
            }

            node.Abandon();
            // A replay: the mark is lost, and everything is read again.
            if (kills % 2 == 1)
                await Sql("update cs.usage_marks set epoch = 0, leaf = -1");
        }

        // What Stripe took without an answer is sent once more, and this time answered.
        stripe.Trouble = _ => StripeTrouble.None;
        clock.Advance(TimeSpan.FromHours(1));
        await using var last = await BillingHost.Start(_database, stripe, _folder.FullName, clock);
        await last.Pass(cancel);
        var events = await Events();
        events.Count.ShouldBe(Cases);
        (await Ledger()).ShouldBe(events, ignoreOrder: true);
        stripe.Meter.Keys.Select(Guid.Parse).ShouldBe(events, ignoreOrder: true);
        stripe.Meter.Values.Sum(m => m.Value).ShouldBe(Cases);
        stripe.Customers.ShouldHaveSingleItem().Value.ShouldBe(BillingHost.Tenant);
        stripe.Subscriptions.Values.Count(s => s.Status == "active").ShouldBe(1);
        stripe.Faults.ShouldBeEmpty();
        kills.ShouldBeGreaterThan(0, "Passes were killed in the middle.");
        var (missing, extra) = await last.Services.GetRequiredService<UsageLedger>().Rebuild(BillingHost.Tenant, cancel);
        missing.ShouldBeEmpty();
        extra.ShouldBeEmpty();
        (await Scalar<long>("select count(*) from cs.usage_reports where state <> 'sent'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_ledger_that_was_changed_by_hand_is_found_by_the_rebuild()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var node = await BillingHost.Start(_database, null, _folder.FullName);
        await node.Publish(TestProcesses.Straight);
        await node.Run("straight", 3);
        await Eventually.Holds(async () => await Leaves() >= 3, "every completion has its leaf");
        await node.Pass(cancel);
        var lines = await Ledger();
        lines.Count.ShouldBe(3);
        await Sql($"delete from cs.usage_lines where event_id = '{lines[0]}'");
        await Sql("insert into cs.usage_lines select tenant_id, '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', process_key, epoch, leaf, occurred_at, month from cs.usage_lines limit 1");
        var (missing, extra) = await node.Services.GetRequiredService<UsageLedger>().Rebuild(BillingHost.Tenant, cancel);
        missing.ShouldBe([lines[0]]);
        extra.ShouldBe([new Guid("00000000-0000-0000-0000-000000000001")]);
    }

    [Fact]
    public async Task Only_completed_cases_count_and_the_free_plan_bars_new_ones_at_its_limit()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var node = await BillingHost.Start(_database, null, _folder.FullName);
        await node.Publish(TestProcesses.Straight);
        await node.Publish(TestProcesses.Approval);
        await node.Run("approval", 2);
        await node.Run("straight", 98);
        var entitlements = node.Services.GetRequiredService<Entitlements>();
        await Eventually.Holds(async () =>
        {
            await node.Pass(cancel);
            return await Scalar<long>("select count(*) from cs.usage_lines") == 98;
        }, "98 lines are counted");
        var standing = await entitlements.Of(BillingHost.Tenant, cancel);
        standing.Used.ShouldBe(98);
        standing.Plan.Key.ShouldBe("free");
        (standing with { Open = 1 }).MayStart.ShouldBeTrue();
        var full = standing with { Open = 2 };
        full.MayStart.ShouldBeFalse();
        full.Sentence.ShouldContain("98 were completed and 2 are open");
        await node.Choose("business");
        (await entitlements.Barred(BillingHost.Tenant, cancel)).ShouldBeNull();
    }

    private Task<long> Leaves() => Scalar<long>("select count(*) from cs.trail_leaves l join cs.mt_events e on e.seq_id = l.seq_id where e.type = 'instance.completed'");

    private Task<List<Guid>> Events() => Ids("select id from cs.mt_events where type = 'instance.completed'");

    private Task<List<Guid>> Ledger() => Ids("select event_id from cs.usage_lines order by leaf");

    private async Task<List<Guid>> Ids(string sql)
    {
        await using var command = _database.Connections.Writer.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var ids = new List<Guid>();
        while (await rows.ReadAsync(TestContext.Current.CancellationToken))
            ids.Add(rows.GetGuid(0));
        return ids;
    }

    private async Task<T> Scalar<T>(string sql)
    {
        await using var command = _database.Connections.Writer.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    // As an administrator of the database: the service itself may not change a line.
    private async Task Sql(string sql)
    {
        await using var command = _database.Connections.Migrator.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}

/// <summary>A clock that can be put forward, so that pauses between attempts are over at once.</summary>
internal sealed class SteppingClock : TimeProvider
{
    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;

    public void Advance(TimeSpan by) => _ahead += by;
}
