using System.Text;
using System.Xml.Linq;
using Countersign.Projections.Databases;
using Countersign.Projections.Sealing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Countersign.Api.Hosting;

/// <summary>
/// What the nodes of one service share so that any of them can answer: the keys that protect cursors, receipts and cookies, wrapped by the master key, and the
/// console's sessions, sealed under those.
/// </summary>
internal static class SharedSecrets
{
    public static void AddSharedSecrets(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("countersign");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(s => new ConfigureOptions<KeyManagementOptions>(options =>
        {
            options.XmlRepository = new ProtectionKeys(s.GetRequiredService<DatabaseConnections>());
            options.XmlEncryptor = new RingEncryptor(s.GetRequiredService<KeyRing>());
        }));
        // Before the console's own, which remembers in this process only.
        services.AddSingleton<IDistributedCache>(s => new StoredSessions(s.GetRequiredService<DatabaseConnections>(), s.GetRequiredService<TimeProvider>()));
    }
}

/// <summary>Data Protection's keys in the database. The framework asks synchronously, once a day.</summary>
internal sealed class ProtectionKeys(DatabaseConnections connections) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = connections.Writer.CreateCommand($"select element from {KeyTables.Schema}.protection_keys order by since");
        using var rows = command.ExecuteReader();
        var elements = new List<XElement>();
        while (rows.Read())
            elements.Add(ParseOwn(rows.GetString(0)));
        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var command = connections.Writer.CreateCommand($"insert into {KeyTables.Schema}.protection_keys (name, element) values ($1, $2)");
        command.Parameters.Add(new() { Value = friendlyName });
        command.Parameters.Add(new() { Value = element.ToString(SaveOptions.DisableFormatting) });
        command.ExecuteNonQuery();
    }

    /// <summary>Reads XML that this service wrote; still without document types.</summary>
    internal static XElement ParseOwn(string xml)
    {
        using var reader = System.Xml.XmlReader.Create(new StringReader(xml), new System.Xml.XmlReaderSettings { DtdProcessing = System.Xml.DtdProcessing.Prohibit, XmlResolver = null });
        return XElement.Load(reader);
    }
}

/// <summary>Wraps a protection key by the master key: who reads the database opens nothing.</summary>
internal sealed class RingEncryptor(KeyRing ring) : IXmlEncryptor
{
    internal const string Context = "data-protection";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var wrapped = ring.Wrap(Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting)), Context);
        return new EncryptedXmlInfo(new XElement("wrapped", Convert.ToBase64String(wrapped)), typeof(RingDecryptor));
    }
}

/// <summary>The other way; the framework makes it by the name that is stored with the key, so its name stays.</summary>
internal sealed class RingDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) =>
        ProtectionKeys.ParseOwn(Encoding.UTF8.GetString(services.GetRequiredService<KeyRing>().Unwrap(Convert.FromBase64String(encryptedElement.Value), RingEncryptor.Context)));
}

/// <summary>
/// Sessions in the database, for every node and across restarts. The console seals them and gives only the hash of their id as the key; here they only live and
/// end. What a sign-out removes is gone for all nodes at the next request.
/// </summary>
internal sealed class StoredSessions(DatabaseConnections connections, TimeProvider clock) : IDistributedCache
{
    private const string Table = KeyTables.Schema + ".sessions";
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(30);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        await using var command = Command($"select content from {Table} where key = $1 and until > $2", key, clock.GetUtcNow());
        return (byte[]?)await command.ExecuteScalarAsync(token);
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var now = clock.GetUtcNow();
        var until = options.AbsoluteExpiration ?? now + (options.AbsoluteExpirationRelativeToNow ?? options.SlidingExpiration ?? Usual);
        // Ended ones go little by little with every write, so that no task of its own is needed.
        await using var command = Command(
            $"""
            with gone as (delete from {Table} where key in (select key from {Table} where until <= $3 and key <> $1 order by until limit 10 for update skip locked))
            insert into {Table} (key, content, until) values ($1, $2, $4) on conflict (key) do update set content = excluded.content, until = excluded.until
            """,
            key,
            value,
            now,
            until);
        await command.ExecuteNonQueryAsync(token);
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        await using var command = Command($"delete from {Table} where key = $1", key);
        await command.ExecuteNonQueryAsync(token);
    }

    // A session's end is set by its writer; a look does not move it.
    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public byte[]? Get(string key) => throw OnlyAsync();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw OnlyAsync();

    public void Remove(string key) => throw OnlyAsync();

    public void Refresh(string key)
    {
    }

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = connections.Writer.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    private static NotSupportedException OnlyAsync() => new("Sessions are read and written asynchronously.");
}
