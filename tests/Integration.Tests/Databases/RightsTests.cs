using Countersign.Projections.Databases;
using Countersign.Projections.Documents;
using Countersign.Projections.Exports;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Countersign.Workers.Hosting;
using Countersign.Workers.Trail;
using Marten;
using Npgsql;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Databases;

/// <summary>G35 and G54: what the database itself refuses, read from its catalog and tried with the roles of production.</summary>
public sealed class RightsTests(PostgresFixture postgres, MadeFolder made) : IClassFixture<MadeFolder>
{
    /// <summary>Tables outside of <c>cs</c> that name tenants, each with its reason: keys are the writer's alone; messages carry their tenant and are read by no request.</summary>
    private static readonly string[] Reviewed =
    [
        "keys.subject_keys", "keys.tenant_keys", "wolverine.wolverine_incoming_envelopes", "wolverine.wolverine_outgoing_envelopes", "wolverine.wolverine_dead_letters",
    ];

    private const string InsufficientPrivilege = PostgresErrorCodes.InsufficientPrivilege;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task G35_every_table_that_names_a_tenant_has_forced_row_security()
    {
        // All the service's tables, as Program names them.
        await using var database = await postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts(TenantParts.Configure), new DocumentTables(), new TrailTables(), new ExportTables()]);
        var open = await Column<string>(
            database.Connections.Migrator,
            """
            select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'cs' and c.relkind in ('r', 'p')
              and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
              and not (c.relrowsecurity and c.relforcerowsecurity
                       and exists (select from pg_policies p where p.schemaname = 'cs' and p.tablename = c.relname and p.policyname = 'cs_tenant'))
            """);
        open.ShouldBeEmpty();
        // The look is not empty: the event tables are among them.
        var guarded = await Column<string>(database.Connections.Migrator, "select tablename::text from pg_policies where policyname = 'cs_tenant'");
        guarded.ShouldContain("mt_events");
        guarded.ShouldContain("mt_streams");
        guarded.ShouldContain("trail_leaves");
        guarded.ShouldContain("export_pieces");
        guarded.ShouldContain("mt_doc_memberrecord");
        // What is kept apart: subjects' keys are the writer's alone, and no other schema of ours names tenants.
        (await Column<string>(
            database.Connections.Migrator,
            """
            select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname not in ('cs', 'pg_catalog', 'information_schema') and c.relkind in ('r', 'p')
              and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') order by 1
            """)).Except(Reviewed).ShouldBeEmpty();
        (await Column<bool>(database.Connections.Migrator, "select has_schema_privilege('cs_reader', s, 'USAGE') or has_schema_privilege('cs_hangfire', s, 'USAGE') from unnest(array['keys']) s")).ShouldBe([false]);
    }

    [Fact]
    public async Task G35_no_role_of_the_service_owns_a_table_or_stands_above_the_rules()
    {
        await using var database = await postgres.CreateDatabase(new EventTables());
        var source = database.Connections.Migrator;
        (await Column<string>(source, "select distinct tableowner::text from pg_tables where schemaname in ('cs', 'wolverine', 'hangfire')")).ShouldBe(["cs_migrator"]);
        (await Column<string>(source, "select rolname::text from pg_roles where rolname like 'cs\\_%' and (rolsuper or rolcreaterole or rolcreatedb or rolreplication)")).ShouldBeEmpty();
        (await Column<string>(source, "select rolname::text from pg_roles where rolname like 'cs\\_%' and rolbypassrls order by 1")).ShouldBe(["cs_migrator", "cs_writer"]);
        // Nobody reaches a role by membership in another.
        (await Column<string>(source, "select m.rolname::text from pg_auth_members a join pg_roles m on m.oid = a.member where m.rolname in ('cs_writer', 'cs_reader', 'cs_hangfire')")).ShouldBeEmpty();
    }

    [Fact]
    public async Task G54_no_role_of_the_service_may_change_or_remove_an_event()
    {
        await using var database = await postgres.CreateDatabase(new EventTables());
        var rights = await Column<string>(
            database.Connections.Migrator,
            """
            select role || ' ' || right_ || ' ' || tablename
            from unnest(array['cs_writer', 'cs_reader', 'cs_hangfire']) role,
                 unnest(array['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) right_,
                 (select tablename from pg_tables where schemaname = 'cs' and (tablename like 'mt\_events%' or tablename like 'mt\_streams%')) t
            where has_table_privilege(role, 'cs.' || tablename, right_)
               or (right_ = 'UPDATE' and tablename like 'mt\_events%' and has_any_column_privilege(role, 'cs.' || tablename, 'UPDATE'))
            """);
        rights.ShouldBeEmpty();
        (await Column<string>(
            database.Connections.Migrator,
            "select column_name::text from information_schema.column_privileges where table_schema = 'cs' and table_name = 'mt_streams' and privilege_type = 'UPDATE' and grantee <> 'cs_migrator' order by 1"))
            .ShouldBe(["timestamp", "version"]);
    }

    [Fact]
    public async Task G54_the_trail_is_append_only_for_every_role_of_the_service()
    {
        await using var database = await postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts(TenantParts.Configure), new DocumentTables(), new TrailTables(), new ExportTables()]);
        (await Column<string>(
            database.Connections.Migrator,
            """
            select role || ' ' || right_ || ' ' || tablename
            from unnest(array['cs_writer', 'cs_reader', 'cs_hangfire']) role, unnest(array['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) right_,
                 (select tablename from pg_tables where schemaname = 'cs' and (tablename like 'trail\_%' or tablename like 'mt\_events%')) t
            where has_table_privilege(role, 'cs.' || tablename, right_) or (right_ = 'UPDATE' and has_any_column_privilege(role, 'cs.' || tablename, 'UPDATE'))
            """)).ShouldBeEmpty();
        (await Column<long>(database.Connections.Migrator, "select count(*) from pg_tables where schemaname = 'cs' and tablename like 'trail\\_%'")).ShouldBe([4]);
    }

    [Theory]
    [InlineData("update cs.mt_events set data = '{}'")]
    [InlineData("update cs.mt_events set is_archived = true")]
    [InlineData("delete from cs.mt_events")]
    [InlineData("truncate cs.mt_events")]
    [InlineData("alter table cs.mt_events disable trigger all")]
    [InlineData("alter table cs.mt_events disable row level security")]
    [InlineData("update cs.mt_streams set is_archived = true")]
    [InlineData("update cs.mt_streams set tenant_id = 'other'")]
    [InlineData("delete from cs.mt_streams")]
    [InlineData("create table cs.mine (x int)")]
    [InlineData("drop table cs.mt_events")]
    [InlineData("create schema mine")]
    [InlineData("set role cs_migrator")]
    [InlineData("alter role cs_writer superuser")]
    [InlineData("copy cs.mt_events to program 'true'")]
    public async Task G54_the_writer_is_refused(string sql)
    {
        await using var database = await postgres.CreateDatabase(new EventTables());
        await using var command = database.Connections.Writer.CreateCommand(sql);
        (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancel))).SqlState.ShouldBe(InsufficientPrivilege);
    }

    [Theory]
    [InlineData("insert into cs.mt_streams (id, tenant_id) values ('x', 'tenantone')")]
    [InlineData("update cs.mt_streams set version = 0")]
    [InlineData("delete from cs.mt_events")]
    [InlineData("select * from wolverine.anything")]
    [InlineData("select * from hangfire.anything")]
    [InlineData("create temporary table mine (x int)")]
    [InlineData("set role cs_writer")]
    public async Task G35_the_reader_is_refused(string sql)
    {
        await using var database = await postgres.CreateDatabase(new EventTables());
        // A reader may lift its own session's read-only default; the rights must hold without it.
        await using var command = database.Connections.Reader.CreateCommand($"set default_transaction_read_only = off; set session characteristics as transaction read write; {sql}");
        (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancel))).SqlState
            .ShouldBeOneOf(InsufficientPrivilege, PostgresErrorCodes.ReadOnlySqlTransaction);
    }

    [Fact]
    public async Task G35_a_reader_sees_the_tenant_of_its_session_and_nothing_without_one()
    {
        await using var database = await postgres.CreateDatabase(new EventTables());
        foreach (var tenant in (string[])["tenantone", "tenanttwo"])
        {
            await Append(database.Connections, tenant, $"{tenant}-a", 2);
            await Append(database.Connections, tenant, $"{tenant}-b", 1);
        }

        (await SeenBy(database.Connections, "tenantone")).ShouldBe(["tenantone", "tenantone", "tenantone"]);
        (await SeenBy(database.Connections, "tenanttwo")).ShouldBe(["tenanttwo", "tenanttwo", "tenanttwo"]);
        (await SeenBy(database.Connections, null)).ShouldBeEmpty();
        (await SeenBy(database.Connections, "")).ShouldBeEmpty();
        (await SeenBy(database.Connections, "%")).ShouldBeEmpty();
        (await SeenBy(database.Connections, "tenantone' or true --")).ShouldBeEmpty();
        // The writer's daemon must see all: under row security it would build nothing and say nothing.
        (await Column<long>(database.Connections.Writer, "select count(*) from cs.mt_events")).ShouldBe([6]);
        (await Column<long>(database.Connections.Migrator, "select count(*) from cs.mt_events")).ShouldBe([6]);
    }

    [Fact]
    public async Task G36_a_tenant_does_not_stay_on_a_pooled_connection()
    {
        await using var database = await postgres.CreateDatabase(new EventTables());
        await Append(database.Connections, "tenantone", "a", 1);
        await SeenBy(database.Connections, "tenantone");
        for (var i = 0; i < 20; i++)
            (await Column<string>(database.Connections.Reader, "select coalesce(current_setting('app.tenant_id', true), '')")).ShouldBe([""]);
    }

    /// <summary>
    /// Many managed servers have no superuser, and before PostgreSQL 16 nobody else may give BYPASSRLS: policies then admit the writer.
    /// </summary>
    [Fact]
    public async Task An_administrator_who_is_no_superuser_is_enough()
    {
        using var folder = new TemporaryFolder();
        made.CopyTo(folder.Path);
        var server = await LocalServer.Start(new DatabaseOptions { DataFolder = folder.Path }, DatabaseSecrets.Open(folder.Path), _ => { }, Cancel);
        try
        {
            await using (var admin = NpgsqlDataSource.Create(server.AdminConnectionString))
            {
                await using var make = admin.CreateCommand("create role boss login createrole createdb password 'boss'");
                await make.ExecuteNonQueryAsync(Cancel);
            }

            var boss = new NpgsqlConnectionStringBuilder(server.AdminConnectionString) { Username = "boss", Password = "boss", Database = "managed" };
            await using var managed = await Database.Open(new DatabaseOptions { DataFolder = folder.Path, ConnectionString = boss.ConnectionString }, _ => { }, Cancel);
            await managed.Migrate([new EventTables()], _ => { }, Cancel);
            foreach (var tenant in (string[])["tenantone", "tenanttwo"])
                await Append(managed.Connections, tenant, "a", 1);

            (await Column<long>(managed.Connections.Writer, "select count(*) from cs.mt_events")).ShouldBe([2]);
            (await Column<long>(managed.Connections.Migrator, "select count(*) from cs.mt_events")).ShouldBe([2]);
            (await SeenBy(managed.Connections, "tenantone")).ShouldBe(["tenantone"]);
            (await SeenBy(managed.Connections, null)).ShouldBeEmpty();
        }
        finally
        {
            await server.Stop();
        }
    }

    /// <summary>The rights are enough for what the store does, and for nothing more.</summary>
    [Fact]
    public async Task The_writer_appends_with_an_expected_version_and_a_lost_race_stores_nothing()
    {
        await using var database = await postgres.CreateDatabase(new EventTables());
        using var store = Store(database.Connections.Writer, StoreUse.Writer);
        await Append(database.Connections, "tenantone", "a", 2);
        await using (var session = store.LightweightSession("tenantone"))
        {
            session.Events.Append("a", 3, new TestFact(3));
            await session.SaveChangesAsync(Cancel);
        }

        await using (var late = store.LightweightSession("tenantone"))
        {
            late.Events.Append("a", 3, new TestFact(99));
            await Should.ThrowAsync<Exception>(() => late.SaveChangesAsync(Cancel));
        }

        (await Column<long>(database.Connections.Writer, "select version from cs.mt_streams where id = 'a'")).ShouldBe([3]);
        (await Column<long>(database.Connections.Writer, "select count(*) from cs.mt_events")).ShouldBe([3]);
    }

    [Fact]
    public async Task A_second_migration_changes_nothing_and_takes_no_strong_lock_on_events()
    {
        await using var database = await postgres.CreateDatabase(new EventTables());
        await Append(database.Connections, "tenantone", "a", 1);
        // A reader in the middle of a long transaction would block any change of the table.
        await using var connection = await database.Connections.Writer.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        await using (var look = new NpgsqlCommand("select count(*) from cs.mt_events", connection, transaction))
            await look.ExecuteScalarAsync(Cancel);

        await database.Database.Migrate([new EventTables()], _ => { }, Cancel);
    }

    [Fact]
    public async Task A_migration_waits_for_a_session_that_a_killed_node_left_behind()
    {
        await using var database = await postgres.CreateDatabase();
        await using var left = await database.Connections.Migrator.OpenConnectionAsync(Cancel);
        await using var transaction = await left.BeginTransactionAsync(Cancel);
        await using (var hold = new NpgsqlCommand("create table cs.held (x int)", left, transaction))
            await hold.ExecuteNonQueryAsync(Cancel);
        var said = new TaskCompletionSource();

        // Longer than the migrator waits for a lock: the first attempt must fail and the next one succeed.
        var migration = database.Database.Migrate([new HeldTable()], text => { if (text.StartsWith("Waiting", StringComparison.Ordinal)) said.TrySetResult(); }, Cancel);
        await said.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        await transaction.RollbackAsync(Cancel);
        await migration;

        (await Column<long>(database.Connections.Migrator, "select count(*) from pg_tables where schemaname = 'cs' and tablename = 'held'")).ShouldBe([1]);
    }

    [Fact]
    public async Task Migrations_of_many_nodes_at_once_wait_for_each_other()
    {
        await using var database = await postgres.CreateDatabase();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => database.Database.Migrate([new EventTables()], _ => { }, Cancel)));
        (await Column<long>(database.Connections.Migrator, "select count(*) from pg_tables where schemaname = 'cs' and tablename = 'mt_events'")).ShouldBe([1]);
    }

    [Fact]
    public async Task A_table_nobody_thought_of_is_closed()
    {
        await using var database = await postgres.CreateDatabase(new EventTables());
        await using (var make = database.Connections.Migrator.CreateCommand("create table cs.forgotten (secret text)"))
            await make.ExecuteNonQueryAsync(Cancel);
        foreach (var source in (NpgsqlDataSource[])[database.Connections.Writer, database.Connections.Reader, database.Connections.Hangfire])
        {
            await using var command = source.CreateCommand("select * from cs.forgotten");
            (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancel))).SqlState.ShouldBe(InsufficientPrivilege);
        }
    }

    private static async Task Append(DatabaseConnections connections, string tenant, string stream, int count)
    {
        using var store = Store(connections.Writer, StoreUse.Writer);
        await using var session = store.LightweightSession(tenant);
        session.Events.StartStream<TestStream>(stream, Enumerable.Range(1, count).Select(object (n) => new TestFact(n)));
        await session.SaveChangesAsync(Cancel);
    }

    private static async Task<List<string>> SeenBy(DatabaseConnections connections, string? tenant)
    {
        await using var connection = await connections.Reader.OpenConnectionAsync(Cancel);
        if (tenant is not null)
        {
            await using var set = new NpgsqlCommand("select set_config('app.tenant_id', $1, false)", connection) { Parameters = { new() { Value = tenant } } };
            await set.ExecuteScalarAsync(Cancel);
        }

        // On purpose without any filter: the database alone must hold.
        await using var command = new NpgsqlCommand("select tenant_id::text from cs.mt_events order by 1", connection);
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        var seen = new List<string>();
        while (await rows.ReadAsync(Cancel))
            seen.Add(rows.GetString(0));
        return seen;
    }

    private static async Task<List<T>> Column<T>(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        var values = new List<T>();
        while (await rows.ReadAsync(Cancel))
            values.Add(rows.GetFieldValue<T>(0));
        return values;
    }

    private static DocumentStore Store(NpgsqlDataSource source, StoreUse use) => DocumentStore.For(options => EventTables.Configure(options, source, use));

    private sealed class HeldTable : IDatabasePart
    {
        public string Name => "held";

        public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
        {
            await using var command = connections.Migrator.CreateCommand("create table if not exists cs.held (x int)");
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    /// <summary>The store's own tables, made as the service makes them.</summary>
    private sealed class EventTables : IDatabasePart
    {
        public string Name => "event store";

        public static void Configure(StoreOptions options, NpgsqlDataSource source, StoreUse use)
        {
            StoreConfiguration.Apply(options, source, use, []);
            options.Events.MapEventType(typeof(TestFact), "test.fact");
        }

        public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
        {
            using var store = Store(connections.Migrator, StoreUse.Migration);
            await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        }
    }

    private sealed record TestFact(int Number);

    private sealed class TestStream;
}
