using Countersign.Projections.Databases;
using Hangfire.PostgreSql;

namespace Countersign.Workers.Hosting;

/// <summary>Hangfire's tables.</summary>
public sealed class HangfirePart : IDatabasePart
{
    /// <inheritdoc/>
    public string Name => "job queue";

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var connection = await connections.Migrator.OpenConnectionAsync(cancel);
        PostgreSqlObjectsInstaller.Install(connection, DatabaseRoles.HangfireSchema);
    }
}
