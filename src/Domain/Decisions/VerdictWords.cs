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
}
