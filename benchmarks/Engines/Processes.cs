using System.Globalization;

namespace Countersign.Benchmarks.Engines;

/// <summary>What Linux knows about processes.</summary>
internal static class Processes
{
    private const double TicksOfSecond = 100;

    public static int ParentOf(int pid) => Stat(pid) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0;

    /// <summary>Processor time of a process, its children that live and those that it has waited for.</summary>
    public static TimeSpan CpuOfTree(int pid)
    {
        var ticks = Ticks(Stat(pid), 4);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var other) && Stat(other) is { } fields && fields[1] == pid.ToString(CultureInfo.InvariantCulture))
                ticks += Ticks(fields, 2);
        }

        return TimeSpan.FromSeconds(ticks / TicksOfSecond);
    }

    /// <summary>Processor time of one process.</summary>
    public static TimeSpan CpuOf(int pid) => TimeSpan.FromSeconds(Ticks(Stat(pid), 2) / TicksOfSecond);

    // User and system time, and where asked those of children that have ended.
    private static long Ticks(string[]? fields, int count) => fields is null ? 0 : fields.Skip(11).Take(count).Sum(f => long.Parse(f, CultureInfo.InvariantCulture));

    // From the state on: the name before may hold blanks.
    private static string[]? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            // It ended between the look and the read.
            return null;
        }
    }
}
