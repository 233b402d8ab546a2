using System.CommandLine;
using Countersign.Cli.Demo;
using Countersign.Cli.Instances;
using Countersign.Cli.Processes;
using Countersign.Cli.Trail;
using Spectre.Console;

// One line a command; each lives in the folder of its noun.
var root = new RootCommand("The command of auditors and integrators: verify exports, drive a running service.")
{
    VerifyCommand.Create(AnsiConsole.Console),
    DemoCommand.Create(AnsiConsole.Console),
    SamplesCommand.Create(AnsiConsole.Console),
    ImportCommand.Create(AnsiConsole.Console),
    TestRunCommand.Create(AnsiConsole.Console),
    ProcessesCommand.Create(AnsiConsole.Console),
    InstancesCommand.Create(AnsiConsole.Console),
};
var parsed = root.Parse(args);
var exit = await parsed.InvokeAsync();
// 1 means "refused" here, so a call that was not understood must not end with it.
return parsed.Errors.Count > 0 ? 2 : exit;
