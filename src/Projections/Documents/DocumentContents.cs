using System.Security.Cryptography;
using System.Text;
using Countersign.Projections.Databases;
using Countersign.Projections.Sealing;
using Marten;
using Npgsql;

namespace Countersign.Projections.Documents;

/// <summary>A document's bytes as they are stored.</summary>
/// <param name="KeyId">The key they are sealed under.</param>
/// <param name="Bytes">Nonce, ciphertext and tag.</param>
/// <param name="Sha256">SHA-256 of <paramref name="Bytes"/>, lower-case hex: what the trail commits to.</param>
public sealed record SealedContent(Guid KeyId, byte[] Bytes, string Sha256);

/// <summary>
/// Documents' bytes, sealed under a key of their own, so that erasing one destroys a key and leaves every proof. Read as the reader: row security applies.
/// </summary>
public sealed class DocumentContents(DatabaseConnections connections, SubjectKeyStore keys)
{
    /// <summary>Seals bytes for a document.</summary>
    public async Task<SealedContent> Seal(string tenantId, Guid id, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var subject = SubjectOf(id);
        var key = (await keys.Ensure([(tenantId, subject)], cancellation)).Live(tenantId, subject)
            ?? throw new CryptographicException("No key could be made for the document. Try again; if it stays, verify the key ring.");
        var bytes = KeyRing.Encrypt(key.Key!, content.Span, Context(tenantId, id, key.Id));
        return new SealedContent(key.Id, bytes, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    /// <summary>Writes sealed bytes in a session's transaction.</summary>
    public static void Write(IDocumentSession session, string tenantId, Guid id, SealedContent content)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(content);
        session.QueueSqlCommand($"insert into {DocumentTables.Table} (tenant_id, document_id, key_id, content) values (?, ?, ?, ?)", tenantId, id, content.KeyId, content.Bytes);
    }

    /// <summary>The bytes as they were uploaded; null when there is no such document in the tenant or its key was destroyed.</summary>
    public async Task<byte[]?> Read(string tenantId, Guid id, CancellationToken cancellation)
    {
        await using var connection = await connections.Reader.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var command = new NpgsqlCommand($"select set_config('{DatabaseRoles.TenantSetting}', $1, true)", connection, transaction)
        {
            Parameters = { new() { Value = tenantId } },
        };
        await command.ExecuteNonQueryAsync(cancellation);
        await using var read = new NpgsqlCommand($"select key_id, content from {DocumentTables.Table} where tenant_id = $1 and document_id = $2", connection, transaction)
        {
            Parameters = { new() { Value = tenantId }, new() { Value = id } },
        };
        Guid keyId;
        byte[] bytes;
        await using (var row = await read.ExecuteReaderAsync(cancellation))
        {
            if (!await row.ReadAsync(cancellation))
                return null;
            (keyId, bytes) = (row.GetGuid(0), row.GetFieldValue<byte[]>(1));
        }

        var key = (await keys.Find([(tenantId, keyId)], cancellation)).ById(tenantId, keyId);
        return key?.Key is null ? null : KeyRing.Decrypt(key.Key, bytes, Context(tenantId, id, keyId));
    }

    private static string SubjectOf(Guid id) => $"document/{id:D}";

    private static byte[] Context(string tenantId, Guid id, Guid keyId) => Encoding.UTF8.GetBytes($"document\n{tenantId}\n{id:D}\n{keyId:D}");
}

/// <summary>The table of documents' bytes.</summary>
public sealed class DocumentTables : IDatabasePart
{
    internal const string Table = DatabaseRoles.Schema + ".document_contents";

    private const string Sql = $"""
        create table if not exists {Table} (
            tenant_id varchar not null, document_id uuid not null, key_id uuid not null, content bytea not null,
            primary key (tenant_id, document_id));
        alter table {Table} alter column content set storage external;
        """;

    /// <inheritdoc/>
    public string Name => "documents";

    /// <inheritdoc/>
    public IReadOnlyCollection<string> AppendOnlyTables => ["document_contents"];

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var command = connections.Migrator.CreateCommand(Sql);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
