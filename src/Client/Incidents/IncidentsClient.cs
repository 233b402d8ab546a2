namespace Countersign.Client.Incidents;

/// <summary>Incidents.</summary>
public sealed class IncidentsClient
{
    private readonly Transport transport;

    internal IncidentsClient(Transport transport) => this.transport = transport;

    /// <summary>Open incidents, the newest first.</summary>
    /// <param name="process">One process only, or null for all.</param>
    /// <param name="instance">One instance only, or null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public IAsyncEnumerable<IncidentView> ListAsync(string? process = null, Guid? instance = null, CancellationToken cancellationToken = default) =>
        transport.Pages<IncidentView>(Query.Of("v1/incidents", ("process", process), ("instance", instance)), cancellationToken);

    /// <summary>Tries again what raised an incident.</summary>
    public Task<IncidentResult> RetryAsync(string id, RetryIncidentRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<IncidentResult>($"v1/incidents/{Query.Escape(id)}/retry", request, options, cancellationToken);

    /// <summary>Goes on behind what raised an incident, as if its work were done.</summary>
    public Task<IncidentResult> SkipAsync(string id, SkipIncidentRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<IncidentResult>($"v1/incidents/{Query.Escape(id)}/skip", request, options, cancellationToken);

    /// <summary>Goes on at another element instead of where an incident was raised.</summary>
    public Task<IncidentResult> RerouteAsync(string id, RerouteIncidentRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<IncidentResult>($"v1/incidents/{Query.Escape(id)}/reroute", request, options, cancellationToken);
}
