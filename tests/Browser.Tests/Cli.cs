using System.Diagnostics;

namespace Countersign.Browser.Tests;

/// <summary>The auditor's command, as a process of its own.</summary>
internal static class Cli
{
    public static async Task<(int Code, string Said)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [RealService.Built("Cli", "countersign"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("The command did not start.");
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, said + await error);
    }

    /// <summary>Turns over one bit in the middle of a file.</summary>
    public static async Task ChangeOneByte(string file)
    {
        var content = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        content[content.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, content, TestContext.Current.CancellationToken);
    }
}
