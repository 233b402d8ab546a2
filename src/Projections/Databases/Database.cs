using System.Globalization;
using Npgsql;

namespace Countersign.Projections.Databases;

/// <summary>The database the service runs on, found or started, with its roles made and its pools open.</summary>
public sealed class Database : IAsyncDisposable
{
    private readonly LocalServer? _local;
    private readonly string _adminConnectionString;

    private Database(LocalServer? local, string adminConnectionString, DatabaseConnections connections, DatabaseOptions options)
    {
        _local = local;
        _adminConnectionString = adminConnectionString;
        Connections = connections;
        Options = options;
    }

    /// <summary>A pool for each role.</summary>
    public DatabaseConnections Connections { get; }

    /// <summary>What it was opened with.</summary>
    public DatabaseOptions Options { get; }

    /// <summary>Whether this process (or one before it) started the server.</summary>
    public bool IsLocal => _local is not null;

    /// <summary>Where it is, for a person; never a password.</summary>
    public string Description
    {
        get
        {
            if (_local is not null)
                return _local.Description;
            var server = new NpgsqlConnectionStringBuilder(_adminConnectionString);
            return string.Create(CultureInfo.InvariantCulture, $"PostgreSQL at {server.Host}:{server.Port}, database {server.Database}");
        }
    }

    /// <summary>
    /// Uses the configured server, or finds, makes and starts a local one; makes roles and the database; opens the pools and
    /// checks the server's settings. Fails with <see cref="StartUpException"/> where a person can help.
    /// </summary>
    public static async Task<Database> Open(DatabaseOptions options, Action<string> progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        DataFolders.Prepare(options.DataFolder);
        // Held until the roles exist: two first starts must come to one server and one set of passwords.
        using var turn = await StartTurn.Take(options.DataFolder, cancel);
        var secrets = DatabaseSecrets.Open(options.DataFolder);
        var local = options.ConnectionString is null ? await LocalServer.Start(options, secrets, progress, cancel) : null;
        var admin = local is not null
            ? new NpgsqlConnectionStringBuilder(local.AdminConnectionString) { Database = "countersign" }
            : ConfiguredServer.Parse(options.ConnectionString!);
        if (local is null && options.Password is not null)
            admin.Password = options.Password;
        // The secret of those that serve must not lead to the password of the one that owns the tables.
        string PasswordOf(string role) => local is not null ? secrets.For(role)
            : options.RoleSecret is { } shared && role != DatabaseRoles.Migrator ? DatabaseSecrets.Derived(shared, role)
            : admin.Password is { Length: > 0 } password ? DatabaseSecrets.Derived(password, role)
            : options.Migration == MigrationTime.Step ? "" : secrets.For(role);
        if (options.Migration == MigrationTime.AtStart)
            await ConfiguredServer.Prepare(admin, PasswordOf, progress, cancel);
        var connections = new DatabaseConnections(admin, options.Pools, PasswordOf);
        var database = new Database(local, admin.ConnectionString, connections, options);
        try
        {
            await DatabaseChecks.Run(options.Migration == MigrationTime.AtStart ? connections.Migrator : connections.Writer, options, cancel);
            return database;
        }
        catch (NpgsqlException e) when (options.Migration == MigrationTime.Step)
        {
            await database.DisposeAsync();
            throw ConfiguredServer.NotPrepared(e, admin);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Brings all objects to this version: schemas, then each part, then rights, then row security. Safe to run on many nodes
    /// at once, and again; what is as it should be is left alone.
    /// </summary>
    public Task Migrate(IReadOnlyList<IDatabasePart> parts, Action<string> progress, CancellationToken cancel) =>
        DatabaseMigration.Run(Connections, parts, progress, cancel);

    /// <summary>Refuses a database on which this build's migrate step has not been run.</summary>
    public Task VerifyMigrated(CancellationToken cancel) => MigrationRecord.Verify(Connections.Writer, cancel);

    /// <summary>False when the local server died; always true for a configured one.</summary>
    public bool IsServerAlive() => _local?.IsAlive() ?? true;

    /// <summary>Starts a local server that died under us, on its port, so that the pools find it again.</summary>
    public Task Revive(CancellationToken cancel) => _local?.Revive(cancel) ?? Task.CompletedTask;

    /// <summary>Closes the pools, and stops a local server unless another process of ours still uses it.</summary>
    public async ValueTask DisposeAsync()
    {
        await Connections.DisposeAsync();
        if (_local is not null && _local.IsAlive() && !await IsUsedByOthers())
            await _local.Stop();
    }

    private async Task<bool> IsUsedByOthers()
    {
        try
        {
            await using var connection = new NpgsqlConnection(_local!.AdminConnectionString);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(
                "select exists (select from pg_stat_activity where application_name like 'countersign %' and application_name not like $1)", connection)
            {
                Parameters = { new() { Value = string.Create(CultureInfo.InvariantCulture, $"% {Environment.ProcessId}") } },
            };
            return (bool)(await command.ExecuteScalarAsync())!;
        }
        catch (NpgsqlException)
        {
            // It does not answer any more: nobody uses it, and stopping it is all that is left to do.
            return false;
        }
    }
}
