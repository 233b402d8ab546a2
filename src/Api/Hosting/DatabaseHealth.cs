using Countersign.Projections.Databases;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Countersign.Api.Hosting;

/// <summary>Ready means: the roles that serve requests get an answer from the database.</summary>
internal sealed class DatabaseHealth(DatabaseConnections connections) : IHealthCheck
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Bound);
        try
        {
            foreach (var source in (NpgsqlDataSource[])[connections.Reader, connections.Writer])
            {
                await using var command = source.CreateCommand("select 1");
                await command.ExecuteScalarAsync(limit.Token);
            }

            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", e);
        }
    }
}
