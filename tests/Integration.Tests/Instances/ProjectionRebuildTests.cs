using Countersign.Projections.Databases;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Npgsql;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

public sealed class ProjectionRebuildTests(PostgresFixture postgres)
{
    private const string Rows = "select coalesce(string_agg(tenant_id || id || data, '' order by tenant_id, id), '') from cs.mt_doc_instancesummary";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_that_were_changed_or_lost_are_as_the_facts_say_again_and_a_node_goes_on_from_there()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        var (one, other) = (postgres.NewTenant(), postgres.NewTenant());
        await using (var node = await RunnerHost.Start(database, ring))
        {
            foreach (var tenant in (string[])[one, other, one])
            {
                await node.Publish(tenant, TestProcesses.Personal);
                (await node.StartInstance(tenant, "personal")).Refusal.ShouldBeNull();
            }

            await Eventually.Holds(async () => await Count(database) == 3, "three cases are listed");
            (await Should.ThrowAsync<StartUpException>(() => Rebuild(database, "all"))).Message.ShouldContain("stop all nodes");
        }

        var before = await Sql.Ask<string>(database.Connections.Migrator, Rows);
        await using (var connection = await database.Connections.Migrator.OpenConnectionAsync(Cancel))
            await DatabaseRoles.Execute(connection, $"delete from cs.mt_doc_instancesummary where tenant_id = '{one}'; update cs.mt_doc_instancesummary set data = data || '{{\"status\": \"completed\"}}'", Cancel);
        (await Sql.Ask<string>(database.Connections.Migrator, Rows)).ShouldNotBe(before);
        // As the end of a node's process does; in this one, listeners of a stopped host may stay.
        await using (var admin = NpgsqlDataSource.Create(database.ConnectionString))
            await Eventually.Holds(async () => await Sql.Ask<long>(admin, "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and usename = 'cs_writer'") == 0, "the node's connections are closed");
        database.Connections.Writer.Clear();

        (await Should.ThrowAsync<StartUpException>(() => Rebuild(database, "tasks"))).Message.ShouldContain("decision_summary, instance_summary");
        await Rebuild(database, "instance_summary");

        (await Sql.Ask<string>(database.Connections.Migrator, Rows)).ShouldBe(before);
        await using var next = await RunnerHost.Start(database, ring);
        (await next.StartInstance(one, "personal")).Refusal.ShouldBeNull();
        await Eventually.Holds(async () => await Count(database) == 4, "the new case is listed with the others");
    }

    private static Task Rebuild(TestDatabase database, string name) => ProjectionRebuild.Run(database.Connections, name, [], _ => { }, Cancel);

    private static Task<long> Count(TestDatabase database) => Sql.Ask<long>(database.Connections.Migrator, "select count(*) from cs.mt_doc_instancesummary");
}
