using System.Collections.Concurrent;
using Countersign.Integration.Tests.Instances;
using Countersign.Projections.Databases;
using Countersign.Projections.Instances;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Databases;

/// <summary>Rows of many requests and tenants read in one statement: each sees its own tenant and nothing else.</summary>
public sealed class PointReadTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_of_many_tenants_asked_for_at_once_are_each_judged_by_row_security()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        await using var host = await RunnerHost.Start(database, ring);
        foreach (var tenant in (string[])["tenant01", "tenant02"])
        {
            await using var session = host.Store.LightweightSession(tenant);
            session.Insert(new CommandReceipt("same", tenant, new StoredResponse(201, null, null), Guid.Empty, DateTimeOffset.UnixEpoch));
            if (tenant == "tenant01")
                session.Insert(new CommandReceipt("only-one", tenant, new StoredResponse(201, null, null), Guid.Empty, DateTimeOffset.UnixEpoch));
            await session.SaveChangesAsync(Cancel);
        }

        var reads = new PointReads(database.Connections);
        var found = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => reads.Receipt(i % 3 == 0 ? "tenant01" : i % 3 == 1 ? "tenant02" : "tenant03", i % 2 == 0 ? "same" : "only-one", Cancel)));

        for (var i = 0; i < found.Length; i++)
            (found[i]?.BodyHash).ShouldBe((i % 3, i % 2) switch { (0, _) => "tenant01", (1, 0) => "tenant02", _ => null });
    }

    [Fact]
    public async Task The_function_alone_shows_no_row_of_a_tenant_that_was_not_named()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        await using var host = await RunnerHost.Start(database, ring);
        await using (var session = host.Store.LightweightSession("tenant01"))
        {
            session.Insert(new CommandReceipt("r", "h", new StoredResponse(201, null, null), Guid.Empty, DateTimeOffset.UnixEpoch));
            await session.SaveChangesAsync(Cancel);
        }

        // The tenant is gone from the connection when the function has answered.
        await using var connection = await database.Connections.Reader.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        await using var call = connection.CreateCommand();
        call.CommandText = "select count(*) from cs.read_points(array[0], array['tenant01'], array['r'])";
        (await call.ExecuteScalarAsync(Cancel)).ShouldBe(1L);
        call.CommandText = "select count(*) from cs.mt_doc_commandreceipt";
        (await call.ExecuteScalarAsync(Cancel)).ShouldBe(0L);
    }

    [Fact]
    public async Task The_newest_version_is_that_of_the_highest_number()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        await using var host = await RunnerHost.Start(database, ring);
        await using (var session = host.Store.LightweightSession("tenant01"))
        {
            foreach (var number in (int[])[9, 10, 2, 1])
                session.Store(new Projections.Processes.ProcessVersion(Projections.Processes.ProcessVersion.IdOf("order", number), "order", number, "Order", "h", null, [], "ana", DateTimeOffset.UnixEpoch));
            await session.SaveChangesAsync(Cancel);
        }

        var reads = new PointReads(database.Connections);
        (await reads.Version("tenant01", "order", null, Cancel))!.VersionId.ShouldBe("order:10");
        (await reads.Version("tenant01", "order", 2, Cancel))!.VersionId.ShouldBe("order:2");
        (await reads.Version("tenant01", "order", 3, Cancel)).ShouldBeNull();
        (await reads.Version("tenant02", "order", null, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task What_comes_together_is_one_group_and_what_fails_tells_each_of_its_group_alone()
    {
        var groups = new ConcurrentQueue<int>();
        var gate = new TaskCompletionSource();
        var grouping = new Grouping<int, int>(
            async wishes =>
            {
                groups.Enqueue(wishes.Count);
                await gate.Task;
                return wishes.Contains(13) ? throw new InvalidOperationException("thirteen") : [.. wishes.Select(w => w * 2)];
            },
            most: 10,
            lanes: 1);

        var first = grouping.Ask(1, Cancel);
        SpinWait.SpinUntil(() => groups.Count == 1, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        using var impatient = new CancellationTokenSource();
        var others = Enumerable.Range(2, 19).Select(i => grouping.Ask(i, i == 5 ? impatient.Token : Cancel)).ToArray();
        await impatient.CancelAsync();
        gate.SetResult();

        (await first).ShouldBe(2);
        for (var i = 2; i <= 20; i++)
        {
            var task = others[i - 2];
            if (i == 5)
                await Should.ThrowAsync<OperationCanceledException>(task);
            else if (i is >= 12)
                (await Should.ThrowAsync<InvalidOperationException>(task)).Message.ShouldBe("thirteen");
            else
                (await task).ShouldBe(i * 2);
        }

        groups.ShouldBe([1, 10, 9]);
    }
}
