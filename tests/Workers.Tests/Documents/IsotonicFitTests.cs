using Countersign.Workers.Documents;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Workers.Tests.Documents;

public sealed class IsotonicFitTests
{
    private static readonly Gen<ScoredOutcome[]> Outcomes = Gen.Select(Gen.Double[0, 1], Gen.Bool, Gen.Double[0.1, 1], (score, right, weight) => new ScoredOutcome(score, right, weight)).Array[1, 60];

    [Fact]
    public void Probabilities_rise_with_the_score_and_are_never_certain() => Outcomes.Sample(outcomes =>
    {
        var curve = IsotonicFit.Fit(outcomes);
        for (var i = 1; i < curve.Count; i++)
        {
            curve[i].Score.ShouldBeGreaterThanOrEqualTo(curve[i - 1].Score);
            curve[i].Probability.ShouldBeGreaterThanOrEqualTo(curve[i - 1].Probability);
        }

        curve.ShouldAllBe(point => point.Probability > 0 && point.Probability < 1);
        IsotonicFit.Apply(curve, 0.2).ShouldBeLessThanOrEqualTo(IsotonicFit.Apply(curve, 0.8));
    });

    [Fact]
    public void The_order_of_the_outcomes_does_not_matter() =>
        Outcomes.Sample(outcomes => IsotonicFit.Fit(outcomes.Reverse()).Select(p => (Math.Round(p.Score, 2), Math.Round(p.Probability, 2))).ShouldBe(IsotonicFit.Fit(outcomes).Select(p => (Math.Round(p.Score, 2), Math.Round(p.Probability, 2)))));

    [Fact]
    public void Below_the_lowest_score_seen_confidence_falls_to_nothing()
    {
        var curve = IsotonicFit.Fit([new ScoredOutcome(0.8, true, 1), new ScoredOutcome(0.9, true, 1), new ScoredOutcome(0.85, true, 1)]);
        IsotonicFit.Apply(curve, 0).ShouldBe(0);
        IsotonicFit.Apply(curve, 0.4).ShouldBeLessThan(0.5);
        IsotonicFit.Apply([], 0.9).ShouldBe(0);
    }

    [Fact]
    public void Many_right_answers_make_a_high_confidence_and_few_do_not()
    {
        var few = IsotonicFit.Fit([new ScoredOutcome(0.9, true, 1)]);
        var many = IsotonicFit.Fit(Enumerable.Repeat(new ScoredOutcome(0.9, true, 1), 200));
        IsotonicFit.Apply(few, 0.9).ShouldBe(0.75, 0.001);
        IsotonicFit.Apply(many, 0.9).ShouldBeGreaterThan(0.99);
    }
}
