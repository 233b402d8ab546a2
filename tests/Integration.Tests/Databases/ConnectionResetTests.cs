using Countersign.Integration.Tests.Instances;
using Countersign.Projections.Databases;
using Countersign.Projections.Sealing;
using Countersign.TestKit.Databases;
using Countersign.Workers.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Databases;

/// <summary>Connections that are not reset between two uses must not need it; those that are, must be.</summary>
public sealed class ConnectionResetTests(PostgresFixture postgres)
{
    // What of a session outlives a transaction; connection settings of the client are not such.
    private const string Left = """
        select concat_ws(', ',
            (select 'advisory lock' from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() limit 1),
            (select 'listening to ' || string_agg(c, ' ') from pg_listening_channels() c),
            (select 'cursor ' || string_agg(name, ' ') from pg_cursors where is_holdable),
            (select 'temporary table' from pg_class where relpersistence = 't' and pg_table_is_visible(oid) limit 1),
            (select 'setting ' || string_agg(name, ' ') from pg_settings where source = 'session' and name not in ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable')),
            (select 'tenant' where nullif(current_setting('app.tenant_id', true), '') is not null),
            (select 'role' where current_user <> session_user))
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_node_at_work_does_leaves_nothing_in_sessions_that_are_not_reset()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        var at = new ScriptedWorker("countersign:test", true, _ => new JobOutcome.Completed(RunnerHost.Vars()));
        await using var node = await RunnerHost.Start(database, ring, acts: true, configure: b => b.Services.AddSingleton<IJobWorker>(at));
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", "countersign:test"));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => node.StartInstance(tenant, "job")));
        await Eventually.Holds(() => Sql.Ask<bool>(database.Connections.Writer, "select count(*) = 20 from cs.mt_events where tenant_id = $1 and type = 'instance.completed'", tenant), "all are completed");

        (await Found(database.Connections.Statements, 6)).ShouldBeEmpty();
        (await Found(database.Connections.Hangfire, 4)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_broken_off_transaction_is_gone_when_an_unreset_connection_is_used_again()
    {
        await using var database = await postgres.CreateDatabase();
        foreach (var source in (NpgsqlDataSource[])[database.Connections.Statements, database.Connections.Hangfire])
        {
            int backend;
            await using (var connection = await source.OpenConnectionAsync(Cancel))
            {
                await using var begin = new NpgsqlCommand("begin; select pg_advisory_xact_lock(1); select set_config('app.tenant_id', 'tenant01', true)", connection);
                await begin.ExecuteNonQueryAsync(Cancel);
                backend = connection.ProcessID;
            }

            await using var again = await source.OpenConnectionAsync(Cancel);
            again.ProcessID.ShouldBe(backend);
            (await Ask(again)).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Sessions_that_carry_a_tenant_a_lease_or_a_listening_are_reset()
    {
        await using var database = await postgres.CreateDatabase();
        foreach (var source in (NpgsqlDataSource[])[database.Connections.Writer, database.Connections.Reader])
        {
            int backend;
            await using (var connection = await source.OpenConnectionAsync(Cancel))
            {
                await using var dirty = new NpgsqlCommand("listen cs_jobs; select pg_advisory_lock(1); select set_config('app.tenant_id', 'tenant01', false)", connection);
                await dirty.ExecuteNonQueryAsync(Cancel);
                backend = connection.ProcessID;
                (await Ask(connection)).ShouldContain("tenant");
            }

            await using var again = await source.OpenConnectionAsync(Cancel);
            again.ProcessID.ShouldBe(backend);
            (await Ask(again)).ShouldBeEmpty();
        }
    }

    // All at once, so that each is another session of the pool.
    private static async Task<List<string>> Found(NpgsqlDataSource source, int count)
    {
        var connections = new List<NpgsqlConnection>();
        try
        {
            for (var i = 0; i < count; i++)
                connections.Add(await source.OpenConnectionAsync(Cancel));
            var left = new List<string>();
            foreach (var connection in connections)
                left.Add(await Ask(connection));
            return left.FindAll(l => l.Length > 0);
        }
        finally
        {
            foreach (var connection in connections)
                await connection.DisposeAsync();
        }
    }

    private static async Task<string> Ask(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Left, connection);
        return (string)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
