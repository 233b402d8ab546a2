using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;
using Countersign.Cli.Demo;
using Countersign.Client;
using Countersign.Client.Processes;
using Spectre.Console;

namespace Countersign.Cli.Processes;

/// <summary><c>countersign import FILE…</c>: asks a service how a BPMN file of another tool would run, prints every edit, and writes the file to publish.</summary>
internal static partial class ImportCommand
{
    public const int Written = 0;
    public const int Refused = 1;
    public const int CannotRun = 2;

    public static Command Create(IAnsiConsole console)
    {
        var files = new Argument<FileInfo[]>("FILE") { Description = "The BPMN file, and the DMN (.dmn) and form (.form) files that it names.", Arity = ArgumentArity.OneOrMore };
        var url = new Option<Uri>("--url") { Description = "Address of the service.", DefaultValueFactory = _ => new Uri("http://localhost:5080"), CustomParser = DemoCommand.Address };
        var key = new Option<string?>("--key") { Description = "API key of your tenant; COUNTERSIGN_KEY when left out; the demo program of Development when neither is set." };
        var process = new Option<string?>("--process") { Description = "Id of the process to run, when the file has several." };
        var target = new Option<FileInfo?>("--out") { Description = "Where to write the file to publish; nothing is written without it." };
        var command = new Command("import", "Import a BPMN file of another tool. Exit code 0: it runs, 1: refused, 2: could not ask.") { files, url, key, process, target };
        command.SetAction((parsed, cancellation) => Run(console, parsed.GetRequiredValue(files), new Service(parsed.GetRequiredValue(url), parsed.GetValue(key) ?? Environment.GetEnvironmentVariable("COUNTERSIGN_KEY")),
            parsed.GetValue(process), parsed.GetValue(target), cancellation));
        return command;
    }

    private static async Task<int> Run(IAnsiConsole console, FileInfo[] files, Service service, string? process, FileInfo? target, CancellationToken cancellation)
    {
        try
        {
            var resources = files.Where(IsResource).Select(f => new ProcessResource(f.Name, File.ReadAllText(f.FullName))).ToList();
            if (files.Where(f => !IsResource(f)).ToList() is not [var bpmn])
            {
                console.WriteLine("Give one BPMN file, and its .dmn and .form files beside it.");
                return CannotRun;
            }

            using var services = new DemoServices(service.Url, service.Key);
            var import = await services.Client.Processes.ImportAsync(new ImportProcessRequest(Text(await File.ReadAllBytesAsync(bpmn.FullName, cancellation)), resources, process), cancellationToken: cancellation);
            Print(console, import);
            if (import.Bpmn is null)
                return Refused;
            if (target is not null)
                await File.WriteAllTextAsync(target.FullName, import.Bpmn, cancellation);
            return Written;
        }
        catch (Exception error) when (error is DemoException or CountersignProblemException or HttpRequestException or IOException or UnauthorizedAccessException)
        {
            console.WriteLine(error is HttpRequestException ? $"No answer from {service.Url}. Start the service first, or give its address with --url." : error.Message);
            return CannotRun;
        }
    }

    internal static bool IsResource(FileInfo file) => file.Extension.ToLowerInvariant() is ".dmn" or ".form" or ".json";

    private static void Print(IAnsiConsole console, ProcessImportView import)
    {
        foreach (var edit in import.Edits)
        {
            console.WriteLine($"{(edit.NeedsAttention ? "look " : "     ")}{edit.ElementId ?? "file"}: {edit.Sentence} [{edit.Rule}]");
            if (edit.Before is not null)
                console.WriteLine($"       - {edit.Before}");
            if (edit.After is not null)
                console.WriteLine($"       + {edit.After}");
        }

        foreach (var finding in import.Findings)
            console.WriteLine($"{(finding.Severity == FindingSeverity.Error ? "error" : "warn ")} {finding.ElementId ?? "file"}: {finding.Sentence} {finding.Remedy} [{finding.Rule}]");
        var looks = import.Edits.Count(e => e.NeedsAttention);
        console.WriteLine(import.Bpmn is null ? "Refused: correct what the errors name and import again."
            : import.Edits.Count == 0 ? $"'{import.ProcessKey}' runs unchanged."
            : $"'{import.ProcessKey}' runs after {import.Edits.Count} edits; {looks} of them need a person's eye.");
    }

    /// <summary>The request is in UTF-8, so a file that declares another encoding is read in that and declares UTF-8 from here on.</summary>
    internal static string Text(byte[] content)
    {
        var declared = Declaration().Match(Encoding.Latin1.GetString(content, 0, Math.Min(content.Length, 200)));
        var encoding = declared.Success && CodePagesEncodingProvider.Instance.GetEncoding(declared.Groups["name"].Value) is { } other ? other
            : declared.Success && declared.Groups["name"].Value.StartsWith("iso-8859-1", StringComparison.OrdinalIgnoreCase) ? Encoding.Latin1 : Encoding.UTF8;
        using var reader = new StreamReader(new MemoryStream(content), encoding, detectEncodingFromByteOrderMarks: true);
        return Declaration().Replace(reader.ReadToEnd(), m => m.Value.Replace(m.Groups["name"].Value, "UTF-8", StringComparison.Ordinal), 1);
    }

    [GeneratedRegex("""^\uFEFF?<\?xml[^>]*?encoding\s*=\s*["'](?<name>[A-Za-z0-9._-]+)["']""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Declaration();

    private sealed record Service(Uri Url, string? Key);
}
