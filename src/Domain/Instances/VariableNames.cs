namespace Countersign.Domain.Instances;

/// <summary>What variables may be called that are brought from outside, by whichever way.</summary>
public static class VariableNames
{
    /// <summary>Longest name, in characters.</summary>
    public const int Longest = 255;

    /// <summary>What is wrong with the names, in one sentence; null when nothing is.</summary>
    /// <param name="names">The names.</param>
    public static string? Problem(IEnumerable<string> names) => names.Any(name => name.Length is 0 or > Longest)
        ? $"A variable's name is 1 to {Longest} characters. Name each so, or put values with other names into one object." : null;
}
