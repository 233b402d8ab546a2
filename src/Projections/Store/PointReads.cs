using System.Text.Json;
using Countersign.Projections.Databases;
using Countersign.Projections.Instances;
using Countersign.Projections.Plans;
using Countersign.Projections.Processes;
using Npgsql;
using NpgsqlTypes;

namespace Countersign.Projections.Store;

/// <summary>
/// The single rows that nearly every writing request asks for, read by the reader's role for many requests of many tenants in one statement
/// (<see cref="PointReadTables"/>): its cost and that of the connection's reset are shared.
/// </summary>
public sealed class PointReads
{
    private const int Most = 100;
    private const int Lanes = 2;
    private readonly Grouping<Wish, string?> _grouping;
    private readonly NpgsqlDataSource _source;

    /// <summary>Reads with the reader's role.</summary>
    public PointReads(DatabaseConnections connections)
    {
        ArgumentNullException.ThrowIfNull(connections);
        _source = connections.Reader;
        _grouping = new Grouping<Wish, string?>(Read, Most, Lanes);
    }

    /// <summary>The receipt with this id (<see cref="CommandReceipt.IdOf"/>), or null.</summary>
    public async Task<CommandReceipt?> Receipt(string tenantId, string id, CancellationToken cancellation) => Of<CommandReceipt>(await Ask(PointRead.Receipt, tenantId, id, cancellation));

    /// <summary>The version of a process that a start means: the one in force, with the rollout beside it, or the one named. Null when there is none.</summary>
    public async Task<StartVersion?> Version(string tenantId, string processKey, int? number, CancellationToken cancellation)
    {
        if (number is not { } known)
            return StartVersion.Read(processKey, await Ask(PointRead.StartVersion, tenantId, processKey, cancellation));
        return await Ask(PointRead.Version, tenantId, ProcessVersion.IdOf(processKey, known), cancellation) is { } id ? new StartVersion(id, null) : null;
    }

    /// <summary>The plan a tenant has chosen; null while the default plan is in force.</summary>
    public async Task<PlanRecord?> Plan(string tenantId, CancellationToken cancellation) => Of<PlanRecord>(await Ask(PointRead.Plan, tenantId, PlanRecord.Only, cancellation));

    private Task<string?> Ask(PointRead kind, string tenantId, string key, CancellationToken cancellation) => _grouping.Ask(new Wish(kind, tenantId, key), cancellation);

    private async Task<string?[]> Read(IReadOnlyList<Wish> wishes)
    {
        await using var command = _source.CreateCommand($"select place, data from {PointReadTables.Function}($1, $2, $3)");
        command.Parameters.Add(new NpgsqlParameter { Value = wishes.Select(w => (int)w.Kind).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter { Value = wishes.Select(w => w.TenantId).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar });
        command.Parameters.Add(new NpgsqlParameter { Value = wishes.Select(w => w.Key).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar });
        var answers = new string?[wishes.Count];
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            answers[reader.GetInt32(0) - 1] = reader.GetString(1);
        return answers;
    }

    private static T? Of<T>(string? data)
        where T : class => data is null ? null : JsonSerializer.Deserialize<T>(data, StoreJson.Options);

    private readonly record struct Wish(PointRead Kind, string TenantId, string Key);
}
