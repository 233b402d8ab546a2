using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Countersign.Projections.Databases;

/// <summary>The database roles: who may do what, and for how long.</summary>
public static class DatabaseRoles
{
    /// <summary>Owns every object and migrates; idle while the service runs.</summary>
    public const string Migrator = "cs_migrator";

    /// <summary>Runner, handlers, daemon, trail: sees all tenants; may only insert and select on event tables.</summary>
    public const string Writer = "cs_writer";

    /// <summary>Queries of API requests: select only, one tenant per session by <see cref="TenantSetting"/>.</summary>
    public const string Reader = "cs_reader";

    /// <summary>Hangfire's own schema and nothing else.</summary>
    public const string Hangfire = "cs_hangfire";

    /// <summary>The session setting that names the tenant whose rows the reader sees; unset means none.</summary>
    public const string TenantSetting = "app.tenant_id";

    /// <summary>Marten's schema.</summary>
    public const string Schema = "cs";

    /// <summary>Wolverine's schema.</summary>
    public const string WolverineSchema = "wolverine";

    /// <summary>Hangfire's schema.</summary>
    public const string HangfireSchema = "hangfire";

    internal static readonly IReadOnlyList<string> All = [Migrator, Writer, Reader, Hangfire];

    /// <summary>
    /// Settings of each role's sessions (reliability: nothing waits for ever). The writer's statements may be a projection's
    /// batch, the migrator's an index over all events.
    /// </summary>
    internal static IReadOnlyList<string> SettingsOf(string role) => role switch
    {
        Reader => ["statement_timeout=15s", "lock_timeout=2s", "idle_in_transaction_session_timeout=1min", "default_transaction_read_only=on"],
        Writer => ["statement_timeout=30s", "lock_timeout=5s", "idle_in_transaction_session_timeout=1min"],
        Hangfire => ["statement_timeout=15s", "lock_timeout=5s", "idle_in_transaction_session_timeout=1min"],
        _ => ["statement_timeout=30min", "lock_timeout=5s", "idle_in_transaction_session_timeout=5min"],
    };

    /// <summary>Makes what is missing and corrects what differs; leaves the rest alone, so that nodes do not disturb each other.</summary>
    internal static async Task Ensure(NpgsqlConnection admin, Func<string, string> passwordOf, CancellationToken cancel)
    {
        foreach (var role in All)
        {
            await EnsureRole(admin, role, passwordOf(role), cancel);
            await EnsureSettings(admin, role, cancel);
        }
    }

    private static async Task EnsureRole(NpgsqlConnection admin, string role, string password, CancellationToken cancel)
    {
        await using var look = new NpgsqlCommand("select rolbypassrls, rolsuper from pg_roles where rolname = $1", admin) { Parameters = { new() { Value = role } } };
        var (there, bypasses, super) = (false, false, false);
        await using (var row = await look.ExecuteReaderAsync(cancel))
        {
            if (await row.ReadAsync(cancel))
                (there, bypasses, super) = (true, row.GetBoolean(0), row.GetBoolean(1));
        }

        if (super)
            throw new StartUpException($"The database role {role} is a superuser, which would make every protection void: run 'alter role {role} nosuperuser' as an administrator.");
        if (!there)
            await Execute(admin, $"create role {role} login nocreatedb nocreaterole noreplication password '{Scram(password)}'", cancel);
        else if (!await CanSignIn(admin, role, password, cancel))
            await Execute(admin, $"alter role {role} login password '{Scram(password)}'", cancel);
        // The reader and Hangfire must never bypass; who may is written in docs/reference/database-roles.md.
        var shall = role is Writer or Migrator;
        if (bypasses != shall)
            await SetBypass(admin, role, shall, cancel);
    }

    private static async Task SetBypass(NpgsqlConnection admin, string role, bool shall, CancellationToken cancel)
    {
        try
        {
            await Execute(admin, $"alter role {role} {(shall ? "bypassrls" : "nobypassrls")}", cancel);
        }
        catch (PostgresException e) when (shall && e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // Only a superuser may give this attribute on many managed servers; RowSecurity then writes policies that admit
            // the role to every row, which means the same.
        }
    }

    private static async Task EnsureSettings(NpgsqlConnection admin, string role, CancellationToken cancel)
    {
        await using var look = new NpgsqlCommand("select coalesce(rolconfig, '{}') from pg_roles where rolname = $1", admin) { Parameters = { new() { Value = role } } };
        var now = (string[])(await look.ExecuteScalarAsync(cancel))!;
        foreach (var setting in SettingsOf(role).Except(now, StringComparer.Ordinal))
        {
            var parts = setting.Split('=');
            await Execute(admin, $"alter role {role} set {parts[0]} = '{parts[1]}'", cancel);
        }
    }

    private static async Task<bool> CanSignIn(NpgsqlConnection admin, string role, string password, CancellationToken cancel)
    {
        var trial = new NpgsqlConnectionStringBuilder(admin.ConnectionString) { Username = role, Password = password, Pooling = false };
        try
        {
            await using var connection = new NpgsqlConnection(trial.ConnectionString);
            await connection.OpenAsync(cancel);
            return true;
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("28", StringComparison.Ordinal))
        {
            return false;
        }
    }

    internal static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>
    /// The verifier PostgreSQL stores (RFC 5802, RFC 7677), computed here so that no password travels in a statement, where a
    /// log could keep it.
    /// </summary>
    internal static string Scram(string password)
    {
        const int iterations = 4096;
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"SCRAM-SHA-256${iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}");
    }
}
