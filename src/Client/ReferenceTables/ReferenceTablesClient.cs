using System.Net.Http.Headers;
using System.Text;

namespace Countersign.Client.ReferenceTables;

/// <summary>Reference tables.</summary>
public sealed class ReferenceTablesClient
{
    private readonly Transport transport;

    internal ReferenceTablesClient(Transport transport) => this.transport = transport;

    /// <summary>Publishes rows as a new version of a table.</summary>
    public Task<ReferenceTableView> PublishAsync(string name, PublishReferenceTableRequest request, CallOptions? options = null,
        CancellationToken cancellationToken = default) =>
        transport.Post<ReferenceTableView>($"v1/reference-tables/{Query.Escape(name)}/versions", request, options, cancellationToken);

    /// <summary>Publishes a CSV file (UTF-8, comma or semicolon, first line names the columns) as a new version of a table.</summary>
    public Task<ReferenceTableView> PublishCsvAsync(string name, string csv, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.PostContent<ReferenceTableView>(
            $"v1/reference-tables/{Query.Escape(name)}/versions",
            () => new StringContent(csv, Encoding.UTF8, new MediaTypeHeaderValue("text/csv", "utf-8")),
            options,
            cancellationToken);

    /// <summary>All tables by name.</summary>
    public IAsyncEnumerable<ReferenceTableView> ListAsync(CancellationToken cancellationToken = default) =>
        transport.Pages<ReferenceTableView>("v1/reference-tables", cancellationToken);

    /// <summary>A table with its newest version.</summary>
    public Task<ReferenceTableView> GetAsync(string name, CancellationToken cancellationToken = default) =>
        transport.Get<ReferenceTableView>($"v1/reference-tables/{Query.Escape(name)}", cancellationToken);

    /// <summary>Rows of the newest version, in published order.</summary>
    public IAsyncEnumerable<ReferenceTableRow> ListRowsAsync(string name, CancellationToken cancellationToken = default) =>
        transport.Pages<ReferenceTableRow>($"v1/reference-tables/{Query.Escape(name)}/rows", cancellationToken);
}
