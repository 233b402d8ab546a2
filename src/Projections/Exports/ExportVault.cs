using System.Security.Cryptography;
using System.Text;
using Countersign.Projections.Databases;
using Countersign.Projections.Sealing;
using Npgsql;

namespace Countersign.Projections.Exports;

/// <summary>
/// Keeps the files of exports in pieces in the database, so that any node serves what any node wrote. An export holds documents and opened fields: each piece is
/// sealed under a key of the export alone, which is destroyed when its time is over.
/// </summary>
public sealed class ExportVault(DatabaseConnections connections, SubjectKeyStore keys)
{
    /// <summary>Bytes of a piece before sealing; the last one may be shorter: 1 MiB.</summary>
    public const int PieceBytes = 1024 * 1024;

    /// <summary>Writes a file piece by piece and gives its SHA-256, lower-case hex.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="id">The export.</param>
    /// <param name="attempt">The attempt that wrote it.</param>
    /// <param name="file">The file from its start.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<string> Write(string tenantId, Guid id, int attempt, Stream file, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(file);
        var subject = SubjectOf(id);
        var key = (await keys.Ensure([(tenantId, subject)], cancellation)).Live(tenantId, subject)
            ?? throw new CryptographicException("No key could be made for the export. Ask again; if it stays, verify the key ring.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[PieceBytes];
        for (var piece = 0; ; piece++)
        {
            var length = await file.ReadAtLeastAsync(buffer, PieceBytes, throwOnEndOfStream: false, cancellation);
            if (length == 0)
                return Convert.ToHexStringLower(hash.GetHashAndReset());
            hash.AppendData(buffer, 0, length);
            await using var command = connections.Writer.CreateCommand(
                $"insert into {ExportTables.Pieces} (tenant_id, export_id, attempt, piece, key_id, content) values ($1, $2, $3, $4, $5, $6)");
            command.Parameters.Add(new() { Value = tenantId });
            command.Parameters.Add(new() { Value = id });
            command.Parameters.Add(new() { Value = attempt });
            command.Parameters.Add(new() { Value = piece });
            command.Parameters.Add(new() { Value = key.Id });
            command.Parameters.Add(new() { Value = KeyRing.Encrypt(key.Key!, buffer.AsSpan(0, length), Context(tenantId, id, attempt, piece)) });
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>Opens the file of an export that is ready; it can be read from anywhere in it.</summary>
    public Stream Open(string tenantId, ExportRecord export)
    {
        ArgumentNullException.ThrowIfNull(export);
        return new ExportStream((piece, cancellation) => Read(tenantId, export.Id, piece, cancellation), export.Size ?? 0);
    }

    /// <summary>Removes the pieces of every attempt but one.</summary>
    public async Task RemoveOthers(string tenantId, Guid id, int attempt, CancellationToken cancellation)
    {
        await using var command = connections.Writer.CreateCommand($"delete from {ExportTables.Pieces} where tenant_id = $1 and export_id = $2 and attempt <> $3");
        command.Parameters.Add(new() { Value = tenantId });
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = attempt });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Destroys the key of an export and removes its pieces.</summary>
    public async Task Destroy(string tenantId, Guid id, CancellationToken cancellation)
    {
        await keys.Destroy(tenantId, SubjectOf(id), cancellation);
        await RemoveOthers(tenantId, id, -1, cancellation);
    }

    // As the reader: row security stands between a mistake here and another tenant's file.
    private async Task<byte[]> Read(string tenantId, Guid id, int piece, CancellationToken cancellation)
    {
        await using var connection = await connections.Reader.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var set = new NpgsqlCommand($"select set_config('{DatabaseRoles.TenantSetting}', $1, true)", connection, transaction) { Parameters = { new() { Value = tenantId } } })
            await set.ExecuteNonQueryAsync(cancellation);
        await using var read = new NpgsqlCommand(
            $"select attempt, key_id, content from {ExportTables.Pieces} where tenant_id = $1 and export_id = $2 and piece = $3 order by attempt desc limit 1", connection, transaction)
        {
            Parameters = { new() { Value = tenantId }, new() { Value = id }, new() { Value = piece } },
        };
        int attempt;
        Guid keyId;
        byte[] content;
        await using (var row = await read.ExecuteReaderAsync(cancellation))
        {
            if (!await row.ReadAsync(cancellation))
                throw new IOException($"Piece {piece} of export {id} is gone: its time was over while it was read.");
            (attempt, keyId, content) = (row.GetInt32(0), row.GetGuid(1), row.GetFieldValue<byte[]>(2));
        }

        var key = (await keys.Find([(tenantId, keyId)], cancellation)).ById(tenantId, keyId);
        return key?.Key is { } bytes
            ? KeyRing.Decrypt(bytes, content, Context(tenantId, id, attempt, piece))
            : throw new IOException($"The key of export {id} was destroyed: its time was over while it was read.");
    }

    private static string SubjectOf(Guid id) => $"export/{id:D}";

    private static byte[] Context(string tenantId, Guid id, int attempt, int piece) => Encoding.UTF8.GetBytes(FormattableString.Invariant($"export\n{tenantId}\n{id:D}\n{attempt}\n{piece}"));
}
