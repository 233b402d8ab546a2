using System.Diagnostics;
using Countersign.Client.Exports;

namespace Countersign.TestKit.Campaigns;

/// <summary>An export of the whole period through the public API, verified offline by the auditor's own program.</summary>
internal static class CampaignExport
{
    /// <summary>Exports and verifies; what the verifier printed (its report as JSON), and its exit code (0 is proven).</summary>
    /// <param name="auditor">Who asks.</param>
    /// <param name="from">Begin of the period.</param>
    /// <param name="folder">Where the file goes.</param>
    /// <param name="asked">Called once the export has been asked for.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<(int Code, string Output)> Prove(PatientCaller auditor, DateTimeOffset from, string folder, Func<Task> asked, CancellationToken cancellation)
    {
        var request = new CreateExportRequest(from, TimeProvider.System.GetUtcNow().AddMinutes(1), "Campaign");
        var export = await auditor.Insist((c, t) => c.Exports.CreateAsync(request, new Client.CallOptions($"campaign-export-{from.UtcTicks}"), t), cancellation);
        await asked();
        while (export.Status is ExportStatus.Queued or ExportStatus.Running)
        {
            await Task.Delay(200, cancellation);
            export = await auditor.Insist((c, t) => c.Exports.GetAsync(export.Id, t), cancellation);
        }

        if (export.Status == ExportStatus.Failed)
            return (2, $"The export failed: {export.Sentence}");
        var file = Path.Combine(folder, "campaign.zip");
        await auditor.Insist(async (c, t) =>
        {
            using var content = await c.Exports.GetContentAsync(export.Id, t);
            await using var to = new FileStream(file, FileMode.Create, FileAccess.Write);
            await content.Content.CopyToAsync(to, t);
            return true;
        }, cancellation);
        return await Verify(file, cancellation);
    }

    private static async Task<(int Code, string Output)> Verify(string file, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "countersign.dll"), "verify", "--json", file]) { RedirectStandardOutput = true, UseShellExecute = false };
        using var verifier = Process.Start(start) ?? throw new InvalidOperationException("The verifier did not start.");
        var output = await verifier.StandardOutput.ReadToEndAsync(cancellation);
        await verifier.WaitForExitAsync(cancellation);
        return (verifier.ExitCode, output);
    }
}
