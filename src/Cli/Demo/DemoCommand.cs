using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Countersign.Client;
using Countersign.Client.Decisions;
using Spectre.Console;

namespace Countersign.Cli.Demo;

/// <summary><c>countersign demo</c>: Acme Finance's day. Feeds invoices through a running service and prints what became of them.</summary>
internal static class DemoCommand
{
    public const int Good = 0;
    public const int WithErrors = 1;
    public const int CannotRun = 2;

    public static Command Create(IAnsiConsole console)
    {
        var url = new Option<Uri>("--url") { Description = "Address of the service.", DefaultValueFactory = _ => new Uri("http://localhost:5080"), CustomParser = Address };
        var invoices = new Option<int>("--invoices") { Description = "How many invoices to generate, 1 to 100000.", DefaultValueFactory = _ => 500 };
        var seed = new Option<int?>("--seed") { Description = "Seed of the generator; the same seed makes the same invoices. Chosen and printed when left out." };
        var parallel = new Option<int>("--parallel") { Description = "Uploads at the same time, 1 to 64.", DefaultValueFactory = _ => 8 };
        var key = new Option<string?>("--key") { Description = "API key of your tenant; COUNTERSIGN_KEY when left out; the demo program of Development when neither is set." };
        var documents = new Option<DirectoryInfo?>("--documents") { Description = "Folder with real invoices (.pdf, .xml) to feed as well." };
        var command = new Command("demo", "Feed generated invoices, and real ones from a folder, through a running service. Exit code 0: no errors, 1: errors, 2: could not run.")
        {
            url, invoices, seed, parallel, key, documents,
        };
        // A validator of an option runs when the option is given; the defaults are good.
        invoices.Validators.Add(result => Between(result, result.GetValueOrDefault<int>(), 1, 100_000));
        parallel.Validators.Add(result => Between(result, result.GetValueOrDefault<int>(), 1, 64));
        documents.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<DirectoryInfo?>() is { Exists: false } missing)
                result.AddError($"There is no folder '{missing.FullName}'. Give an existing folder with --documents.");
        });
        command.SetAction((parsed, cancellation) => Run(
            console,
            new Settings(parsed.GetRequiredValue(url), parsed.GetValue(invoices), parsed.GetValue(seed) ?? Random.Shared.Next(), parsed.GetValue(parallel),
                parsed.GetValue(key) ?? Environment.GetEnvironmentVariable("COUNTERSIGN_KEY"), parsed.GetValue(documents)),
            cancellation));
        return command;
    }

    /// <summary>An address of a service.</summary>
    internal static Uri? Address(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && (address.Scheme is "http" or "https"))
            return address;
        result.AddError("--url is an address such as http://localhost:5080.");
        return null;
    }

    /// <summary>Refuses a number outside its bounds.</summary>
    internal static void Between(OptionResult result, int value, int least, int most)
    {
        if (value < least || value > most)
            result.AddError($"{result.Option.Name} is a number from {least} to {most}.");
    }

    private static async Task<int> Run(IAnsiConsole console, Settings settings, CancellationToken cancellation)
    {
        try
        {
            using var services = new DemoServices(settings.Url, settings.Key);
            console.MarkupLineInterpolated($"Seed [bold]{settings.Seed}[/]");
            var stock = DemoStock.Make(settings.Seed, settings.Invoices, settings.Documents);
            await stock.PublishTables(services.Client, cancellation);
            var load = new DemoLoad(services.Client, settings.Parallel, string.Create(CultureInfo.InvariantCulture, $"{settings.Seed}-{TimeProvider.System.GetUtcNow():yyyyMMddHHmmss}"), TimeProvider.System);
            var result = await WithProgress(console, stock.Documents.Count, report => load.Run(stock.Documents, report, cancellation));
            Print(console, stock.Documents.Count, result);
            return result.Failures.Count == 0 && result.Incidents == 0 && result.Decided.Count == result.Started.Count ? Good : WithErrors;
        }
        catch (Exception error) when (error is DemoException or CountersignProblemException or HttpRequestException)
        {
            console.WriteLine(error is HttpRequestException ? $"No answer from {settings.Url}. Start the service first, or give its address with --url." : error.Message);
            return CannotRun;
        }
    }

    private static Task<DemoResult> WithProgress(IAnsiConsole console, int total, Func<Action<DemoProgress>, Task<DemoResult>> run) =>
        console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(context =>
        {
            var sent = context.AddTask("Handed in", maxValue: total);
            var decided = context.AddTask("Decided", maxValue: total);
            return run(progress =>
            {
                sent.Value = progress.Sent;
                decided.Value = progress.Decided + progress.Failed;
            });
        });

    private static void Print(IAnsiConsole console, int total, DemoResult result)
    {
        var table = new Table { Border = TableBorder.Rounded, ShowHeaders = false };
        table.AddColumns("what", "figure");
        table.AddRow("Documents", Number(total));
        table.AddRow("Refused or failed on receipt", Number(result.Failures.Count));
        table.AddRow("Decided", Number(result.Decided.Count));
        foreach (var verdict in Enum.GetValues<Verdict>())
        {
            if (result.Decided.Count(d => d.Verdict == verdict) is > 0 and var count)
                table.AddRow($"  {Words(verdict)}", $"{Number(count)}  ({Share(count, result.Decided.Count)})");
        }

        var through = result.Decided.Count(d => d.Verdict is Verdict.Accept or Verdict.Reject);
        table.AddRow("Straight through", Share(through, result.Decided.Count));
        table.AddRow("Sent to people", Share(result.Decided.Count - through, result.Decided.Count));
        table.AddRow("Not decided in time", Number(result.Started.Count - result.Decided.Count));
        table.AddRow("Incidents", Number(result.Incidents));
        table.AddRow("Receipt to decision, p50 / p95 / p99", $"{Seconds(result.Percentile(0.5))} / {Seconds(result.Percentile(0.95))} / {Seconds(result.Percentile(0.99))}");
        table.AddRow("Instances per second", (result.Decided.Count / result.Elapsed.TotalSeconds).ToString("0.0", CultureInfo.InvariantCulture));
        console.Write(table);
        foreach (var failure in result.Failures.Take(20))
            console.WriteLine(failure);
        if (result.Failures.Count > 20)
            console.WriteLine($"… and {result.Failures.Count - 20} more.");
    }

    private static string Words(Verdict verdict) => verdict switch
    {
        Verdict.Accept => "accepted by the policy",
        Verdict.Review => "one person looks",
        Verdict.TwoPeople => "two people sign",
        Verdict.Reject => "refused by the policy",
        _ => "escalated",
    };

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(int part, int whole) => whole == 0 ? "-" : (100d * part / whole).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture) + " s";

    private sealed record Settings(Uri Url, int Invoices, int Seed, int Parallel, string? Key, DirectoryInfo? Documents);
}
