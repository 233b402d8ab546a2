using Countersign.Domain;
using Countersign.Domain.Exports;
using Countersign.Domain.Tenants;
using Countersign.Domain.Trail;
using Countersign.Projections.Exports;
using Countersign.Workers.Leases;
using Countersign.Workers.Streams;
using Countersign.Workers.Trail.Exports;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Exports;

/// <summary>Writes one export, under a lease that is renewed while it works.</summary>
internal sealed partial class ExportJob(ExportSelection selection, StreamDoor streams, ExportQueue queue, TrailExport export, ExportVault vault, ExportOptions options, TimeProvider clock,
    ILogger<ExportJob> logger)
{
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(1);

    /// <summary>Removes what a killed process was writing here; its export is written anew.</summary>
    public void RemoveLeftovers()
    {
        Directory.CreateDirectory(options.Folder);
        foreach (var file in Directory.EnumerateFiles(options.Folder, "*.part"))
            File.Delete(file);
    }

    public async Task Write(Taken taken, CancellationToken stopping)
    {
        var begun = await Change(taken, s => ExportDecider.Decide(s, new BeginExport(taken.Attempt), clock.GetUtcNow()), stopping);
        if (begun.State is not { Phase: ExportPhase.Running } state || state.Attempt != taken.Attempt)
            throw new LeaseLostException();
        var started = clock.GetTimestamp();
        using var work = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var progress = new Latest();
        var writing = Write(taken, state, progress, work.Token);
        await Watch(taken, writing, progress, work);
        var (size, sha256, contents) = await writing;
        var done = await Change(taken, s => ExportDecider.Decide(s, new CompleteExport(taken.Attempt, size, sha256, contents, options.Kept), clock.GetUtcNow()), stopping);
        if (done.Outcome is not Outcome.Facts)
            throw new LeaseLostException();
        await vault.RemoveOthers(taken.TenantId, taken.Id, taken.Attempt, stopping);
        LogDone(taken.Id, taken.TenantId, size, clock.GetElapsedTime(started).TotalSeconds);
    }

    public async Task Expire(Taken taken, CancellationToken cancellation)
    {
        // The key goes first: a kill in between leaves a file that nobody can open, and the work is taken again.
        await vault.Destroy(taken.TenantId, taken.Id, cancellation);
        await Change(taken, s => ExportDecider.Decide(s, new ExpireExport(), clock.GetUtcNow()), cancellation);
    }

    private async Task<(long Size, string Sha256, long Contents)> Write(Taken taken, ExportState state, Latest progress, CancellationToken cancellation)
    {
        var path = Path.Combine(options.Folder, $"{taken.Id:N}-{taken.Attempt}.part");
        try
        {
            // 4096: the zip writer brings its own buffers.
            await using var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.Asynchronous);
            var request = new ExportRequest(taken.Id.ToString("D"), taken.TenantId, state.RequestedBy, await selection.Of(taken.TenantId, state, cancellation));
            BundleManifest manifest;
            await using (var bounded = new BoundedStream(file, options.MaximumBytes))
                manifest = await export.Write(request, bounded, progress.Say, cancellation);
            progress.Say(new ExportProgress("Storing the file", 1));
            file.Position = 0;
            return (file.Length, await vault.Write(taken.TenantId, taken.Id, taken.Attempt, file, cancellation), manifest.Contents);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Renews the lease and says how far the work is until it ends; ends it when another node has it.</summary>
    private async Task Watch(Taken taken, Task writing, Latest progress, CancellationTokenSource work)
    {
        var lost = false;
        while (await Task.WhenAny(writing, Task.Delay(SayEvery, clock, work.Token)) != writing && !work.IsCancellationRequested)
        {
            var (step, fraction) = progress.Now;
            if (await queue.Renew(taken, options.Lease, fraction, step, work.Token))
                continue;
            lost = true;
            await work.CancelAsync();
        }

        // Whatever the work says now, it is waited for: its file must not be left open.
        if (lost)
        {
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new LeaseLostException();
        }
    }

    private Task<StreamResult<ExportState>> Change(Taken taken, Func<ExportState?, Outcome> decide, CancellationToken cancellation) =>
        streams.Execute(ExportStreams.Change(taken.TenantId, taken.Id, Actor.System, decide), null, null, cancellation);

    [LoggerMessage(Level = LogLevel.Information, Message = "Export {Id} of {TenantId} was written: {Size} bytes in {Seconds} s.")]
    private partial void LogDone(Guid id, string tenantId, long size, double seconds);

    /// <summary>The newest progress, said by one thread and read by another.</summary>
    private sealed class Latest
    {
        private ExportProgress _now = new("Begins", 0);

        public ExportProgress Now => Volatile.Read(ref _now);

        public void Say(ExportProgress progress) => Volatile.Write(ref _now, progress);
    }
}
