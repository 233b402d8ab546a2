namespace Countersign.Domain.Decisions;

/// <summary>Verdicts as processes, gates and people read them.</summary>
public static class VerdictWords
{
    /// <summary>Lower snake case: <c>accept</c>, <c>review</c>, <c>two_people</c>, <c>reject</c>, <c>escalate</c>.</summary>
    public static string Of(Verdict verdict) => verdict switch
    {
        Verdict.Accept => "accept",
        Verdict.Review => "review",
        Verdict.TwoPeople => "two_people",
        Verdict.Reject => "reject",
        Verdict.Escalate => "escalate",
        // A verdict this version does not know must never pass as a yes.
        _ => "escalate",
    };

    /// <summary>The verdict that a word of <see cref="Of"/> means; null for any other text.</summary>
    /// <param name="word">The word.</param>
    public static Verdict? Read(string? word)
    {
        foreach (var verdict in Enum.GetValues<Verdict>())
        {
            if (Of(verdict) == word)
                return verdict;
        }

        return null;
    }
}
