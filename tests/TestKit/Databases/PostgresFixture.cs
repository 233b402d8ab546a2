using System.Diagnostics;
using System.Globalization;
using Countersign.Projections.Databases;
using Npgsql;
using Xunit;

namespace Countersign.TestKit.Databases;

/// <summary>
/// One PostgreSQL server for a test run, as an assembly fixture: in a container when a container engine answers, else from
/// binaries on the machine or the packaged server, also as root. Each test that asks gets a database of its own, copied from
/// a template that is migrated once. The server runs without fsync: a test run survives no power cut and needs not to.
/// </summary>
/// <remarks>
/// <c>COUNTERSIGN_TEST_POSTGRES</c> = <c>installed</c> or <c>embedded</c> chooses the server, so that a run can be repeated on
/// the oldest and the newest supported version.
/// </remarks>
public sealed class PostgresFixture : IAsyncLifetime
{
    private static readonly string Root = Path.Combine(Path.GetTempPath(), "countersign-tests");

    private readonly string _folder = Path.Combine(Root, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Guid.NewGuid():N}"));
    private readonly SemaphoreSlim _templates = new(1, 1);
    private readonly Dictionary<string, string> _templateNames = new(StringComparer.Ordinal);
    private LocalServer? _local;
    private ContainerServer? _container;
    private string _admin = "";
    private int _databases;
    private int _tenants;

    /// <summary>Which server answers the tests.</summary>
    public string Description { get; private set; } = "";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        RemoveLeftovers();
        var wanted = Environment.GetEnvironmentVariable("COUNTERSIGN_TEST_POSTGRES");
        if (string.IsNullOrEmpty(wanted) && await ContainerServer.TryStart() is { } container)
        {
            _container = container;
            _admin = container.ConnectionString;
            Description = container.Description;
            return;
        }

        var options = new DatabaseOptions
        {
            DataFolder = _folder,
            Durable = false,
            Source = Enum.TryParse<ServerSource>(wanted, ignoreCase: true, out var source) ? source : ServerSource.Any,
        };
        _local = await LocalServer.Start(options, DatabaseSecrets.Open(_folder), _ => { }, CancellationToken.None);
        _admin = _local.AdminConnectionString;
        Description = _local.Description;
    }

    /// <summary>
    /// A fresh database with the roles of production, migrated with these parts. Dispose it to drop it; what is left goes with
    /// the server.
    /// </summary>
    public async Task<TestDatabase> CreateDatabase(params IDatabasePart[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var template = await Template(parts);
        var name = NextName("t");
        await Execute($"create database {name} template {template}");
        return new TestDatabase(await Open(name), () => Execute($"drop database if exists {name} with (force)"));
    }

    /// <summary>A tenant id nobody else in this run has: the cheap way to be alone in a shared database.</summary>
    public string NewTenant() => string.Create(CultureInfo.InvariantCulture, $"tenant{Interlocked.Increment(ref _tenants):d6}");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_local is not null)
            await _local.Stop();
        if (_container is not null)
            await _container.DisposeAsync();
        _templates.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<string> Template(IDatabasePart[] parts)
    {
        // A part says by its text what it was made with: the same kind with other contents is another template.
        var key = string.Join('+', parts.Select(p => $"{p.GetType().AssemblyQualifiedName} {p}"));
        await _templates.WaitAsync();
        try
        {
            if (_templateNames.TryGetValue(key, out var known))
                return known;
            var name = NextName("template");
            await using (var database = await Open(name))
                await database.Migrate(parts, _ => { }, CancellationToken.None);
            return _templateNames[key] = name;
        }
        finally
        {
            _templates.Release();
        }
    }

    private Task<Database> Open(string name) => Database.Open(
        new DatabaseOptions
        {
            ConnectionString = new NpgsqlConnectionStringBuilder(_admin) { Database = name }.ConnectionString,
            DataFolder = _folder,
            Durable = false,
            Pools = new PoolSizes { Writer = 16, Reader = 8, Hangfire = 8, Migrator = 4 },
        },
        _ => { },
        CancellationToken.None);

    private string NextName(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}_{Interlocked.Increment(ref _databases)}");

    private async Task Execute(string sql)
    {
        await using var connection = new NpgsqlConnection(_admin);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A test run that was killed leaves a server behind; the next one ends it and removes its files.</summary>
    private static void RemoveLeftovers()
    {
        foreach (var folder in Directory.EnumerateDirectories(Root))
        {
            if (!int.TryParse(Path.GetFileName(folder).Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || IsAlive(pid))
                continue;
            try
            {
                if (new PostgresCluster(Path.Combine(folder, "postgresql")).Running() is { } server)
                {
                    using var process = Process.GetProcessById(server.Pid);
                    process.Kill();
                    process.WaitForExit(5_000);
                }

                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // Another run removes the same leftover at this moment, or it belongs to another user.
                Trace.WriteLine(e.Message);
            }
        }
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
