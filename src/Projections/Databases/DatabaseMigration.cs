using Npgsql;

namespace Countersign.Projections.Databases;

/// <summary>Schemas, parts, rights, row security, in this order and under one lock.</summary>
internal static class DatabaseMigration
{
    /// <summary>Advisory lock of the migration: "countersign" as a number nobody else takes by chance.</summary>
    private const long Lock = 0x636f756e74657273;

    private const int Attempts = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static async Task Run(DatabaseConnections connections, IReadOnlyList<IDatabasePart> parts, Action<string> progress, CancellationToken cancel)
    {
        await using var connection = await connections.Migrator.OpenConnectionAsync(cancel);
        await TakeTurn(connection, progress, cancel);
        try
        {
            foreach (var schema in (string[])[DatabaseRoles.Schema, DatabaseRoles.WolverineSchema, DatabaseRoles.HangfireSchema])
                await DatabaseRoles.Execute(connection, $"create schema if not exists {schema}", cancel);
            await MigrationRecord.Prepare(connection, cancel);
            foreach (var part in parts)
            {
                progress($"Migrating: {part.Name}");
                await Patiently(part.Name, () => part.Apply(connections, cancel), progress, cancel);
            }

            progress("Setting rights and row security");
            await Patiently("rights", () => Secure(connection, parts, cancel), progress, cancel);
            await MigrationRecord.Write(connection, cancel);
        }
        finally
        {
            await DatabaseRoles.Execute(connection, $"select pg_advisory_unlock({Lock})", CancellationToken.None);
        }
    }

    private static async Task Secure(NpgsqlConnection connection, IReadOnlyList<IDatabasePart> parts, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await DatabaseRights.Apply(connection, parts, cancel);
        await RowSecurity.Apply(connection, cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>
    /// A session of a killed process, or a node at work, can hold a lock for a while; the migrator waits for none longer than its
    /// lock_timeout, so it asks again. What does not pass is said in a sentence.
    /// </summary>
    private static async Task Patiently(string name, Func<Task> step, Action<string> progress, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await step();
                return;
            }
            catch (Exception e) when (Cause(e) is { } cause)
            {
                if (attempt == Attempts || !Passes(cause))
                    throw new StartUpException($"The database could not be migrated ({name}: {cause.SqlState} {DataFolders.FirstLine(cause.MessageText)}): end what holds it (pg_stat_activity), and start again.", e);
                progress($"Waiting for a lock another session holds ({name})");
                await Task.Delay(TimeSpan.FromSeconds(attempt), cancel);
            }
        }
    }

    private static bool Passes(PostgresException e) =>
        e.IsTransient || e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
        || e.MessageText.Contains("tuple concurrently updated", StringComparison.Ordinal);

    private static PostgresException? Cause(Exception? e)
    {
        while (e is not null and not PostgresException)
            e = e.InnerException;
        return (PostgresException?)e;
    }

    private static async Task TakeTurn(NpgsqlConnection connection, Action<string> progress, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({Lock})", connection);
        for (var attempt = 0; !(bool)(await command.ExecuteScalarAsync(cancel))!; attempt++)
        {
            if (attempt == 0)
                progress("Another node is migrating the database; waiting for it");
            try
            {
                await Task.Delay(500, limit.Token);
            }
            catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
            {
                throw new StartUpException($"Another node has been migrating the database for {Patience.TotalMinutes:0} minutes: see its log, or end its session in pg_stat_activity.", e);
            }
        }
    }
}
