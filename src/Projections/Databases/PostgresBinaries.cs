using System.Globalization;
using System.Text.RegularExpressions;

namespace Countersign.Projections.Databases;

/// <summary>A set of server programs: <c>initdb</c>, <c>pg_ctl</c>, <c>postgres</c>.</summary>
/// <param name="Folder">Where the programs are.</param>
/// <param name="Major">Major version of the server.</param>
/// <param name="Version">Full version, for the log.</param>
internal sealed partial record PostgresBinaries(string Folder, int Major, string Version)
{
    /// <summary>The oldest server that has what the service uses.</summary>
    public const int Oldest = 15;

    private static readonly string Suffix = OperatingSystem.IsWindows() ? ".exe" : "";

    public string Initdb => Path.Combine(Folder, "initdb" + Suffix);

    public string PgCtl => Path.Combine(Folder, "pg_ctl" + Suffix);

    public string Postgres => Path.Combine(Folder, "postgres" + Suffix);

    /// <summary>All usable sets on this machine, newest first.</summary>
    public static async Task<IReadOnlyList<PostgresBinaries>> FindInstalled(CancellationToken cancel)
    {
        var found = new List<PostgresBinaries>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in await Candidates(cancel))
        {
            if (seen.Add(folder) && await TryOpen(folder, cancel) is { } binaries)
                found.Add(binaries);
        }

        return [.. found.OrderByDescending(b => b.Major)];
    }

    /// <summary>The set in a folder, or null when it is incomplete, does not run or is too old.</summary>
    public static async Task<PostgresBinaries?> TryOpen(string folder, CancellationToken cancel)
    {
        var binaries = new PostgresBinaries(folder, 0, "");
        if (!File.Exists(binaries.Postgres) || !File.Exists(binaries.Initdb) || !File.Exists(binaries.PgCtl))
            return null;
        var answer = await Subprocess.TryRun(binaries.Postgres, ["--version"], TimeSpan.FromSeconds(10), cancel: cancel);
        if (answer is not { Succeeded: true } || VersionOf().Match(answer.Output) is not { Success: true } match)
            return null;
        var major = int.Parse(match.Groups["major"].ValueSpan, CultureInfo.InvariantCulture);
        return major < Oldest ? null : binaries with { Major = major, Version = match.Groups["all"].Value };
    }

    private static async Task<List<string>> Candidates(CancellationToken cancel)
    {
        var folders = new List<string>();
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var program = Path.Combine(folder, "postgres" + Suffix);
            // A link on the PATH may stand alone; the programs beside its target belong together.
            if (File.Exists(program))
                folders.Add(Path.GetDirectoryName(File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program)!);
        }

        foreach (var root in VersionRoots())
        {
            if (Directory.Exists(root))
                folders.AddRange(Directory.EnumerateDirectories(root).Select(version => Path.Combine(version, "bin")));
        }

        // Red Hat's packages: /usr/pgsql-17/bin.
        if (Directory.Exists("/usr"))
            folders.AddRange(Directory.EnumerateDirectories("/usr", "pgsql-*").Select(version => Path.Combine(version, "bin")));
        folders.AddRange(["/opt/homebrew/opt/postgresql/bin", "/usr/local/opt/postgresql/bin", "/usr/local/pgsql/bin"]);
        if (await Subprocess.TryRun("pg_config", ["--bindir"], TimeSpan.FromSeconds(10), cancel: cancel) is { Succeeded: true } config)
            folders.Add(config.Output.Trim());
        return folders;
    }

    /// <summary>Folders whose subfolders are versions: Debian and Ubuntu, PostgreSQL's own installers.</summary>
    private static IEnumerable<string> VersionRoots()
    {
        yield return "/usr/lib/postgresql";
        yield return "/opt/postgresql";
        yield return "/Library/PostgreSQL";
        if (OperatingSystem.IsWindows())
            yield return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL");
    }

    [GeneratedRegex(@"PostgreSQL\)? (?<all>(?<major>\d{1,3})[.\w]*)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex VersionOf();
}
