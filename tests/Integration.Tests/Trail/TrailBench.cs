using Countersign.Domain.Trail;
using Countersign.Projections.Databases;
using Countersign.TestKit.Databases;
using Countersign.Workers.Trail;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;

namespace Countersign.Integration.Tests.Trail;

/// <summary>An event table with the columns of Marten's, so that a test can hold transactions open and lose numbers as it likes.</summary>
public sealed class PlainEvents : IDatabasePart
{
    public string Name => "event table";

    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var command = connections.Migrator.CreateCommand(
            """
            create sequence if not exists cs.mt_events_sequence;
            create table if not exists cs.mt_streams (id varchar not null, tenant_id varchar not null, version bigint, timestamp timestamptz not null default now(), primary key (tenant_id, id));
            create table if not exists cs.mt_events (
                seq_id bigint primary key, id uuid not null, stream_id varchar, version bigint not null, data jsonb not null, type varchar(500) not null,
                timestamp timestamptz not null default now(), tenant_id varchar not null, mt_dotnet_type varchar, correlation_id varchar, causation_id varchar,
                headers jsonb, user_name varchar, is_archived boolean default false, unique (tenant_id, stream_id, version));
            """);
        await command.ExecuteNonQueryAsync(cancel);
    }
}

/// <summary>A database with the trail, a second place, keys, and the parts of the trail over them.</summary>
internal sealed class TrailBench : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("countersign-trail");
    private readonly Random _random = new(3);

    private TrailBench(TestDatabase database)
    {
        Database = database;
        Options = new TrailOptions { Host = "trail.test", SecondPlace = Path.Combine(_folder.FullName, "place"), KeyFile = Path.Combine(_folder.FullName, "keys", "trail.key"), CheckpointLeaves = 16 };
        Start();
    }

    public TestDatabase Database { get; }

    public NpgsqlDataSource Writer => Database.Connections.Writer;

    public TrailOptions Options { get; set; }

    public TrailFaults Faults { get; set; } = new();

    public TrailAlarms Alarms { get; private set; } = null!;

    public ITrailKeys Keys { get; private set; } = null!;

    public ISecondPlace Place { get; private set; } = null!;

    public TrailSigner Signer { get; private set; } = null!;

    public TrailSequencer Sequencer { get; private set; } = null!;

    public static async Task<TrailBench> Create(PostgresFixture postgres) => new(await postgres.CreateDatabase(new PlainEvents(), new TrailTables()));

    /// <summary>As after a start of the process: nothing is remembered but what lies in the database and the folder.</summary>
    public void Start()
    {
        Alarms = new TrailAlarms(NullLogger<TrailAlarms>.Instance);
        Keys = FileTrailKeys.Open(Options.KeyFile, TimeProvider.System);
        Place = new FolderSecondPlace(Options.SecondPlace);
        Signer = new TrailSigner(Writer, Options, Keys, Place, Alarms, TimeProvider.System, Faults);
        Sequencer = new TrailSequencer(Writer, Options, Signer, Alarms, TimeProvider.System, Faults);
    }

    public TrailService Service() => new(Database.Connections, Options, Keys, Place, Alarms, TimeProvider.System, Faults, NullLogger<TrailService>.Instance);

    /// <summary>Appends events to a stream and commits, as the runner would.</summary>
    public async Task Append(string tenant, string stream, int events, string type = "element.entered")
    {
        await using var connection = await Writer.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await Append(connection, tenant, stream, events, type);
        await transaction.CommitAsync();
    }

    public async Task Append(NpgsqlConnection connection, string tenant, string stream, int events, string type = "element.entered", string? data = null)
    {
        await using var move = new NpgsqlCommand(
            "insert into cs.mt_streams (id, tenant_id, version) values ($2, $1, $3) on conflict (tenant_id, id) do update set version = cs.mt_streams.version + $3 returning version - $3", connection);
        move.Parameters.Add(new() { Value = tenant });
        move.Parameters.Add(new() { Value = stream });
        move.Parameters.Add(new() { Value = (long)events });
        var version = (long)(await move.ExecuteScalarAsync())!;
        for (var i = 0; i < events; i++)
        {
            await using var command = new NpgsqlCommand(
                """
                insert into cs.mt_events (seq_id, id, stream_id, version, data, type, tenant_id, correlation_id, headers, user_name)
                values (nextval('cs.mt_events_sequence'), $1, $2, $3, $4, $5, $6, $7, $8, $9)
                """, connection);
            command.Parameters.Add(new() { Value = new Guid(_random.Next(), 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]) });
            command.Parameters.Add(new() { Value = stream });
            command.Parameters.Add(new() { Value = ++version });
            command.Parameters.Add(new() { Value = data ?? $$"""{"n": {{version}}, "wörd": "\u0001 <&> \"x\"", "amount": 12.50, "big": 1e20, "a": {"z": [1, {"y": null}] } }""", NpgsqlDbType = NpgsqlDbType.Jsonb });
            command.Parameters.Add(new() { Value = type });
            command.Parameters.Add(new() { Value = tenant });
            command.Parameters.Add(new() { Value = "c-1" });
            command.Parameters.Add(new() { Value = version % 2 == 0 ? DBNull.Value : """{"traceparent": "00-1-2-01"}""", NpgsqlDbType = NpgsqlDbType.Jsonb });
            command.Parameters.Add(new() { Value = "m-ana" });
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Passes until nothing is left to do at once.</summary>
    public async Task<int> Settle()
    {
        var appended = 0;
        for (var i = 0; i < 200; i++)
        {
            var pass = await Sequencer.Pass(CancellationToken.None);
            appended += pass.Appended;
            if (!pass.More)
                return appended;
        }
        throw new InvalidOperationException("The sequencer does not come to rest.");
    }

    public Task Sign(params string[] tenants) => Signer.SignDue(tenants.ToHashSet(StringComparer.Ordinal), CancellationToken.None);

    public async Task<T> Scalar<T>(string sql, params object[] parameters)
    {
        await using var command = Database.Connections.Writer.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new() { Value = parameter });
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Changes rows as somebody with the rights of an administrator would.</summary>
    public async Task Tamper(string sql)
    {
        await using var command = Database.Connections.Migrator.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Leaves of a tenant in order, as (sequence, late).</summary>
    public async Task<List<(long? Sequence, bool Late)>> Leaves(string tenant, int epoch = 1)
    {
        await using var command = Writer.CreateCommand("select seq_id, late from cs.trail_leaves where tenant_id = $1 and epoch = $2 order by index");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = epoch });
        await using var rows = await command.ExecuteReaderAsync();
        var leaves = new List<(long?, bool)>();
        while (await rows.ReadAsync())
            leaves.Add((rows.IsDBNull(0) ? null : rows.GetInt64(0), rows.GetBoolean(1)));
        return leaves;
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        foreach (var file in _folder.EnumerateFiles("*", SearchOption.AllDirectories))
            file.Attributes = FileAttributes.Normal;
        _folder.Delete(recursive: true);
    }
}
