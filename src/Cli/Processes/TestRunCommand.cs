using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Countersign.Cli.Demo;
using Countersign.Client;
using Countersign.Client.Instances;
using Countersign.Client.Processes;
using Spectre.Console;

namespace Countersign.Cli.Processes;

/// <summary><c>countersign test-run</c>: runs a process on a simulated clock with the answers of a script, and prints what happened. Nothing is written.</summary>
internal static class TestRunCommand
{
    public const int Completed = 0;
    public const int NotCompleted = 1;
    public const int CannotRun = 2;

    public static Command Create(IAnsiConsole console)
    {
        var files = new Argument<FileInfo[]>("FILE") { Description = "The BPMN file with the .dmn and .form files that it names; none with --process.", Arity = ArgumentArity.ZeroOrMore };
        var script = new Option<FileInfo?>("--script") { Description = "Variables and answers as JSON, in the form of the body of POST /v1/processes/test-runs." };
        var process = new Option<string?>("--process") { Description = "Key of a published process, in place of files." };
        var version = new Option<int?>("--version-number") { Description = "Its version; the newest when left out." };
        var url = new Option<Uri>("--url") { Description = "Address of the service.", DefaultValueFactory = _ => new Uri("http://localhost:5080"), CustomParser = DemoCommand.Address };
        var key = new Option<string?>("--key") { Description = "API key of your tenant; COUNTERSIGN_KEY when left out; the demo program of Development when neither is set." };
        var command = new Command("test-run", "Run a process on a simulated clock; nothing is written. Exit code 0: it completed, 1: it waits, stopped or was refused, 2: could not ask.") { files, script, process, version, url, key };
        command.SetAction((parsed, cancellation) => Run(console, new Given(parsed.GetValue(files) ?? [], parsed.GetValue(script), parsed.GetValue(process), parsed.GetValue(version)),
            parsed.GetRequiredValue(url), parsed.GetValue(key) ?? Environment.GetEnvironmentVariable("COUNTERSIGN_KEY"), cancellation));
        return command;
    }

    private static async Task<int> Run(IAnsiConsole console, Given given, Uri url, string? key, CancellationToken cancellation)
    {
        try
        {
            if (await Request(given, cancellation) is not { } request)
            {
                console.WriteLine("Give one BPMN file with its .dmn and .form files, or --process for a published one; not both.");
                return CannotRun;
            }

            using var services = new DemoServices(url, key);
            var run = await services.Client.Processes.TestRunAsync(request, cancellationToken: cancellation);
            Print(console, run);
            return run.Limit is null && run.Instances.Count > 0 && run.Instances[0].Status == InstanceStatus.Completed ? Completed : NotCompleted;
        }
        catch (CountersignProblemException refused) when ((int)refused.Status == 422)
        {
            console.WriteLine(refused.Problem.Detail ?? refused.Message);
            foreach (var error in refused.Problem.Errors ?? [])
                console.WriteLine($"  {error.Pointer}: {error.Detail}");
            return NotCompleted;
        }
        catch (JsonException wrong)
        {
            console.WriteLine($"The script is not of the form of the request: {wrong.Message}");
            return CannotRun;
        }
        catch (Exception error) when (error is DemoException or CountersignProblemException or HttpRequestException or IOException or UnauthorizedAccessException)
        {
            console.WriteLine(error is HttpRequestException ? $"No answer from {url}. Start the service first, or give its address with --url." : error.Message);
            return CannotRun;
        }
    }

    private static async Task<TestRunRequest?> Request(Given given, CancellationToken cancellation)
    {
        var request = given.Script is { } file ? JsonSerializer.Deserialize<TestRunRequest>(await File.ReadAllTextAsync(file.FullName, cancellation), ClientJson.Options) ?? new TestRunRequest() : new TestRunRequest();
        if (given.Process is not null || given.Files.Length == 0)
        {
            var named = request with { Process = given.Process ?? request.Process, Version = given.Version ?? request.Version };
            return given.Files.Length == 0 && named.Process is not null ? named : null;
        }

        if (given.Files.Where(f => !ImportCommand.IsResource(f)).ToList() is not [var bpmn])
            return null;
        return request with
        {
            Bpmn = ImportCommand.Text(await File.ReadAllBytesAsync(bpmn.FullName, cancellation)),
            Resources = [.. given.Files.Where(ImportCommand.IsResource).Select(f => new ProcessResource(f.Name, File.ReadAllText(f.FullName)))],
        };
    }

    private static void Print(IAnsiConsole console, TestRunView run)
    {
        foreach (var finding in run.Findings)
            console.WriteLine($"warn {finding.ElementId ?? "file"}: {finding.Sentence} {finding.Remedy} [{finding.Rule}]");
        foreach (var step in run.Steps)
        {
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step.Number,4} {step.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} {step.Kind,-7} {step.Sentence}"));
            if (step.Refusal is { } refusal)
                console.WriteLine($"     refused: {refusal.Sentence} [{refusal.Code}]");
            foreach (var detail in step.Details)
                console.WriteLine($"     - {detail}");
        }

        foreach (var instance in run.Instances)
        {
            foreach (var wait in instance.WaitingFor)
                console.WriteLine($"waits {wait.ElementId}: {wait.Sentence} {wait.Remedy}".TrimEnd());
        }

        if (run.Instances.Count > 0)
            console.WriteLine("variables " + JsonSerializer.Serialize(run.Instances[0].Variables, ClientJson.Options));
        console.WriteLine(run.Sentence);
    }

    private sealed record Given(FileInfo[] Files, FileInfo? Script, string? Process, int? Version);
}
