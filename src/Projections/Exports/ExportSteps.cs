using Countersign.Projections.Databases;
using Npgsql;

namespace Countersign.Projections.Exports;

/// <summary>How far an export is.</summary>
/// <param name="Step">What it is doing, for people.</param>
/// <param name="Fraction">0 to 1.</param>
public sealed record ExportStep(string Step, double Fraction);

/// <summary>Reads how far a tenant's open exports are; as the reader, under row security.</summary>
public sealed class ExportSteps(DatabaseConnections connections)
{
    /// <summary>The open exports of a tenant; a bounded number.</summary>
    public async Task<IReadOnlyDictionary<Guid, ExportStep>> Of(string tenantId, CancellationToken cancellation)
    {
        await using var connection = await connections.Reader.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var set = new NpgsqlCommand($"select set_config('{DatabaseRoles.TenantSetting}', $1, true)", connection, transaction) { Parameters = { new() { Value = tenantId } } })
            await set.ExecuteNonQueryAsync(cancellation);
        await using var command = new NpgsqlCommand($"select export_id, step, progress from {ExportTables.Work} where tenant_id = $1 and task = 'write'", connection, transaction)
        {
            Parameters = { new() { Value = tenantId } },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var steps = new Dictionary<Guid, ExportStep>();
        while (await rows.ReadAsync(cancellation))
            steps[rows.GetGuid(0)] = new ExportStep(rows.GetString(1), rows.GetDouble(2));
        return steps;
    }
}
