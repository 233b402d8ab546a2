using Countersign.Domain.Trail;
using Countersign.TestKit.Databases;
using Countersign.Workers.Trail;
using Npgsql;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Trail;

public sealed class SequencerTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Every_event_becomes_one_leaf_of_its_tenant_in_order()
    {
        await using var bench = await TrailBench.Create(postgres);
        await bench.Append("acmefinance", "instance/1", 300);
        await bench.Append("globexoffice", "instance/1", 5);
        await bench.Append("acmefinance", "instance/2", 300);
        (await bench.Settle()).ShouldBe(605);
        (await bench.Settle()).ShouldBe(0);
        (await bench.Leaves("acmefinance")).Select(l => l.Sequence!.Value).ShouldBe([.. Enumerable.Range(1, 300), .. Enumerable.Range(306, 300).Select(i => (long)i)]);
        (await bench.Leaves("globexoffice")).Count.ShouldBe(5);
        (await bench.Scalar<long>("select count(*) from cs.trail_tiles where tenant_id = 'acmefinance'")).ShouldBe(2);
        bench.Alarms.Active.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_event_in_flight_holds_up_those_behind_it_and_nothing_is_reordered()
    {
        await using var bench = await TrailBench.Create(postgres);
        await bench.Append("acmefinance", "instance/1", 1);
        await using var connection = await bench.Writer.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await bench.Append(connection, "acmefinance", "instance/2", 2);
        await bench.Append("acmefinance", "instance/3", 1);
        (await bench.Settle()).ShouldBe(1);
        (await bench.Settle()).ShouldBe(0);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        (await bench.Settle()).ShouldBe(3);
        (await bench.Leaves("acmefinance")).ShouldBe([(1L, false), (2L, false), (3L, false), (4L, false)]);
    }

    [Fact]
    public async Task A_transaction_that_was_rolled_back_holds_up_nothing()
    {
        await using var bench = await TrailBench.Create(postgres);
        await using (var connection = await bench.Writer.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await bench.Append(connection, "acmefinance", "instance/1", 3);
            await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        }
        await bench.Append("acmefinance", "instance/2", 2);
        (await bench.Settle()).ShouldBe(2);
        (await bench.Leaves("acmefinance")).ShouldBe([(4L, false), (5L, false)]);
        (await bench.Scalar<long>("select count(*) from cs.trail_gaps where first_seq = 1 and last_seq = 3")).ShouldBe(1);
    }

    [Fact]
    public async Task An_event_that_was_passed_over_comes_in_late_marked_and_with_an_alarm()
    {
        await using var bench = await TrailBench.Create(postgres);
        bench.Options = bench.Options with { GapPatience = TimeSpan.Zero };
        bench.Start();
        await using var connection = await bench.Writer.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await bench.Append(connection, "acmefinance", "instance/1", 1);
        await bench.Append("acmefinance", "instance/2", 1);
        await bench.Settle();
        await bench.Settle();
        (await bench.Leaves("acmefinance")).ShouldBe([(2L, false)]);
        bench.Alarms.Active.ShouldContain(a => a.Key.Alarm == TrailAlarm.PassedOver);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        bench.Start();
        await bench.Append("acmefinance", "instance/1", 1);
        await bench.Settle();
        (await bench.Leaves("acmefinance")).ShouldBe([(2L, false), (1L, true), (3L, false)]);
        bench.Alarms.Active.ShouldContain(a => a.Key.Alarm == TrailAlarm.LateEvent);
    }

    [Fact]
    public async Task The_predecessor_of_an_event_is_put_in_before_it_even_when_nobody_looked_for_it()
    {
        await using var bench = await TrailBench.Create(postgres);
        bench.Options = bench.Options with { GapPatience = TimeSpan.Zero };
        bench.Start();
        await using var connection = await bench.Writer.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await bench.Append(connection, "acmefinance", "instance/1", 2);
        await bench.Append("acmefinance", "instance/2", 1);
        await bench.Settle();
        await bench.Settle();
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        await bench.Append("acmefinance", "instance/1", 1);
        // No start in between: late events are looked for only every 20 seconds, but version 3 asks for 1 and 2.
        await bench.Settle();
        (await bench.Leaves("acmefinance")).ShouldBe([(3L, false), (1L, true), (2L, true), (4L, false)]);
    }

    [Fact]
    public async Task An_event_removed_before_it_was_logged_raises_an_alarm()
    {
        await using var bench = await TrailBench.Create(postgres);
        await bench.Append("acmefinance", "instance/1", 3);
        await bench.Tamper("delete from cs.mt_events where version = 2");
        await bench.Settle();
        bench.Alarms.Active.ShouldContain(a => a.Key.Tenant == "acmefinance" && a.Key.Alarm == TrailAlarm.MissingEvent);
        (await bench.Leaves("acmefinance")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_second_sequencer_that_believes_to_lead_appends_nothing()
    {
        await using var bench = await TrailBench.Create(postgres);
        await bench.Append("acmefinance", "instance/1", 3);
        await bench.Settle();
        var stale = bench.Sequencer;
        bench.Start();
        await bench.Append("acmefinance", "instance/1", 3);
        await bench.Settle();
        await bench.Append("acmefinance", "instance/1", 3);
        (await Should.ThrowAsync<PostgresException>(() => stale.Pass(TestContext.Current.CancellationToken))).SqlState.ShouldBe(PostgresErrorCodes.UniqueViolation);
        await bench.Settle();
        (await bench.Leaves("acmefinance")).Count.ShouldBe(9);
        (await stale.Pass(TestContext.Current.CancellationToken)).Appended.ShouldBe(0);
    }

    [Fact]
    public async Task The_log_goes_on_after_every_start_as_if_there_had_been_none()
    {
        await using var bench = await TrailBench.Create(postgres);
        var tree = new CompactTree();
        for (var i = 0; i < 12; i++)
        {
            await bench.Append("acmefinance", $"instance/{i}", 57);
            bench.Start();
            await bench.Settle();
            await bench.Sign("acmefinance");
        }
        await using (var command = bench.Writer.CreateCommand("select hash from cs.trail_leaves order by index"))
        await using (var rows = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken))
        {
            while (await rows.ReadAsync(TestContext.Current.CancellationToken))
                tree.Append(new TreeHash(rows.GetFieldValue<byte[]>(0)));
        }
        tree.Size.ShouldBe(12 * 57);
        bench.Place.Latest("acmefinance")!.Checkpoint.ShouldBe(new Checkpoint("trail.test/acmefinance", tree.Size, tree.Root()));
        (await bench.Scalar<long>("select count(*) from cs.trail_checkpoints")).ShouldBe(12);
        bench.Alarms.Active.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_trail_s_tables_can_be_appended_to_and_nothing_else()
    {
        await using var bench = await TrailBench.Create(postgres);
        foreach (var table in new TrailTables().AppendOnlyTables)
        {
            foreach (var right in new[] { "UPDATE", "DELETE", "TRUNCATE" })
                (await bench.Scalar<bool>($"select has_table_privilege('cs_writer', 'cs.{table}', '{right}')")).ShouldBeFalse($"{right} on {table}");
        }
    }
}
