using System.Text.Json;
using Countersign.Projections.Databases;
using Countersign.Projections.Documents;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;

namespace Countersign.Workers.Trail.Exports;

/// <summary>Opens documents and sealed fields with the tenant's keys: for readers whose mandate covers them. What was erased stays away.</summary>
public sealed class OpenedContents(DatabaseConnections connections, DocumentContents documents, FieldSealer sealer) : IExportContents
{
    /// <inheritdoc/>
    public async Task<Stream?> OpenDocument(string tenant, string sha256, CancellationToken cancel)
    {
        await using var command = connections.Writer.CreateCommand("select id from cs.mt_doc_documentrecord where tenant_id = $1 and sha256 = $2 limit 1");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = sha256 });
        return await command.ExecuteScalarAsync(cancel) is Guid id && await documents.Read(tenant, id, cancel) is { } bytes ? new MemoryStream(bytes, writable: false) : null;
    }

    /// <inheritdoc/>
    public async Task<JsonElement> OpenFields(string tenant, string stream, JsonElement data, CancellationToken cancel) =>
        StreamsOf.InstanceOf(stream) is { } instance ? await sealer.OpenForReading(data, tenant, instance, cancel) : data;
}
