namespace Countersign.Feel.Tests;

/// <summary>Files of the repository and beside it, found from the test's own folder upwards.</summary>
internal static class Checkout
{
    /// <summary>The repository's root; null when the tests run elsewhere.</summary>
    public static string? Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Saas.sln")))
                return folder.FullName;
        }
        return null;
    }

    /// <summary>A file of the repository; null when it is not there.</summary>
    public static string? File(string path) => Root() is { } root && System.IO.File.Exists(Path.Combine(root, path)) ? Path.Combine(root, path) : null;

    /// <summary>The folder of the DMN compatibility kit; null when it is not there.</summary>
    public static string? KitFolder()
    {
        var folder = Root() is { } root ? Path.GetFullPath(Path.Combine(root, "../shared/data/processes/dmn-tck")) : null;
        return Directory.Exists(folder) ? folder : null;
    }

    /// <summary>All models of the kit.</summary>
    public static IReadOnlyList<string> Kit() => KitFolder() is { } folder ? [.. Directory.EnumerateFiles(folder, "*.dmn", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];
}
