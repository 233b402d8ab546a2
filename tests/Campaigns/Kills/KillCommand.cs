using System.CommandLine;
using System.Globalization;
using Countersign.TestKit.Campaigns;
using Countersign.TestKit.Databases;
using Spectre.Console;

namespace Countersign.Campaigns.Kills;

/// <summary><c>kill</c>: invoices are worked on while the service is killed and started again. Exit code 0 when everything holds, else 1 and a sentence for each thing that does not.</summary>
internal static class KillCommand
{
    public static Command Create()
    {
        var invoices = new Option<int>("--invoices") { Description = "How many invoices.", DefaultValueFactory = _ => 500 };
        var kills = new Option<int>("--kills") { Description = "How many kills while they are worked on; one more falls on the export.", DefaultValueFactory = _ => 8 };
        var nodes = new Option<int>("--nodes") { Description = "How many nodes share the database, 1 to 3.", DefaultValueFactory = _ => 1 };
        var seed = new Option<int?>("--seed") { Description = "Seed of invoices, kills and verdicts; chosen and printed when left out." };
        var command = new Command("kill", "Kill and restart the service at random moments of its work.") { invoices, kills, nodes, seed };
        Between(invoices, 1, 100_000);
        Between(kills, 0, 1_000);
        Between(nodes, 1, 3);
        command.SetAction((parsed, cancellation) => Run(
            new CampaignPlan(parsed.GetValue(seed) ?? Random.Shared.Next(), parsed.GetValue(invoices), parsed.GetValue(kills), parsed.GetValue(nodes)), cancellation));
        return command;
    }

    private static void Between(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            result.AddError($"{option.Name} is a number from {least} to {most}.");
    });

    private static async Task<int> Run(CampaignPlan plan, CancellationToken cancellation)
    {
        AnsiConsole.MarkupLineInterpolated($"Seed [bold]{plan.Seed}[/]");
        var folder = Directory.CreateTempSubdirectory("countersign-campaign-").FullName;
        var keep = true;
        try
        {
            // PostgreSQL runs as another user when this is root: it must be able to enter.
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            CampaignResult result;
            await using (var server = await DurableServer.Start(Path.Combine(folder, "server"), cancellation))
            {
                AnsiConsole.WriteLine($"{server.Description}, durable");
                result = await WithProgress(plan, report => KillCampaign.Run(plan, server.Database("countersign"), folder, report, cancellation));
            }

            Print(plan, result);
            keep = result.Broken.Count > 0;
            if (keep)
                await File.WriteAllTextAsync(Path.Combine(folder, "nodes.log"), result.Output, cancellation);
            return keep ? 1 : 0;
        }
        finally
        {
            if (keep)
                AnsiConsole.WriteLine($"The campaign's files are kept in {folder}; run it again with --seed {plan.Seed}.");
            else
                Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<CampaignResult> WithProgress(CampaignPlan plan, Func<Action<CampaignProgress>, Task<CampaignResult>> run) =>
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(context =>
        {
            var handedIn = context.AddTask("Handed in", maxValue: plan.Invoices);
            var ended = context.AddTask("Ended", maxValue: plan.Invoices);
            var killed = context.AddTask("Killed", maxValue: Math.Max(1, plan.Kills));
            return run(progress =>
            {
                handedIn.Value = progress.Acknowledged;
                ended.Value = progress.Ended;
                killed.Value = plan.Kills == 0 ? 1 : progress.Kills;
            });
        });

    private static void Print(CampaignPlan plan, CampaignResult result)
    {
        var table = new Table { Border = TableBorder.Rounded, ShowHeaders = false };
        table.AddColumns("what", "figure");
        table.AddRow("Nodes", Number(plan.Nodes));
        table.AddRow("Starts acknowledged", $"{Number(result.Acknowledged)} of {Number(plan.Invoices)}");
        table.AddRow("Tasks answered by people", Number(result.Answered));
        table.AddRow("Calls that clients repeated", Number(result.Repeats));
        table.AddRow("Kills (one during the export)", Number(result.Kills.Count));
        table.AddRow("Kill to ready again, median / longest", Spread(result.Kills.Select(k => k.ReadyAfter)));
        table.AddRow("Kill to next effect, median / longest", Spread(result.FirstEffects.OfType<TimeSpan>()));
        table.AddRow("Effects expected / applied", $"{Number(result.Expected)} / {Number(result.Applied)}");
        table.AddRow("Deliveries repeated", $"{Number(result.Deliveries - result.Applied)}  ({(100 * result.RepeatedShare).ToString("0.00", CultureInfo.InvariantCulture)} %)");
        table.AddRow("  after the first, median / longest", Spread(result.RepeatedAfter));
        table.AddRow("All handed in / all ended after", $"{Seconds(result.HandedIn)} / {Seconds(result.AllEnded)}");
        table.AddRow("Queues empty / export verified after that", $"{Seconds(result.Settled)} / {Seconds(result.Proven)}");
        table.AddRow("Trail", Markup.Escape(result.Verdict));
        AnsiConsole.Write(table);
        foreach (var broken in result.Broken)
            AnsiConsole.WriteLine("BROKEN  " + broken);
        AnsiConsole.WriteLine(result.Broken.Count == 0 ? "Everything holds." : $"{result.Broken.Count} things do not hold.");
    }

    private static string Spread(IEnumerable<TimeSpan> times) => times.Order().ToList() is { Count: > 0 } sorted ? $"{Seconds(sorted[sorted.Count / 2])} / {Seconds(sorted[^1])}" : "-";

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";
}
