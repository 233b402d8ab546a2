using Countersign.Projections.Databases;

namespace Countersign.Workers.Webhooks;

/// <summary>How far the facts of each tenant's trail have been turned into deliveries; a row for each tenant that has an endpoint for them.</summary>
public sealed class WebhookTables : IDatabasePart
{
    /// <summary>Marks, by tenant.</summary>
    internal const string Marks = DatabaseRoles.Schema + ".webhook_marks";

    private const string Sql = $"create table if not exists {Marks} (tenant_id text primary key, epoch integer not null, leaf bigint not null)";

    /// <inheritdoc/>
    public string Name => "webhooks";

    /// <inheritdoc/>
    public IReadOnlyCollection<string> HiddenTables => ["webhook_marks"];

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var command = connections.Migrator.CreateCommand(Sql);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
