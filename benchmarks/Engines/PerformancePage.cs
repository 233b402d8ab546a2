using System.Globalization;
using System.Text;

namespace Countersign.Benchmarks.Engines;

/// <summary>Writes docs/reference/performance.md.</summary>
internal static class PerformancePage
{
    public static string Of(EngineRun run, string machine, DateTimeOffset at)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"# Performance");
        Line($"");
        Line($"Written by a command; run it to have the figures anew:");
        Line($"");
        Line($"```");
        Line($"dotnet run -c Release --project benchmarks -- engine --write docs/reference/performance.md");
        Line($"dotnet run -c Release --project benchmarks -- engine fused two --quick");
        Line($"```");
        Line($"");
        Line($"The second form measures single parts ({string.Join(", ", EngineMeasurement.Names)}) in short rounds. Last run {at:yyyy-MM-dd}: {machine}, fsync and all durability on,{(run.Quick ? " short rounds," : "")}");
        Line($"load and server on the same machine. **The machine was shared with other work while it ran**: absolute rates and latencies say little, ratios within the");
        Line($"run and processor time for each instance say more. What is compared runs by turns, and a ratio is the median of the rounds' ratios.");
        Line($"");
        Line($"- W1: start, three automatic steps with FEEL, end. W2: a person's answer in between. W1e: three effects by workers in the process, intent and result recorded.");
        Line($"  W3: the same by external workers over HTTP. W4: one inference through Hangfire with a null model. 50 tenants, 200 bytes of variables.");
        Line($"- By hand: the same facts written with Npgsql alone, one statement for each transaction; no engine, no tenants' rules. \"Floor\" is one commit for each step.");
        Line($"- Peers are compared by their rate beside the floor of their own measurement (Restate 778, DBOS 270, Elsa 19, n8n 22 beside 3,100 a second).");
        Line($"");
        Line($"| what | aim | measured | |");
        Line($"| --- | --- | --- | --- |");
        foreach (var row in run.Rows)
            Line($"| {row.What} | {row.Aim} | {row.Value} | {(row.Met == false ? "**not met**" : row.Verdict)} |");
        Line($"");
        Line($"## Loads");
        Line($"");
        Line($"For each instance: processor time of all processes, write-ahead log, rows written, transactions (reads and resets of connections included), commits that write.");
        Line($"");
        Line($"```");
        foreach (var (part, line) in run.Details)
            Line($"{part,-10} {line}");
        Line($"```");
        return text.ToString();
    }

    /// <summary>The table of choices as it stands in ADR 5.</summary>
    public static string Choices(EngineRun run)
    {
        var text = new StringBuilder("| choice | a second | p50 | CPU ms | write-ahead log | write commits |\n| --- | --- | --- | --- | --- | --- |\n");
        foreach (var (name, m) in run.Choices)
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {m.PerSecond:#,##0} | {(m.Commits < 0 ? "" : m.P50.ToString("0.0", CultureInfo.InvariantCulture) + " ms")} | {m.Cpu:0.00} | {m.Wal:#,##0} B | {(m.Commits < 0 ? "" : m.Commits.ToString("0.000", CultureInfo.InvariantCulture))} |\n");
        return text.ToString();
    }
}
