using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Countersign.Conformance;

/// <summary>Runs all suites on a data collection and writes the page of figures, so that no figure is written by hand.</summary>
internal static class AllSuites
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>Runs; 0 = every suite meets its bar.</summary>
    /// <param name="data">The data collection.</param>
    /// <param name="page">Where to write the page; null = nowhere.</param>
    public static int Run(string data, string? page, TextWriter output)
    {
        var text = new StringBuilder("""
            # Conformance

            Written by a command; run it to have the figures anew:

            ```
            dotnet run --project tests/Conformance -c Release -- all <data folder> --write docs/reference/conformance.md
            ```

            One suite alone: `dotnet run --project tests/Conformance -c Release -- <suite> <its folder>`; it prints each failure and ends with `<suite>: <passed>/<total>`.
            Each takes at most 60 seconds. A suite that misses its bar says so here.


            """);
        var worst = 0;
        foreach (var suite in Suites.All.Where(s => s.Data is not null))
        {
            var folder = Path.Combine(data, suite.Data!);
            if (!Directory.Exists(folder))
            {
                output.WriteLine($"{suite.Name}: not run, there is no folder '{suite.Data}' in the data");
                text.Append(CultureInfo.InvariantCulture, $"## {suite.Name}\n\nNot run: the data collection has no `{suite.Data}`.\n\n");
                worst = Math.Max(worst, 1);
                continue;
            }

            using var printed = new StringWriter(CultureInfo.InvariantCulture);
            var watch = Stopwatch.StartNew();
            var exit = suite.Run(folder, printed);
            var isSlow = watch.Elapsed > Longest;
            var lines = printed.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var result = lines[^Math.Min(suite.Shown, lines.Length)..];
            foreach (var line in result)
                output.WriteLine(line);
            output.WriteLine($"  {(exit == 0 ? "bar met" : "BAR MISSED")}: {suite.Bar}; {watch.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s{(isSlow ? ", TOO SLOW" : "")}");
            worst = Math.Max(worst, exit == 0 && !isSlow ? 0 : 1);
            text.Append(CultureInfo.InvariantCulture, $"## {suite.Name}\n\n`{suite.Data}`: {suite.Folder}. Bar: {suite.Bar}; **{(exit == 0 ? "met" : "missed")}**{(isSlow ? ", and slower than 60 seconds" : "")}.\n\n```\n{string.Join('\n', result)}\n```\n\n");
        }

        if (page is not null)
        {
            File.WriteAllText(page, text.ToString().TrimEnd('\n') + "\n");
            output.WriteLine($"written: {page}");
        }

        return worst;
    }
}
