namespace Countersign.Domain.Tests.Processes;

/// <summary>Where files of the repository and real material beside it are.</summary>
internal static class Places
{
    public static string Repository { get; } = Up(AppContext.BaseDirectory, folder => File.Exists(Path.Combine(folder, "Saas.sln")))!;

    /// <summary>A folder of real material, or null when there is none on this machine.</summary>
    public static string? Data(string path)
    {
        var folder = Path.Combine(Path.GetDirectoryName(Repository)!, "shared", "data", path);
        return Directory.Exists(folder) ? folder : null;
    }

    private static string? Up(string from, Func<string, bool> found)
    {
        for (var folder = from; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (found(folder))
                return folder;
        }

        return null;
    }
}
