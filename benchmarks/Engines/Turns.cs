namespace Countersign.Benchmarks.Engines;

/// <summary>
/// Loads that are compared, measured by turns in short rounds: the machine is shared, and what slows one down for a while slows the
/// other down as well. A ratio is the median of the rounds' ratios.
/// </summary>
internal static class Turns
{
    public static async Task<Measured[][]> Take(int rounds, params Func<Task<Measured>>[] loads)
    {
        var taken = new Measured[rounds][];
        for (var round = 0; round < rounds; round++)
        {
            taken[round] = new Measured[loads.Length];
            for (var i = 0; i < loads.Length; i++)
                taken[round][i] = await loads[i]();
        }

        return taken;
    }

    /// <summary>How much faster the first is than the second.</summary>
    public static double Ratio(this Measured[][] rounds, int first, int second) => Median(rounds.Select(r => r[first].PerSecond / r[second].PerSecond));

    /// <summary>Medians of all rounds of one load.</summary>
    public static Measured Of(this Measured[][] rounds, int index)
    {
        var all = rounds.Select(r => r[index]).ToArray();
        double Middle(Func<Measured, double> figure) => Median(all.Select(figure));
        return new Measured(Middle(m => m.PerSecond), Middle(m => m.P50), Middle(m => m.P95), Middle(m => m.P99), Middle(m => m.Cpu), Middle(m => m.Wal), Middle(m => m.Rows), Middle(m => m.Transactions),
            Middle(m => m.Commits), all.Sum(m => m.Count));
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
