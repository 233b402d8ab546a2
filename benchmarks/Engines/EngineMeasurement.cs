using System.Globalization;

namespace Countersign.Benchmarks.Engines;

/// <summary>The table of docs/reference/performance.md: engine and runner beside hand-written loops, in one run on one server.</summary>
internal static class EngineMeasurement
{
    private static readonly (string Name, Func<EngineRun, Task> Run)[] Parts =
    [
        ("pure", PureEngine.Run),
        ("fused", FusedLoads.Run),
        ("memory", EngineMemory.Run),
        ("two", TwoNodes.Run),
        ("http", HttpLoads.Run),
        ("effects", EffectLoads.Run),
        ("models", EffectLoads.Models),
        ("sharing", Sharing.Run),
        ("choices", Choices.Run),
        // Last, because it takes longest.
        ("large", LargeThings.Run),
    ];

    /// <summary>Parts that can be measured alone.</summary>
    public static IEnumerable<string> Names => Parts.Select(p => p.Name);

    public static async Task<int> Run(string[] args)
    {
        var write = Array.IndexOf(args, "--write") is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
        var names = args.Where(a => !a.StartsWith('-') && a != write).ToArray();
        if (names.Except(Parts.Select(p => p.Name), StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            Console.Error.WriteLine($"There is no part '{unknown}'; there are: {string.Join(", ", Parts.Select(p => p.Name))}.");
            return 2;
        }

        await using var server = await BenchServer.Start();
        var machine = string.Create(CultureInfo.InvariantCulture, $"{server.Description}, {Environment.ProcessorCount} processors, .NET {Environment.Version}");
        Console.WriteLine(machine);
        await using var run = new EngineRun(server, args.Contains("--quick"));
        foreach (var (_, part) in Parts.Where(p => names.Length == 0 || names.Contains(p.Name)))
        {
            await part(run);
            // After each part, so that one that breaks takes nothing with it.
            if (write is not null)
                await File.WriteAllTextAsync(write, PerformancePage.Of(run, machine, TimeProvider.System.GetUtcNow()));
        }

        Console.WriteLine();
        foreach (var row in run.Rows)
            Console.WriteLine($"{row.What,-72} {row.Value,18}  {row.Aim,-24} {row.Verdict}");
        if (run.Choices.Count > 0)
            Console.WriteLine(Environment.NewLine + PerformancePage.Choices(run));
        return 0;
    }
}
