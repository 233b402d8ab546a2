using System.Reflection;
using Countersign.Projections.Databases;
using Microsoft.AspNetCore.Connections;

namespace Countersign.Api.Hosting;

/// <summary>Runs the service and turns what a person can repair into one sentence and an exit code.</summary>
internal static class StartUp
{
    /// <summary>A wrong setting, a missing tool, a damaged folder: repair and start again.</summary>
    public const int Repairable = 2;

    /// <summary>Whether this process is the service itself, not a test or a tool that hosts it.</summary>
    public static bool IsOwnProcess => Assembly.GetEntryAssembly() == typeof(StartUp).Assembly;

    public static async Task<int> Run(Func<StartUpReport, Task> service)
    {
        // Reason: the one place where the service speaks to its terminal without the log.
#pragma warning disable RS0030
        var (output, errors) = (System.Console.Out, System.Console.Error);
#pragma warning restore RS0030
        try
        {
            await service(new StartUpReport(IsOwnProcess ? output : TextWriter.Null, TimeProvider.System));
            return 0;
        }
        catch (Exception e) when (IsOwnProcess && Repair(e) is { } sentence)
        {
            await errors.WriteLineAsync(StartUpReport.Sentence(sentence));
            return Repairable;
        }
    }

    private static StartUpException? Repair(Exception e) => e switch
    {
        StartUpException known => known,
        IOException { InnerException: AddressInUseException } => new StartUpException(
            $"{DataText(e.Message)}: stop the other program, or choose another address with --urls http://localhost:5081.", e),
        _ => null,
    };

    private static string DataText(string message) => message.TrimEnd('.').ReplaceLineEndings(" ");
}
