using System.ComponentModel;
using System.Diagnostics;

namespace Countersign.Projections.Databases;

/// <summary>What a program answered.</summary>
internal sealed record Finished(int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The line worth repeating to a person: the last that names an error, else the last at all.</summary>
    public string Reason
    {
        get
        {
            var lines = (Error + "\n" + Output).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return lines.LastOrDefault(l => l.Contains("error", StringComparison.OrdinalIgnoreCase) || l.Contains("FATAL", StringComparison.Ordinal))
                ?? lines.LastOrDefault()
                ?? $"exit code {ExitCode}";
        }
    }
}

/// <summary>Runs a program to its end within a bound, with nothing on its input.</summary>
internal static class Subprocess
{
    /// <summary>Null when there is no such program.</summary>
    public static async Task<Finished?> TryRun(string file, IEnumerable<string> arguments, TimeSpan bound, string? folder = null, CancellationToken cancel = default)
    {
        var info = new ProcessStartInfo(file)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // A server must not be started in a folder its user may not enter.
            WorkingDirectory = folder ?? Path.GetPathRoot(Path.GetTempPath())!,
        };
        foreach (var argument in arguments)
            info.ArgumentList.Add(argument);
        info.Environment["LC_ALL"] = "C";
        // Settings of a person's shell must not lead our server's tools elsewhere.
        foreach (var name in info.Environment.Keys.Where(k => k.StartsWith("PG", StringComparison.Ordinal)).ToList())
            info.Environment.Remove(name);
        using var process = new Process { StartInfo = info };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return null;
        }

        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(bound);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new Finished(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return new Finished(-1, "", $"no answer within {bound.TotalSeconds:0} seconds");
        }
    }

    /// <summary>Like <see cref="TryRun"/>, but a missing program is a failed one.</summary>
    public static async Task<Finished> Run(string file, IEnumerable<string> arguments, TimeSpan bound, string? folder = null, CancellationToken cancel = default) =>
        await TryRun(file, arguments, bound, folder, cancel) ?? new Finished(-1, "", $"error: {file} is not there or cannot be run");
}
