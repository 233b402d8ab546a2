using System.Runtime.InteropServices;

namespace Countersign.Workers.Documents;

/// <summary>One labelled outcome: a raw score, whether the value was right, and how much the observation counts.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ScoredOutcome(double Score, bool Right, double Weight);

/// <summary>A point of a calibration curve: at this raw score the value is right with this probability.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CalibrationPoint(double Score, double Probability);

/// <summary>Fits a rising curve from raw scores to probabilities (pool adjacent violators), drawn towards the middle where data are few, so
/// that no confidence reaches 0 or 1 on the strength of a handful of cases.</summary>
public static class IsotonicFit
{
    /// <summary>The curve; empty when there are no outcomes. Scores rise, probabilities do not fall.</summary>
    public static IReadOnlyList<CalibrationPoint> Fit(IEnumerable<ScoredOutcome> outcomes)
    {
        var blocks = new List<Block>();
        foreach (var group in outcomes.GroupBy(outcome => Math.Round(outcome.Score, 2)).OrderBy(group => group.Key))
        {
            var weight = group.Sum(outcome => outcome.Weight);
            blocks.Add(new Block(group.Key, group.Key, group.Where(outcome => outcome.Right).Sum(outcome => outcome.Weight), weight, group.Sum(outcome => outcome.Score * outcome.Weight)));
            while (blocks.Count > 1 && blocks[^2].Share >= blocks[^1].Share)
            {
                blocks[^2] = blocks[^2].Join(blocks[^1]);
                blocks.RemoveAt(blocks.Count - 1);
            }
        }

        return Rising([.. blocks.Select(block => new CalibrationPoint(Math.Round(block.Scores / block.Weight, 3), Math.Round((block.Right + 0.5) / (block.Weight + 1), 3)))]);
    }

    /// <summary>The probability at a raw score, by straight lines between the points and down to 0 below the first.</summary>
    public static double Apply(IReadOnlyList<CalibrationPoint> curve, double score)
    {
        if (curve.Count == 0)
            return 0;
        // Below the lowest score that was seen nothing is known: from there the line falls to 0.
        if (score <= curve[0].Score)
            return curve[0].Score <= 0 ? curve[0].Probability : curve[0].Probability * Math.Max(0, score) / curve[0].Score;
        for (var i = 1; i < curve.Count; i++)
        {
            var (from, to) = (curve[i - 1], curve[i]);
            if (score <= to.Score)
                return to.Score == from.Score ? to.Probability : from.Probability + ((to.Probability - from.Probability) * (score - from.Score) / (to.Score - from.Score));
        }

        return curve[^1].Probability;
    }

    // Drawing small blocks to the middle can make the curve dip; it must not.
    private static List<CalibrationPoint> Rising(List<CalibrationPoint> points)
    {
        for (var i = points.Count - 2; i >= 0; i--)
        {
            if (points[i].Probability > points[i + 1].Probability)
                points[i] = points[i] with { Probability = points[i + 1].Probability };
        }

        return points;
    }

    private sealed record Block(double From, double To, double Right, double Weight, double Scores)
    {
        public double Share => Right / Weight;

        public Block Join(Block next) => new(From, next.To, Right + next.Right, Weight + next.Weight, Scores + next.Scores);
    }
}
