using System.CommandLine;
using System.Globalization;
using Countersign.Cli.Demo;
using Countersign.Client;
using Countersign.Client.Batches;
using Countersign.Client.Instances;
using Spectre.Console;

namespace Countersign.Cli.Instances;

/// <summary><c>countersign instances ACT</c>: one act on many running instances, or the verdict about each; waits for its end and prints what was refused.</summary>
internal static class InstancesCommand
{
    public const int Done = 0;
    public const int SomeRefused = 1;
    public const int CannotRun = 2;
    private const int MostPrinted = 1_000;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private static readonly (string Name, BatchKind Kind, string Help)[] Acts =
    [
        ("suspend", BatchKind.Suspend, "Stop instances for a while."),
        ("resume", BatchKind.Resume, "Let suspended instances go on."),
        ("cancel", BatchKind.Cancel, "Cancel instances with everything open in them."),
        ("retry", BatchKind.Retry, "Try open incidents again."),
        ("skip", BatchKind.Skip, "Go on behind open incidents, as if their work were done."),
        ("migrate", BatchKind.Migrate, "Let instances run another version of their process."),
    ];

    public static Command Create(IAnsiConsole console)
    {
        var family = new Command("instances", "Act on running instances. Exit code 0: all done, 1: some refused, 2: could not ask.");
        foreach (var (name, kind, help) in Acts)
            family.Add(Act(console, name, kind, help));
        family.Add(LongInstanceCommands.RaiseLimit(console));
        family.Add(LongInstanceCommands.Continue(console));
        return family;
    }

    private static Command Act(IAnsiConsole console, string name, BatchKind kind, string help)
    {
        var ids = new Argument<Guid[]>("ID") { Description = "Instances; all that fit the process when none is given.", Arity = ArgumentArity.ZeroOrMore };
        var process = new Option<string?>("--process") { Description = "Process key.", Required = kind == BatchKind.Migrate };
        var version = new Option<int?>("--version") { Description = "Only those that run this version." };
        var incident = new Option<string?>("--incident") { Description = "Only those with an open incident of this code." };
        var reason = new Option<string>("--reason") { Description = "Why; kept in the trail.", Required = true };
        var dry = new Option<bool>("--dry-run") { Description = "Only say what would come of it; change nothing." };
        var url = new Option<Uri>("--url") { Description = "Address of the service.", DefaultValueFactory = _ => new Uri("http://localhost:5080"), CustomParser = DemoCommand.Address };
        var key = new Option<string?>("--key") { Description = "API key of an operator; COUNTERSIGN_KEY when left out; the demo program of Development when neither is set." };
        var command = new Command(name, help) { ids, process, version, incident, reason, dry, url, key };
        var to = new Option<int>("--to") { Description = "Number of the version to run.", Required = true };
        var map = new Option<string[]>("--map") { Description = "OLD=NEW: an element that has another id in the version to run. May be given several times." };
        if (kind == BatchKind.Migrate)
        {
            command.Add(to);
            command.Add(map);
        }

        command.SetAction((parsed, cancellation) =>
        {
            var selection = new BatchSelection(parsed.GetValue(process), parsed.GetValue(version), IncidentCode: parsed.GetValue(incident), Instances: parsed.GetValue(ids) is { Length: > 0 } some ? some : null);
            var request = new CreateBatchRequest(kind, selection, parsed.GetRequiredValue(reason), parsed.GetValue(dry));
            if (kind != BatchKind.Migrate)
                return Run(console, parsed.GetRequiredValue(url), parsed.GetValue(key), request, cancellation);
            if (Mapping(parsed.GetValue(map) ?? []) is { } mapping)
                return Run(console, parsed.GetRequiredValue(url), parsed.GetValue(key), request with { TargetVersion = parsed.GetRequiredValue(to), Mapping = mapping }, cancellation);
            console.WriteLine("Write --map OLD=NEW, each old element once.");
            return Task.FromResult(CannotRun);
        });
        return command;
    }

    /// <summary>Pairs of elements; null when one is no pair, or an element is mapped twice.</summary>
    internal static Dictionary<string, string>? Mapping(string[] pairs)
    {
        var mapping = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            if (pair.Split('=') is not [{ Length: > 0 } old, { Length: > 0 } other] || !mapping.TryAdd(old, other))
                return null;
        }

        return mapping;
    }

    private static async Task<int> Run(IAnsiConsole console, Uri url, string? key, CreateBatchRequest request, CancellationToken cancellation)
    {
        try
        {
            using var services = new DemoServices(url, key ?? Environment.GetEnvironmentVariable("COUNTERSIGN_KEY"));
            var batch = await services.Client.Batches.CreateAsync(request, cancellationToken: cancellation);
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Batch {batch.Id}: {batch.Total} chosen ({batch.Selection})."));
            using var ticks = new PeriodicTimer(Look);
            while (batch.EndedAt is null && await ticks.WaitForNextTickAsync(cancellation))
                batch = await services.Client.Batches.GetAsync(batch.Id, cancellation);
            foreach (var outcome in (BatchOutcome[])[BatchOutcome.Refused, BatchOutcome.Failed])
            {
                await foreach (var item in services.Client.Batches.GetItemsAsync(batch.Id, outcome, cancellation).Take(MostPrinted))
                    console.WriteLine($"{ClientJson.NameOf(outcome)} {item.InstanceId}: {item.Sentence} [{item.Code}]");
            }

            console.WriteLine(batch.Sentence);
            return batch.Refused + batch.Failed == 0 && batch.Status == BatchStatus.Completed ? Done : SomeRefused;
        }
        catch (Exception error) when (error is DemoException or CountersignProblemException or HttpRequestException)
        {
            console.WriteLine(error is HttpRequestException ? $"No answer from {url}. Start the service first, or give its address with --url." : error.Message);
            return CannotRun;
        }
    }
}
