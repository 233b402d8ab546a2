using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Countersign.Feel;
using Countersign.Feel.Dmn;
using Countersign.Feel.Values;

namespace Countersign.Benchmarks.Feel;

/// <summary>
/// Expressions and tables of our own library, and the same of the feelin interpreter on Node, one after the other in one run. The best of
/// several rounds counts: on a shared machine everything else only adds.
/// </summary>
internal static class FeelMeasurement
{
    private const int WarmUpMs = 2000;

    // Rounds shorter than a scheduler's slice: on a busy machine some of them still run undisturbed.
    private const int RoundMs = 1;
    private const int Rounds = 400;
    private const double WantedRatio = 20;

    public static int Run()
    {
        Console.WriteLine($"load average {LoadAverage()}, {Environment.ProcessorCount} cores, .NET {Environment.Version}, best of {Rounds} rounds of {RoundMs} ms");
        var rows = Ours();
        var theirs = Feelin.Measure(WarmUpMs, RoundMs, Rounds, out var note);
        Console.WriteLine(note);
        Console.WriteLine();
        Console.WriteLine($"{"",-46}{"ns",10}{"aim",10}{"bytes",8}{"feelin ns",12}{"ratio",8}");
        var met = true;
        foreach (var row in rows)
        {
            var other = theirs is { } found && row.Feelin.Length > 0 ? found.GetProperty(row.Feelin).GetDouble() : (double?)null;
            var ratio = other / row.Nanoseconds;
            var isMet = (row.Aim is not { } aim || row.Nanoseconds <= aim) && (!row.IsFree || row.Bytes == 0) && (!row.IsCompared || ratio is not { } times || times >= WantedRatio);
            met &= isMet;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Name,-46}{row.Nanoseconds,10:F0}{row.Aim,10:F0}{row.Bytes,8}{other,12:F0}{(ratio is { } r ? r.ToString("F0", CultureInfo.InvariantCulture) + "x" : ""),8}{(isMet ? "" : "  MISSED")}"));
        }

        Console.WriteLine();
        Console.WriteLine($"load average {LoadAverage()}");
        Console.WriteLine(met ? "feel: every aim is met" : "feel: an aim is missed");
        return met ? 0 : 1;
    }

    private static List<Row> Ours()
    {
        var json = FeelCases.Variables();
        var utf8 = System.Text.Encoding.UTF8.GetBytes(json);
        using var document = JsonDocument.Parse(utf8);
        var variables = document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        var expression = FeelExpression.Compile(FeelCases.Expression).Expression!;
        var bound = FeelScope.FromContext((FeelContext)FeelValue.FromJson(document.RootElement));
        var options = FeelOptions.Default;
        var model = FeelCases.Model();
        var table = DmnModel.Load(model).Model!;
        var row = (FeelContext)FeelValue.FromJson(JsonDocument.Parse(FeelCases.TableVariables).RootElement);
        var tableScope = FeelScope.FromContext(row);
        var rules = FeelCases.Rules();
        var north = FeelValue.From(FeelCases.TableExpected);
        Console.WriteLine($"expression: {FeelCases.Expression}; variables: {utf8.Length} bytes of JSON; table: {rules.Length} rules, {FeelCases.Inputs.Length} inputs");
        return
        [
            Measure("(a) evaluate, bound context", 200, "bound", isFree: true, () => expression.Evaluate(bound, options).Value.IsTrue),
            Measure("(b) evaluate from JSON variables", 2000, "json", isFree: false, () => expression.Evaluate(FeelScope.FromJson(variables), options).Value.IsTrue),
            Measure("    the same from JSON text, all of it read", null, "text", isFree: false, () =>
            {
                using var read = JsonDocument.Parse(utf8);
                return expression.Evaluate(FeelScope.FromContext((FeelContext)FeelValue.FromJson(read.RootElement)), options).Value.IsTrue;
            }),
            Measure("    compile", null, "", isFree: false, () => FeelExpression.Compile(FeelCases.Expression).Expression is not null),
            Measure("    compile and evaluate", null, "parse", isFree: false, () => FeelExpression.Compile(FeelCases.Expression).Expression!.Evaluate(bound, options).Value.IsTrue),
            Measure("table of 20 rules, 4 inputs", 5000, "table", isFree: false, () => table.Evaluate("d", tableScope, options).Value.Equals(north)),
            Measure("    compile (from XML)", null, "", isFree: false, () => DmnModel.Load(model).Succeeded),
            Measure("    compile (from XML) and evaluate", null, "", isFree: false, () => DmnModel.Load(model).Model!.Evaluate("d", tableScope, options).Value.Equals(north)),
            Measure("    its cells compiled and evaluated in turn", null, "tableParse", isFree: false, () => FromCells(rules, tableScope, options).Equals(north)),
        ];
    }

    // What feelin's program does for the same row: a text is compiled when its turn comes, and a rule is left at its first test that fails.
    private static FeelValue FromCells((string[] Tests, string Result)[] rules, FeelScope scope, FeelOptions options)
    {
        var values = Array.ConvertAll(FeelCases.Inputs, text => FeelExpression.Compile(text).Expression!.Evaluate(scope, options).Value);
        foreach (var (tests, result) in rules)
        {
            var passes = true;
            for (var i = 0; i < tests.Length && passes; i++)
                passes = tests[i] == "-" || FeelExpression.CompileUnaryTests(tests[i]).Expression!.Test(values[i], scope, options).Value.IsTrue;
            if (passes)
                return FeelExpression.Compile(result).Expression!.Evaluate(scope, options).Value;
        }

        return FeelValue.Null;
    }

    private static Row Measure(string name, double? aim, string feelin, bool isFree, Func<bool> operation)
    {
        if (!operation())
            throw new InvalidOperationException($"'{name}' gives the wrong answer.");
        // Long enough for the second tier of compilation, which comes a while after the first calls.
        var clock = Stopwatch.StartNew();
        while (clock.ElapsedMilliseconds < WarmUpMs)
            _ = operation();
        var count = 1;
        while (true)
        {
            clock.Restart();
            Repeat(operation, count);
            if (clock.Elapsed.TotalMilliseconds >= RoundMs)
                break;
            count *= 2;
        }

        var best = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            clock.Restart();
            Repeat(operation, count);
            best = Math.Min(best, clock.Elapsed.TotalNanoseconds / count);
        }

        const int Counted = 1000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Repeat(operation, Counted);
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / Counted;
        return new Row(name, best, aim, bytes, isFree, feelin);
    }

    private static void Repeat(Func<bool> operation, int count)
    {
        for (var i = 0; i < count; i++)
            _ = operation();
    }

    private static string LoadAverage()
        => File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";

    /// <param name="Feelin">Which of feelin's figures stands beside it; empty for none.</param>
    private sealed record Row(string Name, double Nanoseconds, double? Aim, long Bytes, bool IsFree, string Feelin)
    {
        // Reading all of a JSON text is the platforms' work, not the languages': beside that row the figure only tells the order of magnitude.
        public bool IsCompared { get; } = Feelin is "bound" or "json" or "parse" or "table" or "tableParse";
    }
}
