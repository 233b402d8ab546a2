using System.CommandLine;
using System.Globalization;
using Countersign.Cli.Demo;
using Countersign.Client;
using Countersign.Client.Processes;
using Spectre.Console;

namespace Countersign.Cli.Processes;

/// <summary><c>countersign processes ACT</c>: publishes a version, to all or to some first, and carries its rollout on.</summary>
internal static class ProcessesCommand
{
    public const int Done = 0;
    public const int Refused = 1;
    public const int CannotRun = 2;

    public static Command Create(IAnsiConsole console)
    {
        var family = new Command("processes", "Publish a version and roll it out. Exit code 0: done, 1: refused, 2: could not ask.");
        family.Add(Publish(console));
        family.Add(Rollout(console));
        family.Add(Ending(console, "promote", "Put the candidate in force for all.",
            (client, view, reason, options, cancellation) => client.PromoteAsync(view.Key, view.Candidate!.Value, new PromoteVersionRequest(reason), options, cancellation)));
        family.Add(Ending(console, "withdraw", "Take the candidate back; what it started goes on under it.",
            (client, view, reason, options, cancellation) => client.WithdrawAsync(view.Key, view.Candidate!.Value, new WithdrawVersionRequest(reason), options, cancellation)));
        return family;
    }

    /// <summary>A share as 0.1 or 10%; null when it is neither.</summary>
    internal static decimal? Share(string text)
    {
        var percent = text.EndsWith('%');
        return decimal.TryParse(percent ? text[..^1].TrimEnd() : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? percent ? value / 100 : value : null;
    }

    private static Command Publish(IAnsiConsole console)
    {
        var files = new Argument<FileInfo[]>("FILE") { Description = "The BPMN file, and the DMN (.dmn) and form (.form) files that it names.", Arity = ArgumentArity.OneOrMore };
        var target = new Target();
        var where = new Where();
        var command = new Command("publish", "Publish a version: to all, or with --share or --groups as a candidate beside the version in force.") { files };
        target.AddTo(command);
        where.AddTo(command);
        command.SetAction((parsed, cancellation) => Ask(console, where, parsed, async client =>
        {
            var given = parsed.GetRequiredValue(files);
            if (given.Where(f => !ImportCommand.IsResource(f)).ToList() is not [var bpmn])
                throw new DemoException("Give one BPMN file, and its .dmn and .form files beside it.");
            var resources = given.Where(ImportCommand.IsResource).Select(f => new ProcessResource(f.Name, File.ReadAllText(f.FullName))).ToList();
            var request = new PublishProcessRequest(ImportCommand.Text(await File.ReadAllBytesAsync(bpmn.FullName, cancellation)), resources, target.Of(parsed));
            var version = await client.PublishAsync(request, cancellationToken: cancellation);
            foreach (var finding in version.Findings)
                console.WriteLine($"warn {finding.ElementId ?? "file"}: {finding.Sentence} {finding.Remedy} [{finding.Rule}]");
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"'{version.Key}' has version {version.Version}: {Standing(version)}."));
            if (version.State == ProcessVersionState.Candidate)
                Print(console, await client.GetRolloutAsync(version.Key, cancellation));
        }));
        return command;
    }

    private static Command Rollout(IAnsiConsole console)
    {
        var key = new Argument<string>("KEY") { Description = "Process key." };
        var target = new Target();
        var where = new Where();
        var command = new Command("rollout", "Say what is in force and what is rolled out, and how the instances of both fare; with --share or --groups change it.") { key };
        target.AddTo(command);
        where.AddTo(command);
        command.SetAction((parsed, cancellation) => Ask(console, where, parsed, async client =>
        {
            var view = await client.GetRolloutAsync(parsed.GetRequiredValue(key), cancellation);
            if (target.Of(parsed) is { } wanted)
            {
                await client.ChangeRolloutAsync(view.Key, Candidate(view), wanted, new CallOptions(IfVersion: view.Version), cancellation);
                view = await client.GetRolloutAsync(view.Key, cancellation);
            }

            Print(console, view);
        }));
        return command;
    }

    private static Command Ending(IAnsiConsole console, string name, string help, Func<ProcessesClient, ProcessRolloutView, string, CallOptions, CancellationToken, Task<ProcessRolloutView>> act)
    {
        var key = new Argument<string>("KEY") { Description = "Process key." };
        var reason = new Option<string>("--reason") { Description = "Why; kept in the trail.", Required = true };
        var where = new Where();
        var command = new Command(name, help) { key, reason };
        where.AddTo(command);
        command.SetAction((parsed, cancellation) => Ask(console, where, parsed, async client =>
        {
            var view = await client.GetRolloutAsync(parsed.GetRequiredValue(key), cancellation);
            _ = Candidate(view);
            Print(console, await act(client, view, parsed.GetRequiredValue(reason), new CallOptions(IfVersion: view.Version), cancellation));
        }));
        return command;
    }

    private static async Task<int> Ask(IAnsiConsole console, Where where, ParseResult parsed, Func<ProcessesClient, Task> act)
    {
        try
        {
            using var services = new DemoServices(where.UrlOf(parsed), where.KeyOf(parsed));
            await act(services.Client.Processes);
            return Done;
        }
        catch (CountersignProblemException error)
        {
            console.WriteLine(error.Message);
            foreach (var entry in error.Problem.Errors ?? [])
                console.WriteLine($"  {entry.Pointer} {entry.Detail}");
            return Refused;
        }
        catch (Exception error) when (error is DemoException or HttpRequestException or IOException or UnauthorizedAccessException)
        {
            console.WriteLine(error is HttpRequestException ? $"No answer from {where.UrlOf(parsed)}. Start the service first, or give its address with --url." : error.Message);
            return CannotRun;
        }
    }

    private static int Candidate(ProcessRolloutView view) => view.Candidate ?? throw new DemoException($"Nothing of '{view.Key}' is being rolled out; publish a version with --share or --groups first.");

    private static void Print(IAnsiConsole console, ProcessRolloutView view)
    {
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Version {view.VersionInForce} of '{view.Key}' is in force."));
        if (view is not { Candidate: { } candidate, Rollout: { } rollout })
            return;
        var whom = rollout.Share is { } share ? (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + " % of the starts" : "starters in " + string.Join(", ", rollout.Groups);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Version {candidate} is rolled out to {whom}: {rollout.Reason}"));
        foreach (var group in view.EmptyGroups ?? [])
            console.WriteLine($"Nobody belongs to the group '{group}' now; correct the name, or put people into it.");
        foreach (var c in view.Counts ?? [])
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  version {c.Version}: {c.Started} started, {c.Completed} completed, {c.Cancelled} cancelled, {c.WithIncident} stuck, {c.IncidentsEver} incidents so far"));
    }

    private static string Standing(ProcessVersionView version) => version.State switch
    {
        ProcessVersionState.InForce => "it is in force",
        ProcessVersionState.Candidate => "it is being rolled out",
        ProcessVersionState.Withdrawn => "it was withdrawn",
        _ => "another has taken its place",
    };

    /// <summary>Whom a version is for.</summary>
    private sealed class Target
    {
        private readonly Option<string?> share = new("--share") { Description = "Share of the starts: 0.1 or 10%." };
        private readonly Option<string[]> groups = new("--groups") { Description = "Groups of those who start; may be given several times.", AllowMultipleArgumentsPerToken = true };
        private readonly Option<string?> reason = new("--reason") { Description = "Why it is rolled out so; kept in the trail. Needed with --share or --groups." };

        public void AddTo(Command command)
        {
            command.Add(share);
            command.Add(groups);
            command.Add(reason);
        }

        public RolloutRequest? Of(ParseResult parsed)
        {
            var (text, named) = (parsed.GetValue(share), parsed.GetValue(groups) ?? []);
            if (text is null && named.Length == 0)
                return null;
            decimal? value = text is null ? null : Share(text) ?? throw new DemoException("Write the share as 0.1 or 10%.");
            return new RolloutRequest(parsed.GetValue(reason) ?? throw new DemoException("Say with --reason why; it is kept in the trail."), value, named.Length == 0 ? null : named);
        }
    }

    /// <summary>Which service, and in whose name.</summary>
    private sealed class Where
    {
        private readonly Option<Uri> url = new("--url") { Description = "Address of the service.", DefaultValueFactory = _ => new Uri("http://localhost:5080"), CustomParser = DemoCommand.Address };
        private readonly Option<string?> key = new("--key") { Description = "API key with the role designer; COUNTERSIGN_KEY when left out." };

        public void AddTo(Command command)
        {
            command.Add(url);
            command.Add(key);
        }

        public Uri UrlOf(ParseResult parsed) => parsed.GetRequiredValue(url);

        public string? KeyOf(ParseResult parsed) => parsed.GetValue(key) ?? Environment.GetEnvironmentVariable("COUNTERSIGN_KEY");
    }
}
