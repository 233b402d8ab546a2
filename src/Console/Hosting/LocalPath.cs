namespace Countersign.Console.Hosting;

/// <summary>Paths that come from outside and may be redirected to: only within this site.</summary>
internal static class LocalPath
{
    private const int Longest = 2048;

    /// <summary>The path when it stays on this site, else null.</summary>
    public static string? Safe(string? path) =>
        path is { Length: > 0 and <= Longest } && path[0] == '/' && !path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("/\\", StringComparison.Ordinal)
            && !path.Any(char.IsControl) ? path : null;
}
