namespace Countersign.Api.Http;

/// <summary>Texts that people give for the trail.</summary>
internal static class Reasons
{
    public const int Longest = 2_000;

    /// <summary>What is wrong with a required reason, or null.</summary>
    public static ProblemAnswer? Problem(string? reason) =>
        string.IsNullOrWhiteSpace(reason) || reason.Length > Longest ? Problems.Invalid("/reason", "Give a reason of 1 to 2,000 characters; it is kept in the trail.") : null;
}
