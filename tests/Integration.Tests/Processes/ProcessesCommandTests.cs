using Countersign.Cli.Processes;
using Countersign.Integration.Tests.Api;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Spectre.Console;
using Xunit;

namespace Countersign.Integration.Tests.Processes;

/// <summary><c>countersign processes</c> against the running service.</summary>
public sealed class ProcessesCommandTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_version_is_published_rolled_out_widened_and_promoted_from_the_command_line()
    {
        await service.Start(Cancel);
        using var folder = new TemporaryFolder();
        var (first, second) = (Path.Combine(folder.Path, "first.bpmn"), Path.Combine(folder.Path, "second.bpmn"));
        await File.WriteAllTextAsync(first, TestProcesses.TwoSteps("clirollout", "first"), Cancel);
        await File.WriteAllTextAsync(second, TestProcesses.TwoSteps("clirollout", "renamed"), Cancel);

        await Says(ProcessesCommand.Refused, "Publish the first version without a rollout", "publish", first, "--share", "0.1", "--reason", "careful");
        await Says(ProcessesCommand.Done, "'clirollout' has version 1: it is in force.", "publish", first);
        await Says(ProcessesCommand.CannotRun, "Nothing of 'clirollout' is being rolled out", "promote", "clirollout", "--reason", "x");
        await Says(ProcessesCommand.CannotRun, "Say with --reason why", "publish", second, "--share", "10%");
        await Says(ProcessesCommand.CannotRun, "Write the share as 0.1 or 10%.", "publish", second, "--share", "a tenth", "--reason", "x");
        await Says(ProcessesCommand.Refused, "A share is more than 0 and less than 1", "publish", second, "--share", "100%", "--reason", "x");
        await Says(ProcessesCommand.Done, "Version 2 is rolled out to 10 % of the starts: careful", "publish", second, "--share", "10%", "--reason", "careful");
        await Says(ProcessesCommand.Done, "version 2: 0 started, 0 completed, 0 cancelled, 0 stuck, 0 incidents so far", "rollout", "clirollout");
        await Says(ProcessesCommand.Done, "Version 2 is rolled out to starters in clerks, nobodies: only them", "rollout", "clirollout", "--groups", "clerks", "nobodies", "--reason", "only them");
        await Says(ProcessesCommand.Done, "Nobody belongs to the group 'nobodies' now", "rollout", "clirollout");
        await Says(ProcessesCommand.Done, "Version 2 of 'clirollout' is in force.", "promote", "clirollout", "--reason", "it went well");
        await Says(ProcessesCommand.CannotRun, "Nothing of 'clirollout' is being rolled out", "withdraw", "clirollout", "--reason", "late");
    }

    [Theory]
    [InlineData("0.1", "0.1")]
    [InlineData("12.5%", "0.125")]
    [InlineData("10 %", "0.1")]
    [InlineData("0,1", null)]
    [InlineData("-0.1", null)]
    [InlineData("1e-1", null)]
    [InlineData("NaN", null)]
    [InlineData("%", null)]
    [InlineData("", null)]
    public void A_share_is_a_fraction_or_a_percentage(string text, string? share) =>
        ProcessesCommand.Share(text).ShouldBe(share is null ? null : decimal.Parse(share, System.Globalization.CultureInfo.InvariantCulture));

    private async Task Says(int exit, string sentence, params string[] args)
    {
        await using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = 4000;
        var ended = await ProcessesCommand.Create(console).Parse([.. args, "--url", service.Address.ToString(), "--key", await service.Token("dora")]).InvokeAsync(cancellationToken: Cancel);
        ended.ShouldBe(exit, text.ToString());
        text.ToString().ShouldContain(sentence);
    }
}
