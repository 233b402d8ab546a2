using Countersign.Projections.Databases;
using Npgsql;
using NpgsqlTypes;

namespace Countersign.Workers.Messages;

/// <summary>A transaction that alone looks at the messages and subscriptions of one name and key. Without <see cref="Commit"/> nothing happened.</summary>
internal sealed class Locked : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly CancellationToken _cancellation;

    private Locked(NpgsqlConnection connection, NpgsqlTransaction transaction, string tenantId, string name, string key, CancellationToken cancellation) =>
        (_connection, _transaction, TenantId, Name, Key, _cancellation) = (connection, transaction, tenantId, name, key, cancellation);

    public string TenantId { get; }

    public string Name { get; }

    public string Key { get; }

    public static async Task<Locked> Open(DatabaseConnections connections, string tenantId, string name, string key, CancellationToken cancellation)
    {
        var connection = await connections.Writer.OpenConnectionAsync(cancellation);
        try
        {
            var work = new Locked(connection, await connection.BeginTransactionAsync(cancellation), tenantId, name, key, cancellation);
            // Two names and keys that come to the same number only wait for one another.
            await work.Execute("select pg_advisory_xact_lock(hashtextextended($1, 7435))", $"{tenantId}/{name.Length}/{name}{key}");
            return work;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task<int> Execute(string sql, params object?[] values)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(_cancellation);
    }

    public async Task<object?> Scalar(string sql, params object?[] values)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteScalarAsync(_cancellation);
    }

    public async Task<List<MessageRow>> Read(string sql, params object?[] values)
    {
        await using var command = Command(sql, values);
        return await MessageStore.Read(command, _cancellation);
    }

    /// <summary>The oldest open subscription of the name and key that no message is promised to.</summary>
    public async Task<(string? Id, Guid InstanceId)> Free(string? except)
    {
        await using var command = Command(
            $"""
            select s.id, (s.data ->> 'instanceId')::uuid from {DatabaseRoles.Schema}.mt_doc_subscriptionrow s
            where s.tenant_id = $1 and s.correlation_key = $3 and s.data ->> 'messageName' = $2 and s.id is distinct from $4
                and not exists (select 1 from {MessageTables.Messages} m where m.tenant_id = $1 and m.subscription_id = s.id and m.status = 'assigned')
            order by s.id limit 1
            """,
            TenantId, Name, Key, except);
        await using var row = await command.ExecuteReaderAsync(_cancellation);
        return await row.ReadAsync(_cancellation) ? (row.GetString(0), row.GetGuid(1)) : (null, Guid.Empty);
    }

    public Task Commit() => _transaction.CommitAsync(_cancellation);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private NpgsqlCommand Command(string sql, params object?[] values)
    {
        var command = new NpgsqlCommand(sql, _connection, _transaction);
        foreach (var value in values)
            command.Parameters.Add(value is null ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text } : new NpgsqlParameter { Value = value });
        return command;
    }
}
