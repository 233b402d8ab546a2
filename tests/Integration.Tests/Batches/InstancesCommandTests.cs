using System.Text.Json;
using Countersign.Cli.Instances;
using Countersign.Client.Instances;
using Countersign.Integration.Tests.Api;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Spectre.Console;
using Xunit;

namespace Countersign.Integration.Tests.Batches;

/// <summary><c>countersign instances</c> against the running service.</summary>
public sealed class InstancesCommandTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_migration_is_judged_and_carried_out_from_the_command_line()
    {
        await service.Start(Cancel);
        var dora = service.Act("dora");
        await dora.Processes.PublishAsync(new(TestProcesses.TwoSteps("climigrate", "first"), []), cancellationToken: Cancel);
        var way = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["way"] = JsonSerializer.SerializeToElement("first") };
        var id = (await dora.Instances.StartAsync(new StartInstanceRequest("climigrate", way), cancellationToken: Cancel)).Id;
        await dora.Processes.PublishAsync(new(TestProcesses.TwoSteps("climigrate", "renamed"), []), cancellationToken: Cancel);
        await Eventually.Holds(async () => await dora.Instances.ListAsync(new InstanceFilter("climigrate"), Cancel).AnyAsync(Cancel), "the list shows it");

        var (exit, printed) = await Run("migrate", id.ToString(), "--process", "climigrate", "--to", "2", "--reason", "new law", "--dry-run");
        exit.ShouldBe(InstancesCommand.SomeRefused, printed);
        printed.ShouldContain($"refused {id}:");
        printed.ShouldContain("[instance.not_migratable]");
        (exit, printed) = await Run("migrate", "--process", "climigrate", "--to", "2", "--map", "first=renamed", "--reason", "new law");
        exit.ShouldBe(InstancesCommand.Done, printed);
        printed.ShouldContain("Carried out: 1 of 1 done, 0 refused.");
        (await dora.Instances.GetAsync(id, Cancel)).ProcessVersion.ShouldBe(2);
        (exit, printed) = await Run("cancel", id.ToString(), "--reason", "clean up");
        exit.ShouldBe(InstancesCommand.Done, printed);

        (exit, printed) = await Run("migrate", "--process", "climigrate", "--to", "2", "--map", "first", "--reason", "x");
        (exit, printed.Trim()).ShouldBe((InstancesCommand.CannotRun, "Write --map OLD=NEW, each old element once."));
        (exit, printed) = await Run("suspend", "--process", "nobodys", "--reason", "x");
        exit.ShouldBe(InstancesCommand.CannotRun, printed);
        printed.ShouldContain("Nothing fits the selection");
    }

    [Fact]
    public async Task A_very_long_instance_is_given_more_and_continued_from_the_command_line()
    {
        await service.Start(Cancel);
        var dora = service.Act("dora");
        await dora.Processes.PublishAsync(new(TestProcesses.Again.Replace("\"again\"", "\"clilong\"", StringComparison.Ordinal), []), cancellationToken: Cancel);
        var id = (await dora.Instances.StartAsync(new StartInstanceRequest("clilong"), cancellationToken: Cancel)).Id;
        var (exit, printed) = await Run("raise-limit", id.ToString(), "--limit", "60000", "--reason", "nearly done");
        exit.ShouldBe(InstancesCommand.Done, printed);
        printed.ShouldContain("of 60,000 allowed");
        (exit, printed) = await Run("raise-limit", id.ToString(), "--limit", "100000", "--reason", "more");
        exit.ShouldBe(InstancesCommand.SomeRefused, printed);
        printed.ShouldContain("[instance.limit_range]");
        (exit, printed) = await Run("continue", id.ToString(), "--reason", "it never ends");
        exit.ShouldBe(InstancesCommand.Done, printed);
        var next = (await dora.Instances.GetAsync(id, Cancel)).SuccessorId.ShouldNotBeNull();
        printed.ShouldContain($"{id} goes on as {next}.");
        (exit, printed) = await Run("raise-limit", id.ToString(), "--limit", "70000", "--reason", "x");
        exit.ShouldBe(InstancesCommand.SomeRefused, printed);
        printed.ShouldContain(next.ToString());
        (exit, printed) = await Run("continue", Guid.NewGuid().ToString(), "--reason", "x");
        exit.ShouldBe(InstancesCommand.CannotRun, printed);
        await dora.Instances.CancelAsync(next, new("clean up"), cancellationToken: Cancel);
    }

    private async Task<(int Exit, string Printed)> Run(params string[] args)
    {
        await using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = 4000;
        var exit = await InstancesCommand.Create(console).Parse([.. args, "--url", service.Address.ToString(), "--key", await service.Token("otto")]).InvokeAsync(cancellationToken: Cancel);
        return (exit, text.ToString());
    }
}
