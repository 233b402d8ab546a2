using System.CommandLine;
using Countersign.Samples.Generator;
using Spectre.Console;

namespace Countersign.Cli.Demo;

/// <summary><c>countersign samples DIR</c>: writes generated invoices and the books they fit, to look at or to feed by hand.</summary>
internal static class SamplesCommand
{
    public static Command Create(IAnsiConsole console)
    {
        var folder = new Argument<DirectoryInfo>("DIR") { Description = "Folder to write to; made when it is missing. Files of the same name are replaced." };
        var invoices = new Option<int>("--invoices") { Description = "How many invoices, 1 to 100000.", DefaultValueFactory = _ => 12 };
        var seed = new Option<int>("--seed") { Description = "Seed of the generator.", DefaultValueFactory = _ => SampleStock.PackSeed };
        var command = new Command("samples", "Write sample invoices and the vendors and orders they fit.") { folder, invoices, seed };
        invoices.Validators.Add(result => DemoCommand.Between(result, result.GetValueOrDefault<int>(), 1, 100_000));
        command.SetAction(parsed =>
        {
            var target = parsed.GetRequiredValue(folder);
            var stock = SampleStock.Make(parsed.GetValue(seed), parsed.GetValue(invoices));
            var documents = Directory.CreateDirectory(Path.Combine(target.FullName, "documents"));
            foreach (var (name, csv) in stock.Books.Tables())
                File.WriteAllText(Path.Combine(target.FullName, name + ".csv"), csv);
            foreach (var file in stock.Files())
                File.WriteAllBytes(Path.Combine(documents.FullName, file.Name), file.Content.ToArray());
            console.WriteLine($"{stock.Invoices.Length} invoices and 3 tables written to {target.FullName}.");
            return 0;
        });
        return command;
    }
}
