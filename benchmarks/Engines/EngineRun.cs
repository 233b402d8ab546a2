using System.Globalization;
using Countersign.Projections.Databases;

namespace Countersign.Benchmarks.Engines;

/// <summary>One line of the table.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Aim">The aim in words; empty = a figure without one.</param>
/// <param name="Value">The figure.</param>
/// <param name="Met">Whether it meets the aim; null without one.</param>
internal sealed record Row(string What, string Aim, string Value, bool? Met)
{
    public string Verdict => Met switch { true => "met", false => "not met", null => "" };
}

/// <summary>What the parts of one run share: the server, one database with a node, the hand-written loops' figures and the table.</summary>
internal sealed class EngineRun(BenchServer server, bool quick) : IAsyncDisposable
{
    /// <summary>Database of everything that runs in this process.</summary>
    public const string Name = "bench";

    private const string HandName = "hand";

    private Database? _database;
    private BenchNode? _node;
    private HandLoops? _hand;

    public BenchServer Server => server;

    /// <summary>Clients at which neither side gets faster.</summary>
    public int Saturating => 128;

    /// <summary>Length of a load that stands for itself.</summary>
    public double Seconds => quick ? 3 : 6;

    public bool Quick => quick;

    public List<Row> Rows { get; } = [];

    public List<(string Part, string Line)> Details { get; } = [];

    public List<(string Name, Measured Measured)> Choices { get; } = [];

    public Load Load { get; } = new(server, Name);

    public void Detail(string part, string line)
    {
        Details.Add((part, line));
        Console.WriteLine($"{part,-10} {line}");
    }

    public void Choice(string part, string name, Measured measured)
    {
        Choices.Add((name, measured));
        Detail(part, $"{name,-40} {measured}");
    }

    public void Judge(string what, string aim, string value, bool? met)
    {
        var row = new Row(what, aim, value, met);
        Rows.Add(row);
        Console.WriteLine($"{"",-10} -> {what}: {value}{(met is null ? "" : $" (aim: {aim}; {row.Verdict})")}");
    }

    /// <summary>A figure with a bound that it must reach (or, with <paramref name="most"/>, must not pass).</summary>
    public void Judge(string what, string aim, double value, string unit, double? least = null, double? most = null) =>
        Judge(what, aim, string.Create(CultureInfo.InvariantCulture, $"{Short(value)}{(unit.Length > 0 ? " " + unit : "")}"), (least is null || value >= least) && (most is null || value <= most));

    public async Task<Database> Database() => _database ??= await server.Open(Name, writers: 46);

    /// <summary>A node without workers: what takes commands and nothing else.</summary>
    public async Task<BenchNode> Node()
    {
        if (_node is not null)
            return _node;
        _node = await BenchNode.Start(await Database(), acts: false, projects: false);
        await _node.Publish(BenchProcesses.W1, BenchProcesses.W2, BenchProcesses.W1e, BenchProcesses.W4, BenchProcesses.Loop, BenchProcesses.Timer);
        // The first commands compile code and prepare statements.
        await Load.Closed(1.5, 64, _node.W1);
        await Load.Closed(1.5, 64, _node.W2);
        return _node;
    }

    /// <summary>Ends the shared node, so that a part can be alone with its own.</summary>
    public async Task Release()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        _node = null;
    }

    /// <summary>The hand-written loops on the same server.</summary>
    public async Task<HandLoops> Hand()
    {
        if (_hand is not null)
            return _hand;
        _hand = await HandLoops.Start(server, HandName);
        await HandLoad.Closed(1, 32, i => _hand.W1(i, grouped: false));
        await HandLoad.Closed(1, 64, i => _hand.W2(i, grouped: true));
        return _hand;
    }

    /// <summary>A load that counts the hand-written loops' database.</summary>
    public Load HandLoad { get; } = new(server, HandName);

    /// <summary>Connections at which one commit for each step is fastest here; more make it slower.</summary>
    public int Connections => 16;

    /// <summary>Rounds of loads that are compared.</summary>
    public int Rounds => quick ? 2 : 3;

    /// <summary>Length of one round.</summary>
    public double Round => quick ? 1.5 : 2;

    public static string Short(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("#,##0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.00", CultureInfo.InvariantCulture),
    };

    public async ValueTask DisposeAsync()
    {
        await Release();
        if (_hand is not null)
            await _hand.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }
}
