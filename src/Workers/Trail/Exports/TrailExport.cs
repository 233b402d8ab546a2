using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Countersign.Domain.Trail;
using Countersign.Projections.Databases;

namespace Countersign.Workers.Trail.Exports;

/// <summary>
/// Writes an export as one zip file: everything that is needed to verify it offline, and what people and programs read. It streams; memory does not grow with the range.
/// </summary>
/// <remarks>Parquet files are not in this version of the bundle.</remarks>
public sealed class TrailExport(DatabaseConnections connections, TrailOptions options, ITrailKeys keys, IExportContents contents, TimeProvider clock)
{
    /// <summary>Types of events that are decisions.</summary>
    private static readonly string[] DecisionTypes = ["decision.recorded", "decision.reviewed"];

    /// <summary>Writes the bundle; has a fresh checkpoint signed first.</summary>
    /// <param name="request">What it shall hold.</param>
    /// <param name="output">Where it goes; written synchronously, so a file or a buffer.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancel">Gives up; what was written is not a bundle then.</param>
    /// <exception cref="ExportException">It cannot be made; the message says what to do.</exception>
    public async Task<BundleManifest> Write(ExportRequest request, Stream output, Action<ExportProgress>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        var finder = new ExportRange(connections.Writer, options, clock);
        progress?.Invoke(new ExportProgress("Waiting for a signed checkpoint", 0));
        var end = await finder.FreshCheckpoint(request.Tenant, cancel);
        var ranges = await finder.Find(request.Tenant, request.Selection, end, cancel);
        using var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);
        var run = new ExportRun(request, ranges, new BundleWriter(new ZipSink(zip)), new LeafPages(connections.Writer, request.Tenant), progress);
        var log = new LogReader(connections.Writer) { KeepsTiles = true };
        WriteKeys(run);
        var epochs = new List<BundleEpoch>();
        foreach (var range in ranges)
            epochs.Add(await WriteLog(run, range, log, cancel));
        await WriteContents(run, cancel);
        await WriteDecisions(run, cancel);
        await WriteProcesses(run, cancel);
        await WriteDossiers(run, log, cancel);
        await WriteDocuments(run, cancel);
        var manifest = new BundleManifest(BundleFormat.Name, request.Id, request.Tenant, clock.GetUtcNow(), request.RequestedBy, request.Selection, epochs, run.Contents, 0, []);
        var signer = keys.Signer(ranges[^1].Origin);
        run.Writer.Add(BundleFormat.Readme, BundleReadme.Of(manifest, signer.Key));
        run.Writer.Finish(manifest, signer);
        progress?.Invoke(new ExportProgress("Written", 1));
        return manifest with { Files = [.. run.Writer.Files] };
    }

    private void WriteKeys(ExportRun run)
    {
        // The signing key stands first: without a key of one's own, a verifier takes that one.
        var signing = keys.Signer(run.Ranges[^1].Origin).Key;
        var known = run.Ranges.Reverse().SelectMany(r => keys.Known(r.Origin)).Prepend(signing).Distinct();
        run.Writer.Add(BundleFormat.Keys, string.Concat(known.Select(k => k + "\n")));
        var rotations = keys.Rotations(run.Ranges[^1].Origin);
        if (rotations.Count > 0)
            run.Writer.Add(BundleFormat.Rotations, Lines(rotations.Select(r => r.ToString())));
    }

    private static async Task<BundleEpoch> WriteLog(ExportRun run, EpochRange range, LogReader log, CancellationToken cancel)
    {
        var (tenant, epoch) = (run.Request.Tenant, range.Epoch);
        var frontier = await log.Frontier(tenant, epoch, range.LogSize, range.First, cancel);
        run.Writer.Add(BundleFormat.Log(epoch, "frontier.txt"), string.Concat(frontier.Select(h => h + "\n")));
        run.Writer.Add(BundleFormat.Log(epoch, "checkpoints.jsonl"), Lines(range.Checkpoints.Select(c => c.ToString())));
        if (range.First > 0)
        {
            var proof = range.First == range.End ? [] : await log.Consistency(tenant, epoch, range.LogSize, range.First, range.End, cancel);
            run.Writer.Add(BundleFormat.Log(epoch, "consistency.txt"), string.Concat(proof.Select(h => h + "\n")));
        }
        using (var output = run.Writer.Create(BundleFormat.Log(epoch, "leaves.jsonl")))
        {
            await foreach (var leaf in run.Leaves(range, "Writing the log", cancel))
            {
                output.Write(leaf.Record.ToBytes());
                output.Write("\n"u8);
            }
        }
        var tree = CompactTree.From(range.First, [.. frontier])!;
        using (var output = run.Writer.Create(BundleFormat.Log(epoch, "hashes.bin")))
        {
            await foreach (var leaf in run.Leaves(range, "Writing the log", cancel))
            {
                output.Write(leaf.Hash.ToArray());
                tree.Append(leaf.Hash);
            }
        }
        return new BundleEpoch(epoch, range.Origin, range.First, range.End, tree.Root().ToString());
    }

    private static async Task WriteContents(ExportRun run, CancellationToken cancel)
    {
        using var output = run.Writer.Create(BundleFormat.Events);
        await foreach (var (range, leaf, stored) in run.Selected("Writing contents", cancel))
        {
            run.Contents++;
            BundleWriter.WriteContent(output, range.Epoch, leaf.Index, Encoding.UTF8.GetBytes(stored.Data), stored.HasHeaders ? Encoding.UTF8.GetBytes(stored.Headers!) : []);
            DocumentHashes.Collect(stored.Data, run.Documents);
        }
    }

    private static async Task WriteDecisions(ExportRun run, CancellationToken cancel)
    {
        using (var output = run.Writer.Create(BundleFormat.Decisions))
        {
            await foreach (var (range, leaf, stored) in run.Selected("Writing decisions", cancel))
            {
                if (DecisionTypes.Contains(stored.Type, StringComparer.Ordinal))
                    BundleWriter.WriteContent(output, range.Epoch, leaf.Index, Encoding.UTF8.GetBytes(stored.Data), []);
            }
        }
        using var table = run.Writer.Create(BundleFormat.DecisionTable);
        table.Write(Encoding.UTF8.GetBytes(DecisionTable.Header));
        await foreach (var (range, leaf, stored) in run.Selected("Writing decisions", cancel))
        {
            if (DecisionTypes.Contains(stored.Type, StringComparer.Ordinal))
                table.Write(Encoding.UTF8.GetBytes(DecisionTable.Row(range.Epoch, leaf.Index, stored)));
        }
    }

    private static async Task WriteProcesses(ExportRun run, CancellationToken cancel)
    {
        using (var output = run.Writer.Create(BundleFormat.ProcessXes))
        using (var log = new XesLog(output))
        {
            await foreach (var step in run.Steps(cancel))
                log.Write(step);
        }

        using var file = run.Writer.Create(BundleFormat.ProcessOcel);
        using var ocel = new OcelLog(file);
        await foreach (var step in run.Steps(cancel))
            ocel.Write(step);
    }

    private async Task WriteDossiers(ExportRun run, LogReader log, CancellationToken cancel)
    {
        var dossiers = new DossierSource(connections.Writer, contents, run.Request.Tenant);
        await foreach (var (range, leaf, stored) in run.Selected("Writing dossiers", cancel))
        {
            if (stored.Type != DecisionTypes[0])
                continue;
            var name = FormattableString.Invariant($"{range.Epoch}-{leaf.Index}");
            run.Writer.Add($"dossiers/{name}.html", await dossiers.Write(range.Origin, leaf.Index, stored, cancel));
            if (range.LastSigned is { } note && Checkpoint.TryParse(note.Text, out var checkpoint) && checkpoint!.Size > leaf.Index)
            {
                var hashes = await log.Inclusion(run.Request.Tenant, range.Epoch, range.LogSize, leaf.Index, checkpoint.Size, cancel);
                run.Writer.Add($"proofs/{name}.tlog-proof", new TlogProof(leaf.Index, hashes, note, leaf.Record.ToBytes()).ToString());
            }
        }
    }

    private async Task WriteDocuments(ExportRun run, CancellationToken cancel)
    {
        foreach (var hash in run.Documents.Order(StringComparer.Ordinal))
        {
            await using var document = await contents.OpenDocument(run.Request.Tenant, hash, cancel);
            if (document is null)
                continue;
            run.Say("Writing documents");
            using var output = run.Writer.Create($"documents/{hash}");
            await document.CopyToAsync(output, cancel);
        }
    }

    private static string Lines(IEnumerable<string> texts) => string.Concat(texts.Select(t => JsonSerializer.Serialize(t) + "\n"));

    private sealed class ZipSink(ZipArchive zip) : IBundleSink
    {
        public Stream Create(string name) => zip.CreateEntry(name, CompressionLevel.Fastest).Open();
    }
}
