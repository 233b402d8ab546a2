using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Domain.Trail;
using Spectre.Console;

namespace Countersign.Cli.Trail;

/// <summary><c>countersign verify FILE</c>: verifies an export without network, account or database.</summary>
internal static class VerifyCommand
{
    public const int Proven = 0;
    public const int Refused = 1;
    public const int Unreadable = 2;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static Command Create(IAnsiConsole console)
    {
        var file = new Argument<string>("FILE") { Description = "The export, a zip file." };
        var keys = new Option<string[]>("--key")
        {
            Description = "A public key you trust (name+id+base64), or a file with one a line. Without it the export's own key is taken and its fingerprint shown.",
            HelpName = "VKEY|FILE",
        };
        var checkpoints = new Option<string[]>("--checkpoint")
        {
            Description = "A checkpoint you kept from earlier (a signed note, or log/<epoch>/checkpoints.jsonl of an older export): the export must continue it.",
            HelpName = "FILE",
        };
        var json = new Option<bool>("--json") { Description = "Print the report as JSON." };
        var command = new Command("verify", "Verify an export offline. Exit code 0: proven, 1: refused, 2: unreadable.") { file, keys, checkpoints, json };
        command.SetAction(parsed => Run(console, parsed.GetRequiredValue(file), parsed.GetValue(keys) ?? [], parsed.GetValue(checkpoints) ?? [], parsed.GetValue(json)));
        return command;
    }

    private static int Run(IAnsiConsole console, string file, string[] keys, string[] checkpoints, bool json)
    {
        var watch = Stopwatch.StartNew();
        VerificationReport report;
        try
        {
            var options = new VerificationOptions { TrustedKeys = [.. keys.SelectMany(Keys)], HeldCheckpoints = [.. checkpoints.SelectMany(Notes)] };
            using var bundle = new ZipBundle(file);
            report = json || !console.Profile.Capabilities.Interactive
                ? BundleVerifier.Verify(bundle, options)
                : WithProgress(console, progress => BundleVerifier.Verify(bundle, options, progress));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or FormatException or NotSupportedException)
        {
            console.WriteLine($"UNREADABLE  {file}: {e.Message}");
            return Unreadable;
        }
        if (json)
            console.Profile.Out.Writer.WriteLine(JsonSerializer.Serialize(report with { Keys = [] }, Json));
        else
            Print(console, file, report, watch.Elapsed);
        return report.Verdict switch { Verdict.Proven => Proven, Verdict.Refused => Refused, _ => Unreadable };
    }

    private static VerificationReport WithProgress(IAnsiConsole console, Func<Action<VerificationProgress>, VerificationReport> verify) =>
        console.Progress().AutoClear(enabled: true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask("Verifying leaves");
                return verify(p =>
                {
                    task.MaxValue = Math.Max(1, p.Total);
                    task.Value = p.Leaves;
                });
            });

    private static void Print(IAnsiConsole console, string file, VerificationReport report, TimeSpan elapsed)
    {
        var word = report.Verdict.ToString().ToUpperInvariant();
        console.Write(new Text(word, new Style(report.Verdict == Verdict.Proven ? Color.Green : Color.Red, decoration: Decoration.Bold)));
        console.WriteLine($"  {file}");
        if (report.Manifest is { } manifest)
        {
            console.WriteLine(Text($"Export {manifest.Export} of tenant {manifest.Tenant}, made {manifest.Created.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC for {manifest.RequestedBy}; ")
                + Text($"{report.Leaves} leaves and {report.Contents} contents checked in {elapsed.TotalSeconds:0.0} s ({report.Leaves / Math.Max(0.001, elapsed.TotalSeconds):0} leaves/s)."));
        }
        if (report.FirstLeaf is { } first)
            console.WriteLine($"The first leaf that fails: {first.Leaf}.");
        Section(console, "What does not hold", report.Findings.Select(f => f.Leaf is null ? f.Message : $"{f.Leaf}: {f.Message}"));
        Section(console, "Proven", report.Proven);
        if (report.Verdict != Verdict.Unreadable)
            Section(console, "Not proven by this file", report.NotProven);
    }

    private static void Section(IAnsiConsole console, string title, IEnumerable<string> lines)
    {
        var said = lines.ToList();
        if (said.Count == 0)
            return;
        console.WriteLine();
        console.WriteLine(title + ":");
        foreach (var line in said)
            console.WriteLine("  - " + Harmless(line));
    }

    /// <summary>What a bundle says must not steer the terminal that shows it.</summary>
    private static string Harmless(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    private static IEnumerable<VerifierKey> Keys(string given)
    {
        var lines = File.Exists(given) ? File.ReadAllLines(given).Where(l => l.Length > 0) : [given];
        foreach (var line in lines)
        {
            yield return VerifierKey.TryParse(line.Trim(), out var key)
                ? key!
                : throw new FormatException($"'{Harmless(line)}' is neither a key (name+id+base64) nor a file with keys. Copy the key as the service shows it.");
        }
    }

    private static IEnumerable<SignedNote> Notes(string path)
    {
        var text = File.ReadAllText(path);
        if (SignedNote.TryParse(text, out var single))
        {
            yield return single!;
            yield break;
        }
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return TryUnquote(line) is { } unquoted && SignedNote.TryParse(unquoted, out var note)
                ? note!
                : throw new FormatException($"{path} is neither a signed checkpoint nor a file of them (checkpoints.jsonl of an export).");
        }
    }

    private static string? TryUnquote(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<string>(line);
        }
        catch (JsonException)
        {
            // The caller says what was expected.
            return null;
        }
    }

    private static string Text(FormattableString text) => Harmless(text.ToString(CultureInfo.InvariantCulture));
}
