using System.Globalization;
using Countersign.Benchmarks.Engines;
using Countersign.Benchmarks.Feel;
using Countersign.Benchmarks.Outbox;
using Countersign.Benchmarks.Trail;

// Usage: dotnet run -c Release --project benchmarks -- engine [part ...] [--quick] [--write docs/reference/performance.md]
//        dotnet run -c Release --project benchmarks -- feel
//        dotnet run -c Release --project benchmarks -- outbox --connection "Host=...;Database=..."
//        dotnet run -c Release --project benchmarks -- verify --events 200000
var verb = args.FirstOrDefault() ?? "";
if (verb == "engine")
    return await EngineMeasurement.Run(args[1..]);
if (verb == EngineMemory.Verb)
    return await EngineMemory.Child(args[1..]);
if (verb == "feel")
    return FeelMeasurement.Run();
if (verb == "verify")
    return VerifierMeasurement.Run(int.Parse(Option("--events") ?? "200000", CultureInfo.InvariantCulture), int.Parse(Option("--rounds") ?? "3", CultureInfo.InvariantCulture), Option("--file"));
var connection = Option("--connection") ?? Environment.GetEnvironmentVariable("COUNTERSIGN_BENCH") ?? "";
if (connection.Length == 0)
{
    Console.Error.WriteLine("Give a PostgreSQL connection to an empty database: --connection \"Host=127.0.0.1;Username=postgres;Database=bench\".");
    return 2;
}

switch (verb)
{
    case "outbox":
        return await OutboxMeasurement.Run(connection, Option("--only"));
    case "outbox-kill":
        return await OutboxKills.Run(connection, Option("--only"));
    case "outbox-child":
        return await OutboxKills.Child(connection, Option("--mode")!, Option("--point") ?? "none", int.Parse(Option("--count") ?? "0"));
    default:
        Console.Error.WriteLine("Say what to measure: engine, feel, verify, outbox, outbox-kill.");
        return 2;
}

string? Option(string name)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
