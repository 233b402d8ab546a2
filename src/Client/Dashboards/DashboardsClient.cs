namespace Countersign.Client.Dashboards;

/// <summary>Figures.</summary>
public sealed class DashboardsClient
{
    private readonly Transport transport;

    internal DashboardsClient(Transport transport) => this.transport = transport;

    /// <summary>The first dashboard.</summary>
    /// <param name="from">From this time on (UTC); seven days before <paramref name="before"/> when null.</param>
    /// <param name="before">Before this time (UTC); now when null.</param>
    /// <param name="process">One process only, or null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<OverviewView> GetOverviewAsync(DateTimeOffset? from = null, DateTimeOffset? before = null, string? process = null,
        CancellationToken cancellationToken = default) =>
        transport.Get<OverviewView>(Query.Of("v1/dashboards/overview", ("from", from), ("before", before), ("process", process)), cancellationToken);
}
