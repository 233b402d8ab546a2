using Xunit;

namespace Countersign.Domain.Tests.Trail;

/// <summary>Finds published test vectors beside the repository; tests that need them are skipped where they are absent.</summary>
internal static class SharedData
{
    public static string Folder(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Saas.sln")))
                continue;
            var data = Path.Combine(folder.Parent!.FullName, "shared", "data", path);
            Assert.SkipUnless(Directory.Exists(data), $"The published vectors {path} are not on this machine.");
            return data;
        }
        Assert.Skip("The repository was not found above the test binary.");
        return "";
    }
}
