using System.CommandLine;
using Countersign.Cli.Processes;
using Countersign.Integration.Tests.Api;
using Countersign.Integration.Tests.Databases;
using Shouldly;
using Spectre.Console;
using Xunit;

namespace Countersign.Integration.Tests.Processes;

/// <summary><c>countersign import</c> against the running service.</summary>
public sealed class ImportCommandTests(RunningService service) : IDisposable
{
    private const string Loan = """
        <?xml version="1.0" encoding="ISO-8859-1"?>
        <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="urn:t">
          <process id="loan" name="Kreditprüfung" isExecutable="true">
            <startEvent id="b" /><sequenceFlow id="f" sourceRef="b" targetRef="u" />
            <userTask id="u" name="Prüfen" camunda:assignee="${urgent ? boss : approver}" /><sequenceFlow id="g" sourceRef="u" targetRef="e" /><endEvent id="e" />
          </process>
        </definitions>
        """;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_edit_is_printed_and_the_file_written_can_be_published()
    {
        var file = Path.Combine(_folder.Path, "loan.bpmn");
        await File.WriteAllTextAsync(file, Loan, System.Text.Encoding.Latin1, Cancel);
        var target = Path.Combine(_folder.Path, "out.bpmn");

        var (exit, printed) = await Import("dora", file, "--out", target);

        exit.ShouldBe(ImportCommand.Written, printed);
        printed.ShouldContain("- ${urgent ? boss : approver}");
        printed.ShouldContain("+ =if urgent then boss else approver");
        printed.ShouldContain("'loan' runs after 1 edits");
        var written = await File.ReadAllTextAsync(target, Cancel);
        written.ShouldContain("Prüfen");
        written.ShouldContain("assignee=\"=if urgent then boss else approver\"");
        var published = await service.Send("POST", "/v1/processes", "dora", System.Text.Json.JsonSerializer.Serialize(new { bpmn = written }), cancel: Cancel);
        published.Status.ShouldBe(201, published.Body);
        published.Json.GetProperty("name").GetString().ShouldBe("Kreditprüfung");
    }

    [Fact]
    public async Task A_file_that_is_refused_says_why_and_writes_nothing()
    {
        var file = Path.Combine(_folder.Path, "code.bpmn");
        await File.WriteAllTextAsync(file, Loan.Replace("""<sequenceFlow id="g" sourceRef="u" targetRef="e" />""",
            """<sequenceFlow id="g" sourceRef="u" targetRef="e"><conditionExpression>${bean.decide()}</conditionExpression></sequenceFlow>""", StringComparison.Ordinal), System.Text.Encoding.Latin1, Cancel);
        var target = Path.Combine(_folder.Path, "none.bpmn");

        var (exit, printed) = await Import("dora", file, "--out", target);

        exit.ShouldBe(ImportCommand.Refused, printed);
        printed.ShouldContain("flow.condition-language");
        File.Exists(target).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_may_not_publish_may_not_import()
    {
        var file = Path.Combine(_folder.Path, "loan.bpmn");
        await File.WriteAllTextAsync(file, Loan, System.Text.Encoding.Latin1, Cancel);
        (await Import("tess", file)).Exit.ShouldBe(ImportCommand.CannotRun);
    }

    private async Task<(int Exit, string Printed)> Import(string who, params string[] arguments)
    {
        await service.Start(Cancel);
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No });
        console.Profile.Width = 1000;
        var exit = await ImportCommand.Create(console).Parse([.. arguments, "--url", service.Address.ToString(), "--key", await service.Token(who)]).InvokeAsync(cancellationToken: Cancel);
        return (exit, output.ToString());
    }
}
