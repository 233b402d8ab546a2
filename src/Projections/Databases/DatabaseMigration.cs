using Npgsql;

namespace Countersign.Projections.Databases;

/// <summary>Schemas, parts, rights, row security, in this order and under one lock.</summary>
internal static class DatabaseMigration
{
    /// <summary>Advisory lock of the migration: "countersign" as a number nobody else takes by chance.</summary>
    private const long Lock = 0x636f756e74657273;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static async Task Run(DatabaseConnections connections, IReadOnlyList<IDatabasePart> parts, Action<string> progress, CancellationToken cancel)
    {
        await using var connection = await connections.Migrator.OpenConnectionAsync(cancel);
        await TakeTurn(connection, progress, cancel);
        try
        {
            foreach (var schema in (string[])[DatabaseRoles.Schema, DatabaseRoles.WolverineSchema, DatabaseRoles.HangfireSchema])
                await DatabaseRoles.Execute(connection, $"create schema if not exists {schema}", cancel);
            foreach (var part in parts)
            {
                progress($"Migrating: {part.Name}");
                await part.Apply(connections, cancel);
            }

            progress("Setting rights and row security");
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await DatabaseRights.Apply(connection, parts, cancel);
            await RowSecurity.Apply(connection, cancel);
            await transaction.CommitAsync(cancel);
        }
        finally
        {
            await DatabaseRoles.Execute(connection, $"select pg_advisory_unlock({Lock})", CancellationToken.None);
        }
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
