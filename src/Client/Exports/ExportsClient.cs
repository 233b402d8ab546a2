using Countersign.Client.Documents;

namespace Countersign.Client.Exports;

/// <summary>Exports.</summary>
public sealed class ExportsClient
{
    private readonly Transport transport;

    internal ExportsClient(Transport transport) => this.transport = transport;

    /// <summary>Asks for an export; fetch it until it is ready.</summary>
    public Task<ExportView> CreateAsync(CreateExportRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<ExportView>("v1/exports", request, options, cancellationToken);

    /// <summary>Exports, the newest first.</summary>
    public IAsyncEnumerable<ExportView> ListAsync(CancellationToken cancellationToken = default) => transport.Pages<ExportView>("v1/exports", cancellationToken);

    /// <summary>An export with its progress.</summary>
    public Task<ExportView> GetAsync(Guid id, CancellationToken cancellationToken = default) => transport.Get<ExportView>($"v1/exports/{id}", cancellationToken);

    /// <summary>The file (zip) of an export that is ready.</summary>
    public async Task<DocumentContent> GetContentAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var response = await transport.GetResponse($"v1/exports/{id}/content", cancellationToken);
        return new DocumentContent(response, await response.Content.ReadAsStreamAsync(cancellationToken));
    }
}
