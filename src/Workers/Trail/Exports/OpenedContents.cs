using System.Text.Json;
using Countersign.Projections.Documents;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Marten;

namespace Countersign.Workers.Trail.Exports;

/// <summary>Opens documents and sealed fields with the tenant's keys: for readers whose mandate covers them. What was erased stays away.</summary>
public sealed class OpenedContents(IReaderStore store, DocumentContents documents, FieldSealer sealer) : IExportContents
{
    /// <inheritdoc/>
    public async Task<Stream?> OpenDocument(string tenant, string sha256, CancellationToken cancel)
    {
        await using var session = store.QuerySession(tenant);
        var record = await session.Query<DocumentRecord>().FirstOrDefaultAsync(d => d.Sha256 == sha256, cancel);
        return record is not null && await documents.Read(tenant, record.Id, cancel) is { } bytes ? new MemoryStream(bytes, writable: false) : null;
    }

    /// <inheritdoc/>
    public async Task<JsonElement> OpenFields(string tenant, string stream, JsonElement data, CancellationToken cancel) =>
        StreamsOf.InstanceOf(stream) is { } instance ? await sealer.OpenForReading(data, tenant, instance, cancel) : data;
}
