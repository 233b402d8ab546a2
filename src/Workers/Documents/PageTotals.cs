namespace Countersign.Workers.Documents;

/// <summary>The totals chosen together, each with its score.</summary>
internal sealed record PageTotalsChoice(
    PageCandidate<PageAmount>? LineTotal,
    PageCandidate<PageAmount>? Net,
    PageCandidate<PageAmount>? Tax,
    PageCandidate<PageAmount>? Gross,
    PageCandidate<PageAmount>? Prepaid,
    PageCandidate<PageAmount>? Payable);

/// <summary>Chooses the totals jointly: labels propose, arithmetic disposes.</summary>
internal static class PageTotals
{
    private const int Kept = 7;
    private const double Nothing = 0.22;
    private static readonly Hint[] AmountHints = [Hint.Net, Hint.Tax, Hint.Gross, Hint.Prepaid, Hint.Payable, Hint.LineTotal, Hint.OtherAmount];

    public static PageTotalsChoice Choose(PageContext context, IReadOnlyList<PageValue<PageAmount>> amounts)
    {
        var usable = amounts.Where(amount => !amount.Value.Percent && (amount.Value.Decimals == 2 || amount.Value.Money)).ToList();
        var net = Proposals(context, usable, Hint.Net);
        var tax = Proposals(context, usable, Hint.Tax);
        var gross = Proposals(context, usable, Hint.Gross);
        var (bestNet, bestTax, bestGross) = ChooseTriple(net, tax, gross, usable);
        var prepaid = Proposals(context, usable, Hint.Prepaid);
        var payable = Proposals(context, usable, Hint.Payable);
        var (bestPrepaid, bestPayable) = ChoosePair(prepaid, payable, bestGross);
        var lines = Proposals(context, usable, Hint.LineTotal).FirstOrDefault();
        // Nothing paid in advance and no amount due of its own: the total is what is due.
        if (bestPayable is null && bestPrepaid is null && bestGross is not null)
            bestPayable = bestGross with { Score = bestGross.Score * 0.9 };
        return new PageTotalsChoice(lines, bestNet, bestTax, bestGross, bestPrepaid, bestPayable);
    }

    private static List<PageCandidate<PageAmount>> Proposals(PageContext context, List<PageValue<PageAmount>> usable, Hint hint)
    {
        var ranked = PageFields.Rank(usable, value =>
        {
            var score = context.Score(value, hint, AmountHints);
            // Totals stand at the end: of two equal labels the later one counts.
            return score <= 0 ? 0 : (score * 0.93) + (0.04 * value.Run.Page / Math.Max(1, context.Text.Pages.Count)) + (0.03 * value.Area.Top / context.PageOf(value.Run).Height);
        });
        return [.. ranked.Take(Kept)];
    }

    private static (PageCandidate<PageAmount>?, PageCandidate<PageAmount>?, PageCandidate<PageAmount>?) ChooseTriple(
        List<PageCandidate<PageAmount>> net, List<PageCandidate<PageAmount>> tax, List<PageCandidate<PageAmount>> gross, List<PageValue<PageAmount>> usable)
    {
        (PageCandidate<PageAmount>? Net, PageCandidate<PageAmount>? Tax, PageCandidate<PageAmount>? Gross) best = default;
        var bestScore = double.MinValue;
        foreach (var n in WithNothing(net))
        {
            foreach (var t in WithNothing(tax))
            {
                foreach (var g in WithNothing(gross))
                {
                    if (Same(n, t) || Same(t, g) || Same(n, g))
                        continue;
                    var score = Value(n) + Value(t) + Value(g) + Agreement(n, t, g, usable);
                    if (score > bestScore)
                        (best, bestScore) = ((n, t, g), score);
                }
            }
        }

        var support = Agreement(best.Net, best.Tax, best.Gross, usable);
        return (Supported(best.Net, support), Supported(best.Tax, support), Supported(best.Gross, support));
    }

    private static double Agreement(PageCandidate<PageAmount>? net, PageCandidate<PageAmount>? tax, PageCandidate<PageAmount>? gross, List<PageValue<PageAmount>> usable)
    {
        if (net is null || gross is null)
            return 0;
        var difference = gross.Value.Value - net.Value.Value;
        if (tax is not null)
        {
            if (Math.Abs(difference - tax.Value.Value) > 0.02m)
                return -0.5;
            // Tax of 0 proves little: any amount equals itself.
            return tax.Value.Value == 0 ? 0.25 : 0.7;
        }

        // Tax is printed by rate only: two or three amounts that make up the difference speak for both totals.
        if (difference != 0 && SumsTo(usable, difference))
            return 0.25;
        return net.Value.Value > gross.Value.Value && net.Value.Value > 0 ? -0.3 : 0;
    }

    private static bool SumsTo(List<PageValue<PageAmount>> usable, decimal difference)
    {
        var distinct = usable.Select(amount => amount.Value.Value).Where(value => value > 0 && value < difference).Distinct().Take(60).ToList();
        var known = distinct.ToHashSet();
        return distinct.Exists(value => known.Contains(difference - value));
    }

    private static (PageCandidate<PageAmount>?, PageCandidate<PageAmount>?) ChoosePair(
        List<PageCandidate<PageAmount>> prepaid, List<PageCandidate<PageAmount>> payable, PageCandidate<PageAmount>? gross)
    {
        (PageCandidate<PageAmount>? Prepaid, PageCandidate<PageAmount>? Payable) best = default;
        var bestScore = double.MinValue;
        foreach (var a in WithNothing(prepaid))
        {
            foreach (var b in WithNothing(payable))
            {
                if (Same(a, b))
                    continue;
                var score = Value(a) + Value(b) + PairAgreement(a, b, gross);
                if (score > bestScore)
                    (best, bestScore) = ((a, b), score);
            }
        }

        var support = PairAgreement(best.Prepaid, best.Payable, gross);
        return (Supported(best.Prepaid, support), Supported(best.Payable, support));
    }

    private static double PairAgreement(PageCandidate<PageAmount>? prepaid, PageCandidate<PageAmount>? payable, PageCandidate<PageAmount>? gross)
    {
        if (payable is null || gross is null)
            return 0;
        var paid = Math.Abs(prepaid?.Value.Value ?? 0);
        if (Math.Abs(gross.Value.Value - paid - payable.Value.Value) <= 0.02m)
            return paid == 0 ? 0.3 : 0.6;
        return prepaid is null ? 0 : -0.3;
    }

    private static IEnumerable<PageCandidate<PageAmount>?> WithNothing(List<PageCandidate<PageAmount>> candidates) => candidates.Append<PageCandidate<PageAmount>?>(null);

    private static double Value(PageCandidate<PageAmount>? candidate) => candidate?.Score ?? Nothing;

    // One printed amount serves one field; two prints of the same amount may serve two.
    private static bool Same(PageCandidate<PageAmount>? a, PageCandidate<PageAmount>? b) => a is not null && b is not null && ReferenceEquals(a.Source, b.Source);

    private static PageCandidate<PageAmount>? Supported(PageCandidate<PageAmount>? candidate, double support) =>
        candidate is null ? null : candidate with { Score = Math.Clamp(candidate.Score + (support > 0 ? support * 0.5 * (1 - candidate.Score) : support * 0.3), 0, 1) };
}
