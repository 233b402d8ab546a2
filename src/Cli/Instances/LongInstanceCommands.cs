using System.CommandLine;
using System.Globalization;
using Countersign.Cli.Demo;
using Countersign.Client;
using Countersign.Client.Instances;
using Spectre.Console;

namespace Countersign.Cli.Instances;

/// <summary><c>countersign instances raise-limit</c> and <c>continue</c>: the two ways out for an instance that has become very long.</summary>
internal static class LongInstanceCommands
{
    public static Command RaiseLimit(IAnsiConsole console)
    {
        var limit = new Option<int>("--limit") { Description = "Facts allowed from now on, up to 90,000.", Required = true };
        var (command, act) = Act("raise-limit", "Allow an instance more facts than the service does by itself; then retry its incident.");
        command.Add(limit);
        command.SetAction((parsed, cancellation) => Run(console, parsed, act, async (client, id, reason) =>
        {
            var view = await client.Instances.RaiseLimitAsync(id, new RaiseInstanceLimitRequest(parsed.GetRequiredValue(limit), reason), cancellationToken: cancellation);
            return string.Create(CultureInfo.InvariantCulture, $"{id}: {view.Version:N0} facts of {view.Growth?.Limit:N0} allowed.");
        }));
        return command;
    }

    public static Command Continue(IAnsiConsole console)
    {
        var (command, act) = Act("continue", "Let an instance go on in a successor, which takes over everything that is open; prints its id.");
        command.SetAction((parsed, cancellation) => Run(console, parsed, act, async (client, id, reason) =>
            $"{id} goes on as {(await client.Instances.ContinueAsync(id, new ContinueInstanceRequest(reason), cancellationToken: cancellation)).SuccessorId}."));
        return command;
    }

    private static (Command Command, Parts Parts) Act(string name, string help)
    {
        var parts = new Parts(
            new Argument<Guid>("ID") { Description = "The instance." },
            new Option<string>("--reason") { Description = "Why; kept in the trail.", Required = true },
            new Option<Uri>("--url") { Description = "Address of the service.", DefaultValueFactory = _ => new Uri("http://localhost:5080"), CustomParser = DemoCommand.Address },
            new Option<string?>("--key") { Description = "API key of an operator; COUNTERSIGN_KEY when left out; the demo program of Development when neither is set." });
        return (new Command(name, help) { parts.Id, parts.Reason, parts.Url, parts.Key }, parts);
    }

    private static async Task<int> Run(IAnsiConsole console, ParseResult parsed, Parts parts, Func<CountersignClient, Guid, string, Task<string>> act)
    {
        var url = parsed.GetRequiredValue(parts.Url);
        try
        {
            using var services = new DemoServices(url, parsed.GetValue(parts.Key) ?? Environment.GetEnvironmentVariable("COUNTERSIGN_KEY"));
            console.WriteLine(await act(services.Client, parsed.GetRequiredValue(parts.Id), parsed.GetRequiredValue(parts.Reason)));
            return InstancesCommand.Done;
        }
        catch (CountersignProblemException error) when (error.Problem.Status is 409 or 412 or 422)
        {
            console.WriteLine($"{error.Problem.Detail} [{error.Problem.Code}]");
            return InstancesCommand.SomeRefused;
        }
        catch (Exception error) when (error is DemoException or CountersignProblemException or HttpRequestException)
        {
            console.WriteLine(error is HttpRequestException ? $"No answer from {url}. Start the service first, or give its address with --url." : error.Message);
            return InstancesCommand.CannotRun;
        }
    }

    private sealed record Parts(Argument<Guid> Id, Option<string> Reason, Option<Uri> Url, Option<string?> Key);
}
