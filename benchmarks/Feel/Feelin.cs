using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Countersign.Benchmarks.Feel;

/// <summary>Runs the feelin interpreter on Node, in the version that package-lock.json pins.</summary>
internal static class Feelin
{
    /// <summary>Its figures in nanoseconds; null with a sentence when Node or the package is not to be had.</summary>
    public static JsonElement? Measure(int warmUpMs, int roundMs, int rounds, out string note)
    {
        var folder = Folder();
        if (folder is null)
        {
            note = "feelin is left out: benchmarks/Feel/feelin is not in this checkout.";
            return null;
        }

        try
        {
            if (!Directory.Exists(Path.Combine(folder, "node_modules/feelin")) && Run("npm", ["ci", "--no-audit", "--no-fund"], folder, "") is not { Code: 0 })
            {
                note = "feelin is left out: 'npm ci' in benchmarks/Feel/feelin failed. Is the registry reachable?";
                return null;
            }

            var (code, output, error) = Run("node", ["measure.mjs"], folder, JsonSerializer.Serialize(new
            {
                warmUpMs,
                roundMs,
                rounds,
                expression = FeelCases.Expression,
                variables = FeelCases.Variables(),
                expected = true,
                inputs = FeelCases.Inputs,
                tableVariables = FeelCases.TableVariables,
                rules = FeelCases.Rules().Select(r => new { tests = r.Tests, result = r.Result }),
                tableExpected = FeelCases.TableExpected,
            }));
            if (code != 0)
            {
                note = $"feelin is left out: {error.Trim()}";
                return null;
            }

            var found = JsonDocument.Parse(output).RootElement;
            note = $"feelin {found.GetProperty("version").GetString()} on Node {found.GetProperty("node").GetString()}; its tables are loops over its unary tests";
            return found;
        }
        catch (Win32Exception)
        {
            note = "feelin is left out: Node and npm are not installed. Install Node 20 or later to compare.";
            return null;
        }
    }

    private static (int Code, string Output, string Error) Run(string program, string[] arguments, string folder, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    private static string? Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "benchmarks/Feel/feelin");
            if (File.Exists(Path.Combine(path, "package.json")))
                return path;
        }

        return null;
    }
}
