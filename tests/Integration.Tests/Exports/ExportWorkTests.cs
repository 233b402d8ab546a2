using System.Security.Cryptography;
using Countersign.Domain.Exports;
using Countersign.Domain.Tenants;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Countersign.Projections.Exports;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Countersign.Workers.Exports;
using Countersign.Workers.Hosting;
using Countersign.Workers.Streams;
using Countersign.Workers.Trail.Exports;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Exports;

/// <summary>Who may write an export, and what is left of one.</summary>
public sealed class ExportWorkTests(PostgresFixture postgres)
{
    private static readonly Actor Tess = new("tess", ActorKind.Person, [Role.Auditor], []);
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_nodes_never_hold_the_same_export_and_one_that_lost_its_lease_says_nothing_more()
    {
        await using var database = await postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts(TenantParts.Configure), new ExportTables()]);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), configure: b => b.Services.AddSingleton(TimeProvider.System));
        var streams = new StreamDoor(node.Store, TimeProvider.System);
        var tenant = postgres.NewTenant();
        var id = await Request(streams, tenant);
        var (first, second) = (new ExportQueue(database.Connections), new ExportQueue(database.Connections));

        var taken = (await first.Take(TimeSpan.FromMinutes(1), Cancel)).ShouldNotBeNull();
        (taken.TenantId, taken.Id, taken.IsWork, taken.Attempt).ShouldBe((tenant, id, true, 1));
        (await second.Take(TimeSpan.FromMinutes(1), Cancel)).ShouldBeNull();
        (await first.Renew(taken, TimeSpan.Zero, 0.5, "Writing the log", Cancel)).ShouldBeTrue();
        (await new ExportSteps(database.Connections).Of(tenant, Cancel))[id].ShouldBe(new ExportStep("Writing the log", 0.5));
        (await new ExportSteps(database.Connections).Of(postgres.NewTenant(), Cancel)).ShouldBeEmpty();

        var after = (await second.Take(TimeSpan.FromMinutes(1), Cancel)).ShouldNotBeNull();
        after.Attempt.ShouldBe(2);
        (await first.Renew(taken, TimeSpan.FromMinutes(1), 0.9, "late", Cancel)).ShouldBeFalse();
        (await first.Release(taken, TimeSpan.Zero, "late", Cancel)).ShouldBeFalse();
        (await first.Open(tenant, Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task The_oldest_of_each_tenant_comes_before_the_second_of_any()
    {
        await using var database = await postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts(TenantParts.Configure), new ExportTables()]);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var streams = new StreamDoor(node.Store, TimeProvider.System);
        var (greedy, modest) = (postgres.NewTenant(), postgres.NewTenant());
        for (var i = 0; i < 3; i++)
            await Request(streams, greedy, i);
        await Request(streams, modest, 10);
        var queue = new ExportQueue(database.Connections);
        (await queue.Take(TimeSpan.FromMinutes(1), Cancel))!.TenantId.ShouldBe(greedy);
        (await queue.Take(TimeSpan.FromMinutes(1), Cancel))!.TenantId.ShouldBe(modest);
        (await queue.Take(TimeSpan.FromMinutes(1), Cancel))!.TenantId.ShouldBe(greedy);
    }

    [Fact]
    public async Task A_file_lies_sealed_is_read_from_anywhere_and_is_gone_with_its_key()
    {
        await using var database = await postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts(TenantParts.Configure), new ExportTables()]);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var vault = new ExportVault(database.Connections, node.Host.Services.GetRequiredService<SubjectKeyStore>());
        var (tenant, id) = (postgres.NewTenant(), Guid.CreateVersion7());
        var file = RandomNumberGenerator.GetBytes((2 * ExportVault.PieceBytes) + 12345);
        "CANARY-8731"u8.CopyTo(file.AsSpan(ExportVault.PieceBytes + 7));
        await vault.Write(tenant, id, 1, new MemoryStream([1, 2, 3]), Cancel);
        (await vault.Write(tenant, id, 2, new MemoryStream(file), Cancel)).ShouldBe(Convert.ToHexStringLower(SHA256.HashData(file)));
        await vault.RemoveOthers(tenant, id, 2, Cancel);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.export_pieces where position('CANARY-8731'::bytea in content) > 0")).ShouldBe(0);

        var record = new ExportRecord(id, ExportPhase.Ready, Now, Now, "", null, null, "tess", Now, null, file.Length, "", Now.AddDays(1));
        await using (var read = vault.Open(tenant, record))
        {
            read.Position = ExportVault.PieceBytes - 3;
            var rest = new MemoryStream();
            await read.CopyToAsync(rest, Cancel);
            rest.ToArray().ShouldBe(file[(ExportVault.PieceBytes - 3)..]);
        }

        await using (var foreign = vault.Open(postgres.NewTenant(), record))
            await Should.ThrowAsync<IOException>(() => foreign.ReadExactlyAsync(new byte[1], Cancel).AsTask());
        await vault.Destroy(tenant, id, Cancel);
        await using (var gone = vault.Open(tenant, record))
            await Should.ThrowAsync<IOException>(() => gone.ReadExactlyAsync(new byte[1], Cancel).AsTask());
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.export_pieces where tenant_id = $1", tenant)).ShouldBe(0);
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from keys.subject_keys where tenant_id = $1 and wrapped is not null", tenant)).ShouldBe(0);
    }

    [Fact]
    public async Task The_export_of_a_process_waits_until_the_list_of_its_instances_is_whole()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Straight);
        var id = Guid.CreateVersion7();
        await node.StartInstance(tenant, "straight", id);
        var state = new ExportState(Guid.CreateVersion7(), ExportPhase.Running, Now.AddDays(-1), Now.AddDays(1), "audit", "straight", null, "tess", Now);
        var patient = new ExportSelection(node.Store, database.Connections, TimeProvider.System);
        (await patient.Of(tenant, state, Cancel)).Streams.ShouldBe([StreamsOf.Instance(id)]);

        await node.Host.StopAsync(Cancel);
        await Sql.Ask<long>(database.Connections.Migrator, "with behind as (update cs.mt_event_progression set last_seq_id = 0 where name like 'instance_summary:%' returning 1) select count(*) from behind");
        var hasty = new ExportSelection(node.Store, database.Connections, TimeProvider.System) { Patience = TimeSpan.Zero };
        (await Should.ThrowAsync<ExportException>(() => hasty.Of(tenant, state, Cancel))).Message.ShouldContain("instances could be missing");
        (await hasty.Of(tenant, state with { Process = null }, Cancel)).Kind.ShouldBe("period", "only the list is behind");
    }

    private static async Task<Guid> Request(StreamDoor streams, string tenant, int second = 0)
    {
        var at = Now.AddSeconds(second - 60);
        var id = Guid.CreateVersion7(at);
        await streams.Execute(ExportStreams.Change(tenant, id, Tess, s => ExportDecider.Decide(s, new RequestExport(id, Now.AddDays(-1), Now, "audit", null, null, 0, Tess), at)), null, null, Cancel);
        return id;
    }
}
