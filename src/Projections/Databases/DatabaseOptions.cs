using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Countersign.Projections.Databases;

/// <summary>Where the database comes from and how large its pools are. See docs/reference/settings.md.</summary>
public sealed record DatabaseOptions
{
    /// <summary>
    /// <c>ConnectionStrings:Countersign</c>. Set: this server and database are used, with a user that may create roles.
    /// Unset: a local server is found or fetched, and its files live in <see cref="DataFolder"/>.
    /// </summary>
    public string? ConnectionString { get; init; }

    /// <summary><c>Countersign:DataFolder</c>. Default: <c>data</c> in the clone, else a folder of the user.</summary>
    public required string DataFolder { get; init; }

    /// <summary>
    /// <c>Countersign:Database:RunAs</c>. The system user of a local server when this process runs as root, because
    /// PostgreSQL refuses to. Default: <c>postgres</c> where it exists, else <c>nobody</c>.
    /// </summary>
    public string? RunAs { get; init; }

    /// <summary><c>Countersign:Database:Nodes</c>. How many nodes share the database; 1 or more, default 1.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary><c>Countersign:Database:Pools:*</c>. Connections of this node by role.</summary>
    public PoolSizes Pools { get; init; } = new();

    /// <summary>
    /// Only tests set this to false: a local server then runs without fsync, and a power cut may destroy it.
    /// </summary>
    public bool Durable { get; init; } = true;

    /// <summary>
    /// <c>Countersign:Database:Password</c>. Password of the user in <see cref="ConnectionString"/>, where the two come from different
    /// places (a secret store gives the one, plain settings the other). Unset: the connection string's own.
    /// </summary>
    public string? Password { get; init; }

    /// <summary>
    /// <c>Countersign:Database:RoleSecret</c>. At least 32 characters; the passwords of the roles that serve are derived from it, so
    /// that a node needs no administrator's password. Unset: they are derived from the administrator's.
    /// </summary>
    public string? RoleSecret { get; init; }

    /// <summary><c>Countersign:Database:Migration</c>. Who brings the database to this version; default: each node as it starts.</summary>
    public MigrationTime Migration { get; init; } = MigrationTime.AtStart;

    /// <summary>Which servers may be used when there is no connection string.</summary>
    public ServerSource Source { get; init; } = ServerSource.Any;

    /// <summary>Reads the options, refusing values out of range with a sentence.</summary>
    public static DatabaseOptions From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var defaults = new PoolSizes();
        return Checked(new DatabaseOptions
        {
            ConnectionString = NullIfBlank(configuration.GetConnectionString("Countersign")),
            DataFolder = Path.GetFullPath(NullIfBlank(configuration["Countersign:DataFolder"]) ?? DataFolders.Default()),
            RunAs = NullIfBlank(configuration["Countersign:Database:RunAs"]),
            Password = NullIfBlank(configuration["Countersign:Database:Password"]),
            RoleSecret = NullIfBlank(configuration["Countersign:Database:RoleSecret"]),
            Migration = ParseMigration(configuration["Countersign:Database:Migration"]),
            Source = ParseSource(configuration["Countersign:Database:Source"]),
            Nodes = Number(configuration, "Countersign:Database:Nodes", 1, 1, 1_000),
            Pools = new PoolSizes
            {
                Writer = Number(configuration, "Countersign:Database:Pools:Writer", defaults.Writer, 4, 500),
                Statements = Number(configuration, "Countersign:Database:Pools:Statements", defaults.Statements, 4, 500),
                Reader = Number(configuration, "Countersign:Database:Pools:Reader", defaults.Reader, 2, 500),
                Hangfire = Number(configuration, "Countersign:Database:Pools:Hangfire", defaults.Hangfire, 2, 500),
                Migrator = defaults.Migrator,
            },
        });
    }

    private static DatabaseOptions Checked(DatabaseOptions options) => options switch
    {
        { RoleSecret.Length: < 32 } => throw new StartUpException("The setting Countersign:Database:RoleSecret is shorter than 32 characters: draw a new one, for example with 'openssl rand -hex 32'."),
        { Migration: MigrationTime.Step, ConnectionString: null } or { Migration: MigrationTime.Step, RoleSecret: null } => throw new StartUpException(
            "With Countersign:Database:Migration = step, a node needs ConnectionStrings:Countersign and Countersign:Database:RoleSecret: set both, the same as for the migrate step."),
        _ => options,
    };

    private static MigrationTime ParseMigration(string? text) => NullIfBlank(text) switch
    {
        null or "at_start" => MigrationTime.AtStart,
        "step" => MigrationTime.Step,
        _ => throw new StartUpException($"The setting Countersign:Database:Migration is '{text}': use at_start or step."),
    };

    private static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static ServerSource ParseSource(string? text) => NullIfBlank(text) is not { } name ? ServerSource.Any
        : Enum.TryParse<ServerSource>(name, ignoreCase: true, out var source) && Enum.IsDefined(source) ? source
        : throw new StartUpException($"The setting Countersign:Database:Source is '{name}': use any, installed or embedded.");

    private static int Number(IConfiguration configuration, string key, int @default, int from, int to)
    {
        if (NullIfBlank(configuration[key]) is not { } text)
            return @default;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= from && value <= to
            ? value
            : throw new StartUpException($"The setting {key} is '{text}': use a whole number from {from} to {to}.");
    }
}

/// <summary>Who makes roles and brings the tables to this version.</summary>
public enum MigrationTime
{
    /// <summary>Each node as it starts; it needs an administrator's connection.</summary>
    AtStart,

    /// <summary>A step of its own, <c>migrate</c>; nodes have the rights of their roles alone and refuse a database it has not been run on.</summary>
    Step,
}

/// <summary>Which local servers may be used.</summary>
public enum ServerSource
{
    /// <summary>Binaries found on the machine, else the package.</summary>
    Any,

    /// <summary>Only binaries found on the machine.</summary>
    Installed,

    /// <summary>Only the pinned package of the npm registry.</summary>
    Embedded,
}

/// <summary>Connections of one node by role. Their sum times the nodes must stay ten below the server's max_connections.</summary>
public sealed record PoolSizes
{
    /// <summary>Runner, handlers, daemon and trail: 15 workers and 8 of the daemon by default.</summary>
    public int Writer { get; init; } = 23;

    /// <summary>Single statements of the writer's role: the runner's reading, timers, sweepers, trail. Default 6.</summary>
    public int Statements { get; init; } = 6;

    /// <summary>Queries of API requests. Default 20.</summary>
    public int Reader { get; init; } = 20;

    /// <summary>Hangfire's servers and clients. Default 8.</summary>
    public int Hangfire { get; init; } = 8;

    /// <summary>Migrations; idle afterwards. Default 4.</summary>
    public int Migrator { get; init; } = 4;

    /// <summary>All connections of one node.</summary>
    public int Sum => Writer + Statements + Reader + Hangfire + Migrator;
}
