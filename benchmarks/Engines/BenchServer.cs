using System.Globalization;
using Countersign.Projections.Databases;
using Countersign.TestKit.Databases;
using Countersign.Workers.Hosting;
using Npgsql;

namespace Countersign.Benchmarks.Engines;

/// <summary>One PostgreSQL server with fsync for everything that one run compares, and what it says about itself.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private readonly DurableServer _server;
    private readonly string _folder;
    private readonly NpgsqlDataSource _observer;
    private readonly int _postmaster;

    private BenchServer(DurableServer server, string folder, NpgsqlDataSource observer, int postmaster) => (_server, _folder, _observer, _postmaster) = (server, folder, observer, postmaster);

    public string Description => _server.Description.Split(" in ", 2)[0];

    public static async Task<BenchServer> Start()
    {
        var folder = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"countersign-bench-{Environment.ProcessId}"));
        var server = await DurableServer.Start(folder, CancellationToken.None);
        var observer = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.Database("postgres")) { Pooling = true, MaxPoolSize = 4 }.ConnectionString);
        await using var command = observer.CreateCommand("select pg_backend_pid()");
        var backend = (int)(await command.ExecuteScalarAsync())!;
        return new BenchServer(server, folder, observer, Processes.ParentOf(backend));
    }

    /// <summary>A database as production has it: roles, tables, rights.</summary>
    public async Task<Database> Open(string name, int writers = 23, bool migrate = true, params IDatabasePart[] more)
    {
        var database = await Database.Open(
            new DatabaseOptions { ConnectionString = ConnectionString(name), DataFolder = _folder, Pools = new PoolSizes { Writer = writers, Reader = 4, Hangfire = 8, Migrator = 2 } },
            _ => { },
            CancellationToken.None);
        if (migrate)
            await database.Migrate([.. CountersignWorkers.DatabaseParts(), .. more], _ => { }, CancellationToken.None);
        return database;
    }

    /// <summary>An empty database for hand-written loops.</summary>
    public async Task<NpgsqlDataSource> Plain(string name, int connections)
    {
        await Ask<object?>(string.Create(CultureInfo.InvariantCulture, $"create database {name}"));
        var settings = new NpgsqlConnectionStringBuilder(_server.Database(name)) { Pooling = true, MaxPoolSize = connections, MaxAutoPrepare = 100, AutoPrepareMinUsages = 2 };
        return NpgsqlDataSource.Create(settings.ConnectionString);
    }

    public string ConnectionString(string name) => _server.Database(name);

    public string Folder => _folder;

    /// <summary>Write-ahead log written so far, in bytes.</summary>
    public Task<long> Wal() => Ask<long>("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint");

    /// <summary>Transactions of one database so far, reads included.</summary>
    public Task<long> Transactions(string database) => Ask<long>($"select (xact_commit + xact_rollback)::bigint from pg_stat_database where datname = '{database}'");

    /// <summary>Rows inserted, changed and deleted in one database so far.</summary>
    public Task<long> Rows(string database) => Ask<long>($"select (tup_inserted + tup_updated + tup_deleted)::bigint from pg_stat_database where datname = '{database}'");

    public Task Checkpoint() => Ask<object?>("checkpoint");

    /// <summary>Processor time of the server and all its processes.</summary>
    public TimeSpan Cpu() => Processes.CpuOfTree(_postmaster);

    public async ValueTask DisposeAsync()
    {
        await _observer.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<T> Ask<T>(string sql)
    {
        await using var command = _observer.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
