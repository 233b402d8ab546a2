namespace Countersign.Architecture.Tests;

/// <summary>The files of the clone these tests were built in.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", ".git", "data", "artifacts", "TestResults", "lib"];

    public static string Root { get; } = Find();

    /// <summary>Paths relative to the root, with forward slashes, without what builds and tools make.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(Root).Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    public static IEnumerable<string> Under(string folder, string extension) =>
        Files.Where(f => f.StartsWith(folder + "/", StringComparison.Ordinal) && f.EndsWith(extension, StringComparison.Ordinal));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    public static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Saas.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("These tests read the sources: run them inside of a clone.");
    }

    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder)
            .Where(d => !NotOurs.Contains(Path.GetFileName(d), StringComparer.Ordinal))
            .SelectMany(Walk));
}
