namespace Countersign.Projections.Databases;

/// <summary>The folder that keeps a node's own files: the local server, its passwords, keys.</summary>
public static class DataFolders
{
    /// <summary>
    /// <c>data</c> in the root of the clone this binary was built in, else a folder of the user. Never a temporary
    /// one: what lies here must survive a restart.
    /// </summary>
    public static string Default()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Saas.sln")))
                return Path.Combine(folder.FullName, "data");
        }

        var mine = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return mine.Length > 0 ? Path.Combine(mine, "countersign") : "/var/lib/countersign";
    }

    /// <summary>Makes the folder and proves that it can be written, or says what is in the way.</summary>
    public static void Prepare(string folder)
    {
        if (File.Exists(folder))
            throw new StartUpException($"The data folder {folder} is a file: remove it, or name another folder in Countersign:DataFolder.");
        var probe = Path.Combine(folder, ".writable");
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartUpException(
                $"The data folder {folder} cannot be written ({FirstLine(e.Message)}): "
                + "give this user the right to write there, or name another folder in Countersign:DataFolder.",
                e);
        }
    }

    /// <summary>One line of a foreign message, so that the sentence around it stays one.</summary>
    internal static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        return (end < 0 ? line : line[..end]).TrimEnd('.').ToString();
    }
}
