using System.Globalization;
using Countersign.Workers.Documents;

namespace Countersign.Conformance;

/// <summary>Fits the page reader's calibration on documents with truth and says how far its confidences can be trusted: each family is
/// predicted by curves fitted without it, and again with all families of the same publisher left out.</summary>
internal static class InvoiceCalibrationSuite
{
    private sealed record Outcome(string Family, string Publisher, string Group, double Score, bool Right, double Weight);

    /// <summary>Prints the errors.</summary>
    public static int Run(string folder, TextWriter output)
    {
        var outcomes = Collect(folder);
        if (outcomes.Count == 0)
        {
            output.WriteLine("invoice-calibration: no documents with truth in the folder");
            return 1;
        }

        output.WriteLine($"{outcomes.Count} values of {outcomes.Select(o => o.Family).Distinct(StringComparer.Ordinal).Count()} families, {outcomes.Select(o => o.Publisher).Distinct(StringComparer.Ordinal).Count()} publishers");
        Report("family left out", outcome => outcome.Family, outcomes, output);
        Report("publisher left out", outcome => outcome.Publisher, outcomes, output);
        return 0;
    }

    /// <summary>Prints the table to ship, as JSON.</summary>
    public static int PrintTable(string folder, TextWriter output)
    {
        var groups = Collect(folder).GroupBy(o => o.Group, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        output.WriteLine("{");
        for (var i = 0; i < groups.Count; i++)
        {
            var points = Fit(groups[i]).Select(point => string.Create(CultureInfo.InvariantCulture, $"[{point.Score}, {point.Probability}]"));
            output.WriteLine($"  \"{groups[i].Key}\": [{string.Join(", ", points)}]{(i < groups.Count - 1 ? "," : "")}");
        }

        output.WriteLine("}");
        return groups.Count > 0 ? 0 : 1;
    }

    private static void Report(string title, Func<Outcome, string> key, List<Outcome> outcomes, TextWriter output)
    {
        var predicted = new List<(Outcome Outcome, double Confidence)>();
        foreach (var left in outcomes.GroupBy(key, StringComparer.Ordinal))
        {
            foreach (var group in left.GroupBy(o => o.Group, StringComparer.Ordinal))
            {
                var curve = Fit(outcomes.Where(o => o.Group == group.Key && key(o) != left.Key));
                predicted.AddRange(group.Select(o => (o, IsotonicFit.Apply(curve, o.Score))));
            }
        }

        output.WriteLine();
        output.WriteLine($"{title,-20} {"values",7} {"right",8} {"mean conf.",11} {"error (ECE)",12} {"Brier",7}");
        foreach (var group in predicted.GroupBy(p => p.Outcome.Group, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
            Line(group.Key, [.. group], output);
        Line("all", predicted, output);
        output.WriteLine("confidence      values   right");
        foreach (var bin in predicted.GroupBy(p => Math.Min(9, (int)(p.Confidence * 10))).OrderBy(b => b.Key))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bin.Key / 10.0:0.0} to {(bin.Key + 1) / 10.0:0.0} {bin.Count(),12} {bin.Average(p => p.Outcome.Right ? 1.0 : 0),8:0.000}"));
    }

    private static void Line(string name, List<(Outcome Outcome, double Confidence)> predicted, TextWriter output)
    {
        var error = predicted.GroupBy(p => Math.Min(9, (int)(p.Confidence * 10))).Sum(bin => Math.Abs(bin.Average(p => p.Confidence) - bin.Average(p => p.Outcome.Right ? 1.0 : 0)) * bin.Count()) / predicted.Count;
        var brier = predicted.Average(p => Math.Pow(p.Confidence - (p.Outcome.Right ? 1 : 0), 2));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-20} {predicted.Count,7} {predicted.Average(p => p.Outcome.Right ? 1.0 : 0),8:0.000} {predicted.Average(p => p.Confidence),11:0.000} {error,12:0.000} {brier,7:0.000}"));
    }

    private static IReadOnlyList<CalibrationPoint> Fit(IEnumerable<Outcome> outcomes) => IsotonicFit.Fit(outcomes.Select(o => new ScoredOutcome(o.Score, o.Right, o.Weight)));

    private static List<Outcome> Collect(string folder)
    {
        var rows = InvoicePagesSuite.ReadForCalibration(folder);
        // A family counts like two documents however many it has: fourteen prints of one invoice are not fourteen invoices.
        var sizes = rows.GroupBy(row => row.Family, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(row => row.File).Distinct(StringComparer.Ordinal).Count(), StringComparer.Ordinal);
        return [.. rows.Select(row => new Outcome(row.Family, row.Family.Split('-')[0] is "atgp" ? "fnfe" : row.Family.StartsWith("mp-", StringComparison.Ordinal) ? row.Family : row.Family.Split('-')[0], row.Group, row.Score, row.Right, Math.Min(1.0, 2.0 / sizes[row.Family])))];
    }
}
