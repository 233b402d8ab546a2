using System.Diagnostics;
using Shouldly;

namespace Countersign.Integration.Tests.Databases;

/// <summary>The service as a process that is expected to end by itself.</summary>
internal static class ServiceRun
{
    private static readonly string Service = Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll");

    public static async Task<(int Code, string Output, string Errors)> ToEnd(IReadOnlyDictionary<string, string> environment, TimeSpan bound, CancellationToken cancel, params string[] arguments)
    {
        // By its full path: a test may take the PATH away.
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : Dotnet(), [Service, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start).ShouldNotBeNull();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(bound);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await output, await errors);
    }

    private static string Dotnet() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(p => Path.Combine(p, "dotnet")).First(File.Exists);
}
