using Npgsql;

namespace Countersign.TestKit.Campaigns;

/// <summary>Looks into the database past the service, as an administrator: the oracle must not trust what it judges.</summary>
internal sealed class CampaignBooks(string connectionString, string tenantId) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = true, MaxPoolSize = 3 }.ConnectionString);

    /// <summary>Instances that have ended.</summary>
    public Task<long> Ended(CancellationToken cancellation) =>
        Count("select count(*) from cs.mt_events where tenant_id = $1 and type in ('instance.completed', 'instance.cancelled')", cancellation);

    /// <summary>A number.</summary>
    public async Task<long> Count(string sql, CancellationToken cancellation)
    {
        await using var command = Command(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellation), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Rows as texts.</summary>
    public async Task<List<string[]>> Rows(string sql, CancellationToken cancellation)
    {
        await using var command = Command(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<string[]>();
        while (await reader.ReadAsync(cancellation))
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture)!)]);
        return rows;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private NpgsqlCommand Command(string sql)
    {
        var command = _source.CreateCommand(sql);
        if (sql.Contains("$1", StringComparison.Ordinal))
            command.Parameters.AddWithValue(tenantId);
        return command;
    }
}
