using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using Countersign.Domain.Trail;
using Countersign.Projections.Documents;
using Countersign.Projections.Exports;
using Countersign.Projections.Instances;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Workers.Trail.Exports;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Exports;

/// <summary>Where export files lie: the data folder, so that the node that wrote one serves it.</summary>
/// <param name="root">Folder.</param>
public sealed class ExportFiles(string root)
{
    /// <summary>File of an export.</summary>
    public string PathOf(string tenantId, Guid id) => Path.Combine(root, tenantId, id.ToString("N") + ".zip");
}

/// <summary>Writes exports one after the other, with progress. Bounded: at most 100 wait; one that a stopped node left behind is said to have failed.</summary>
public sealed partial class ExportRunner(IDocumentStore store, TrailExport export, ExportFiles files, TimeProvider clock, ILogger<ExportRunner> logger) : BackgroundService
{
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(1);
    private readonly Channel<(string TenantId, Guid Id)> _waiting = Channel.CreateBounded<(string, Guid)>(100);

    /// <summary>Queues an export whose record is stored; false when too many wait.</summary>
    public bool TryQueue(string tenantId, Guid id) => _waiting.Writer.TryWrite((tenantId, id));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (tenantId, id) in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await Run(tenantId, id, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogFailed(e, id, tenantId);
                await Say(tenantId, id, r => r with { Status = "failed", Sentence = e is ExportException ? e.Message : "The export could not be written. Ask for it again; if it fails again, tell support its id." }, stoppingToken);
            }
        }
    }

    private async Task Run(string tenantId, Guid id, CancellationToken cancellation)
    {
        if (await Say(tenantId, id, r => r with { Status = "running", Sentence = "Begins." }, cancellation) is not { } record)
            return;
        var path = files.PathOf(tenantId, id);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var said = clock.GetTimestamp();
        var last = new ExportProgress("Begins", 0);
        await using (var file = new FileStream(path + ".part", FileMode.Create, FileAccess.ReadWrite))
        {
            var writing = export.Write(new ExportRequest(id.ToString("D"), tenantId, record.RequestedBy, await Selection(tenantId, record, cancellation)), file, p => Volatile.Write(ref last, p), cancellation);
            while (await Task.WhenAny(writing, Task.Delay(SayEvery, clock, cancellation)) != writing)
            {
                var now = Volatile.Read(ref last);
                await Say(tenantId, id, r => r with { Progress = now.Fraction, Sentence = now.Step }, cancellation);
            }

            await writing;
        }

        File.Move(path + ".part", path, overwrite: true);
        await using var done = File.OpenRead(path);
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(done, cancellation));
        await Say(tenantId, id, r => r with { Status = "ready", Progress = 1, Sentence = "Ready to be fetched.", Size = done.Length, Sha256 = hash }, cancellation);
        LogDone(id, tenantId, clock.GetElapsedTime(said).TotalSeconds);
    }

    private async Task<BundleSelection> Selection(string tenantId, ExportRecord record, CancellationToken cancellation)
    {
        var selection = new BundleSelection(record.Instance is null ? "period" : "instance") { From = record.From, To = record.Before };
        if (record.Instance is { } one)
            return selection with { Streams = [StreamsOf.Instance(one)] };
        if (record.Process is not { } process)
            return selection;
        await using var session = store.QuerySession(tenantId);
        return selection with { Streams = [.. await session.Query<InstanceSummary>().Where(i => i.ProcessKey == process).Select(i => i.Id).ToListAsync(cancellation)] };
    }

    private async Task<ExportRecord?> Say(string tenantId, Guid id, Func<ExportRecord, ExportRecord> change, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession(tenantId);
        if (await session.LoadAsync<ExportRecord>(id, cancellation) is not { } record)
            return null;
        record = change(record);
        session.Store(record);
        await session.SaveChangesAsync(cancellation);
        return record;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Export {Id} of {TenantId} failed.")]
    private partial void LogFailed(Exception e, Guid id, string tenantId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Export {Id} of {TenantId} was written in {Seconds} s.")]
    private partial void LogDone(Guid id, string tenantId, double seconds);
}

/// <summary>What an export may open: the tenant's documents, and sealed fields for the dossiers.</summary>
public sealed class TenantContents(IReaderStore store, DocumentContents documents, FieldSealer sealer) : IExportContents
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
