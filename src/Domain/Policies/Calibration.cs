namespace Countersign.Domain.Policies;

/// <summary>Turns raw scores into probabilities of being right.</summary>
public static class Calibration
{
    /// <summary>Labelled outcomes below which a score counts as nothing, unless the policy says otherwise.</summary>
    public const int DefaultMinimumLabels = 200;

    /// <summary>Applies a calibration to one raw score.</summary>
    /// <param name="calibration">The policy's calibration.</param>
    /// <param name="score">Raw score; values outside 0 to 1 are clamped.</param>
    /// <returns>Probability 0 to 1; 0 when too few outcomes are labelled.</returns>
    public static decimal Apply(PolicyCalibration calibration, decimal score)
    {
        score = Math.Clamp(score, 0, 1);
        if (calibration.Method == "shipped")
            return score;
        if (calibration.Labels < (calibration.MinimumLabels ?? DefaultMinimumLabels) || calibration.Points.IsDefaultOrEmpty)
            return 0;
        var points = calibration.Points;
        if (score <= points[0].Score)
            return points[0].Probability;
        for (var i = 1; i < points.Length; i++)
        {
            if (score > points[i].Score)
                continue;
            var (left, right) = (points[i - 1], points[i]);
            return left.Probability + ((score - left.Score) / (right.Score - left.Score) * (right.Probability - left.Probability));
        }

        return points[^1].Probability;
    }
}
