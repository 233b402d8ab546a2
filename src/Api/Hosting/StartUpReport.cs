using System.Globalization;

namespace Countersign.Api.Hosting;

/// <summary>Tells a person at the terminal what the start is doing; the log has its own words.</summary>
internal sealed class StartUpReport(TextWriter output, TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();

    /// <summary>One line of progress with the seconds since the start.</summary>
    public void Step(string text) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {clock.GetElapsedTime(_start).TotalSeconds,5:0.0} s  {text}"));

    /// <summary>Where to click, once everything answers.</summary>
    public void Banner(IEnumerable<string> lines)
    {
        output.WriteLine();
        foreach (var line in lines)
            output.WriteLine(line.Length == 0 ? "" : "  " + line);
        output.WriteLine();
    }

    /// <summary>The one sentence of a start that failed.</summary>
    public static string Sentence(Exception e) => $"Countersign cannot start: {e.Message}";
}
