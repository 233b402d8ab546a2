using Countersign.Benchmarks.Outbox;

// Usage: dotnet run -c Release --project benchmarks -- outbox --connection "Host=...;Database=..."
var verb = args.FirstOrDefault() ?? "";
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
        Console.Error.WriteLine("Say what to measure: outbox, outbox-kill.");
        return 2;
}

string? Option(string name)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
