using System.Diagnostics;
using System.Globalization;

namespace Countersign.Projections.Databases;

/// <summary>
/// The files of a local server: where they are, which version made them, and whether a server runs on them now. Reads
/// and judges; starting and stopping is <see cref="LocalServer"/>'s.
/// </summary>
/// <param name="Home">Folder with the cluster and its log.</param>
internal sealed record PostgresCluster(string Home)
{
    private const string Runbook = "follow docs/runbooks/broken-data-folder.md";

    public string Data => Path.Combine(Home, "cluster");

    public string LogFolder => Path.Combine(Home, "log");

    public string Log => Path.Combine(LogFolder, "server.log");

    public string PidFile => Path.Combine(Data, "postmaster.pid");

    public string Settings => Path.Combine(Data, "countersign.conf");

    public bool Exists => Directory.Exists(Data);

    /// <summary>Major version that made the files, or a sentence when they are damaged.</summary>
    public int Major()
    {
        var file = Path.Combine(Data, "PG_VERSION");
        if (!File.Exists(file))
            throw new StartUpException($"The database folder {Data} is damaged (PG_VERSION is missing): restore it from a backup, or {Runbook}.");
        var text = File.ReadAllText(file).Trim();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var major) || major is < 9 or > 99)
            throw new StartUpException($"The database folder {Data} is damaged (PG_VERSION is not a version): restore it from a backup, or {Runbook}.");
        foreach (var needed in (string[])["global/pg_control", "base", "pg_wal", "postgresql.conf", "pg_hba.conf"])
        {
            var path = Path.Combine(Data, needed);
            if (!File.Exists(path) && !Directory.Exists(path))
                throw new StartUpException($"The database folder {Data} is damaged ({needed} is missing): restore it from a backup, or {Runbook}.");
        }

        return major;
    }

    /// <summary>
    /// The server that runs on these files, if one does. A pid file alone proves nothing: after a power cut its number may
    /// belong to any other process.
    /// </summary>
    public RunningServer? Running()
    {
        if (!File.Exists(PidFile))
            return null;
        string[] lines;
        try
        {
            lines = File.ReadAllLines(PidFile);
        }
        catch (IOException)
        {
            // Removed between the look and the read: the server has just ended.
            return null;
        }

        // Line 1 is the process, line 4 the port (PostgreSQL, src/include/utils/pidfile.h).
        if (lines.Length == 0 || !int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            return null;
        var port = lines.Length > 3 && int.TryParse(lines[3], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        return IsServerOfThisFolder(pid) ? new RunningServer(pid, port) : null;
    }

    /// <summary>Port written at the last start; 0 when none was.</summary>
    public int LastPort()
    {
        if (!File.Exists(Settings))
            return 0;
        var line = File.ReadLines(Settings).FirstOrDefault(l => l.StartsWith("port = ", StringComparison.Ordinal));
        return int.TryParse(line?["port = ".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0;
    }

    /// <summary>The last line of the server's log that says what stopped it.</summary>
    public string LastComplaint()
    {
        if (!File.Exists(Log))
            return "the server wrote no log";
        var lines = File.ReadLines(Log).TakeLast(200)
            .Where(l => l.Contains("FATAL:", StringComparison.Ordinal) || l.Contains("PANIC:", StringComparison.Ordinal)
                || l.Contains("could not", StringComparison.Ordinal) || l.Contains("error", StringComparison.OrdinalIgnoreCase))
            .ToList();
        return lines.Count == 0 ? $"see {Log}" : DataFolders.FirstLine(lines[^1]);
    }

    private bool IsServerOfThisFolder(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            if (process.HasExited || !process.ProcessName.StartsWith("postgres", StringComparison.Ordinal))
                return false;
        }
        catch (ArgumentException)
        {
            return false;
        }

        if (!OperatingSystem.IsLinux())
            return true;
        // A server works in its own data folder: seen from there, its pid file must be the very one we read.
        try
        {
            return File.ReadAllText($"/proc/{pid}/cwd/postmaster.pid") == File.ReadAllText(PidFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

/// <summary>A server found running.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="Port">Port it listens on, 0 while it is not known yet.</param>
internal sealed record RunningServer(int Pid, int Port);
