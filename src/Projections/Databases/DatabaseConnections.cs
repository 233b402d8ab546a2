using System.Globalization;
using Npgsql;

namespace Countersign.Projections.Databases;

/// <summary>
/// One pool of connections for each database role. Whoever holds a pool has that role's rights and no others; the roles are
/// written in <see cref="DatabaseRoles"/>.
/// </summary>
public sealed class DatabaseConnections : IAsyncDisposable
{
    internal DatabaseConnections(NpgsqlConnectionStringBuilder server, PoolSizes pools, Func<string, string> passwordOf)
    {
        Writer = Pool(server, DatabaseRoles.Writer, passwordOf, pools.Writer, commandTimeout: 35);
        Statements = Pool(server, DatabaseRoles.Writer, passwordOf, pools.Statements, commandTimeout: 35, reset: false);
        Reader = Pool(server, DatabaseRoles.Reader, passwordOf, pools.Reader, commandTimeout: 15);
        Hangfire = Pool(server, DatabaseRoles.Hangfire, passwordOf, pools.Hangfire, commandTimeout: 15, reset: false);
        Migrator = Pool(server, DatabaseRoles.Migrator, passwordOf, pools.Migrator, commandTimeout: 1_900);
    }

    /// <summary>For the one Wolverine-integrated store: runner, handlers, daemon, trail. Sees every tenant.</summary>
    public NpgsqlDataSource Writer { get; }

    /// <summary>
    /// For single statements and short transactions of the writer's role that leave nothing behind in the session: no session setting, advisory lock, listening or
    /// temporary table. Its connections are not reset between two uses, which saves a transaction for each (docs/adr/0013-connections-without-reset.md). Not for what waits for the
    /// runner in many places at once: the runner reads through it.
    /// </summary>
    public NpgsqlDataSource Statements { get; }

    /// <summary>For the store that answers API requests. Sees the tenant in <see cref="DatabaseRoles.TenantSetting"/> only.</summary>
    public NpgsqlDataSource Reader { get; }

    /// <summary>For Hangfire's storage. It keeps its locks in a table and listens to nothing here, so its connections are not reset either.</summary>
    public NpgsqlDataSource Hangfire { get; }

    /// <summary>For migrations before the service runs, and for nothing else.</summary>
    public NpgsqlDataSource Migrator { get; }

    /// <summary>Start of the application name of every connection of this process and no other.</summary>
    internal static string ApplicationNameOf(string role) =>
        string.Create(CultureInfo.InvariantCulture, $"countersign {role} {Environment.ProcessId}");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await Statements.DisposeAsync();
        await Reader.DisposeAsync();
        await Hangfire.DisposeAsync();
        await Migrator.DisposeAsync();
    }

    private static NpgsqlDataSource Pool(
        NpgsqlConnectionStringBuilder server, string role, Func<string, string> passwordOf, int size, int commandTimeout, bool reset = true)
    {
        var settings = new NpgsqlConnectionStringBuilder(server.ConnectionString)
        {
            Username = role,
            Password = passwordOf(role),
            ApplicationName = ApplicationNameOf(role),
            Pooling = true,
            MaxPoolSize = size,
            MinPoolSize = 0,
            Timeout = 5,
            CommandTimeout = commandTimeout,
            CancellationTimeout = 2_000,
            ConnectionIdleLifetime = 60,
            KeepAlive = 30,
            TcpKeepAlive = true,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            // Row values do not belong in logs.
            IncludeErrorDetail = false,
            // The reader's tenant is a session setting, and the writer's leases and listenings belong to the session: they must be gone when a connection is used again.
            NoResetOnClose = !reset,
        };
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = role }.Build();
    }
}
