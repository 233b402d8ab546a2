using System.Text;
using Countersign.Domain.Processes;
using Countersign.Domain.Processes.Import;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

public sealed class ImportTests
{
    [Theory]
    [InlineData("${approved}", "=approved")]
    [InlineData("#{ order.total >= 1000.5 && !order.paid }", "=order.total >= 1000.5 and order.paid != true")]
    [InlineData("${a == 'x' or b eq \"y\"}", "=a = \"x\" or b = \"y\"")]
    [InlineData("${not (a and b)}", "=not((a and b))")]
    [InlineData("${(a or b) && c}", "=(a or b) and c")]
    [InlineData("${items[0].name != null}", "=items[1].name != null")]
    [InlineData("${map['key'] lt 3}", "=map.key < 3")]
    [InlineData("${x > 3 ? 'high' : 'low'}", "=if x > 3 then \"high\" else \"low\"")]
    [InlineData("Dear ${name}, it's ${day}", "=\"Dear \" + string(name) + \", it's \" + string(day)")]
    [InlineData("${'a } \"b\" \\'c\\''}", "=\"a } \\\"b\\\" 'c'\"")]
    [InlineData("${dateTime().plusWeeks(2).minusHours(1).toDate()}", "=now() + duration(\"P14D\") - duration(\"PT1H\")")]
    [InlineData("${customer.prop(\"age\").numberValue() >= 21}", "=customer.age >= 21")]
    [InlineData("${not people.isEmpty()}", "=not(count(people) = 0)")]
    [InlineData("${nrOfCompletedInstances / nrOfInstances > 0.5}", "=numberOfCompletedInstances / numberOfInstances > 0.5")]
    [InlineData("${list[0] + loopCounter}", "=list[1] + (loopCounter - 1)")]
    public void Simple_juel_becomes_feel(string juel, string feel)
    {
        Juel.Translate(juel, out var problem).ShouldBe(feel, problem);
        ProcessExpression.Compile(feel, out var wrong).ShouldNotBeNull(wrong);
    }

    [Theory]
    [InlineData("${bean.decide(order)}")]
    [InlineData("${execution.getVariable('x')}")]
    [InlineData("${task.name}")]
    [InlineData("${empty list}")]
    [InlineData("${a ==}")]
    [InlineData("${a")]
    [InlineData("${list[i]}")]
    [InlineData("${a b}")]
    [InlineData("${'unended}")]
    [InlineData("${for > 1}")]
    public void Code_and_broken_juel_are_not_translated(string juel)
    {
        Juel.Translate(juel, out var problem).ShouldBeNull();
        problem!.Length.ShouldBeGreaterThan(10);
    }

    [Fact]
    public void Nesting_without_end_is_refused_without_a_crash()
    {
        Juel.Translate("${" + new string('(', 1500) + "a}", out var parentheses).ShouldBeNull();
        parentheses.ShouldBe("It is nested too deep.");
        Juel.Translate("${" + new string('!', 1500) + "a}", out var nots).ShouldBeNull();
        nots.ShouldBe("It is nested too deep.");
    }

    [Fact]
    public void What_means_the_same_is_read_as_it_stands()
    {
        var import = Import("""
            <bpmn:userTask id="u" camunda:assignee="ana" camunda:candidateGroups="clerks" camunda:asyncBefore="true" camunda:formKey="embedded:app:x.html" />
            <bpmn:serviceTask id="q" camunda:type="external" camunda:topic="pay" />
            <bpmn:serviceTask id="c" camunda:class="com.example.Archive"><bpmn:extensionElements><camunda:field name="to" stringValue="cold" /></bpmn:extensionElements></bpmn:serviceTask>
            <bpmn:serviceTask id="d" camunda:delegateExpression="${archive}"><bpmn:multiInstanceLoopCharacteristics camunda:collection="orders" camunda:elementVariable="order" /></bpmn:serviceTask>
            """, "u", "q", "c", "d");
        import.Edits.ShouldBeEmpty(string.Join('\n', ProcessCompiler.Compile(Sources(import.Bpmn ?? default)).Findings));
        import.Findings.Select(f => f.Rule).ShouldContain("extension.job");
        var graph = Compile(import.Bpmn!.Value).Graph!;
        var user = graph.Node("u")!.Detail.ShouldBeOfType<UserTaskDetail>();
        user.Assignee!.Text.ShouldBe("ana");
        user.Groups!.Text.ShouldBe("clerks");
        graph.JobTypes.Order(StringComparer.Ordinal).ShouldBe(["archive", "com.example.Archive", "pay"]);
        graph.Node("c")!.Detail.ShouldBeOfType<JobDetail>().Headers["to"].ShouldBe("cold");
    }

    [Fact]
    public void Expressions_and_code_are_changed_and_every_change_is_named()
    {
        var import = Import("""
            <bpmn:userTask id="u" camunda:assignee="${urgent ? boss : approver}" camunda:candidateGroups="${group}" camunda:dueDate="${calendar.next()}" />
            <bpmn:scriptTask id="s" scriptFormat="groovy"><bpmn:script>sum = a + b</bpmn:script></bpmn:scriptTask>
            <bpmn:serviceTask id="x" camunda:expression="${orders.apply()}"><bpmn:extensionElements><camunda:executionListener class="L" event="start" /></bpmn:extensionElements></bpmn:serviceTask>
            <bpmn:serviceTask id="n" />
            """, "u", "s", "x", "n");
        import.Bpmn.ShouldNotBeNull(string.Join('\n', import.Findings));
        import.Edits.ShouldContain(new ImportEdit("import.expression", "u", false, "'assignee' of 'u' was translated to FEEL.", "${urgent ? boss : approver}", "=if urgent then boss else approver"));
        import.Edits.ShouldNotContain(e => e.Before == "${group}", "what is read as it stands is left alone");
        import.Edits.ShouldContain(e => e.Rule == "import.removed" && e.ElementId == "u" && e.NeedsAttention && e.Before == "${calendar.next()}");
        import.Edits.ShouldContain(e => e.Rule == "import.job" && e.ElementId == "s" && e.Before == "sum = a + b" && e.After == "s" && e.NeedsAttention);
        import.Edits.ShouldContain(e => e.Rule == "import.job" && e.ElementId == "x" && e.Before == "expression=\"${orders.apply()}\"");
        import.Edits.ShouldContain(e => e.Rule == "import.removed" && e.ElementId == "x" && e.Before!.Contains("executionListener"));
        import.Edits.ShouldContain(e => e.Rule == "import.job" && e.ElementId == "n" && e.Before == null);
        var user = Compile(import.Bpmn.Value).Graph!.Node("u")!.Detail.ShouldBeOfType<UserTaskDetail>();
        (user.Assignee!.Text, user.Groups!.Text).ShouldBe(("=if urgent then boss else approver", "${group}"));
        Encoding.UTF8.GetString(import.Bpmn.Value.Span).ShouldContain("sum = a + b", Case.Sensitive, "the script stays for the one who writes the worker");
    }

    [Fact]
    public void An_imported_file_imports_again_unchanged()
    {
        var first = Import("<bpmn:scriptTask id=\"s\" scriptFormat=\"groovy\"><bpmn:script>x</bpmn:script></bpmn:scriptTask>", "s");
        var second = ProcessImport.Import(Sources(first.Bpmn!.Value));
        second.Edits.ShouldBeEmpty();
        second.Bpmn!.Value.ToArray().ShouldBe(first.Bpmn.Value.ToArray());
    }

    [Fact]
    public void A_condition_that_calls_code_refuses_the_file_where_it_stands()
    {
        var import = Import("""
            <bpmn:exclusiveGateway id="g" default="no" />
            <bpmn:sequenceFlow id="yes" sourceRef="g" targetRef="e"><bpmn:conditionExpression>${bean.decide(order)}</bpmn:conditionExpression></bpmn:sequenceFlow>
            <bpmn:sequenceFlow id="no" sourceRef="g" targetRef="e" />
            """, "g");
        import.Bpmn.ShouldBeNull();
        import.Findings.ShouldContain(f => f.Severity == FindingSeverity.Error && f.ElementId == "yes" && f.Rule == "flow.condition-language");
    }

    [Fact]
    public void An_import_keeps_the_diagram_foreign_extensions_comments_and_white_space()
    {
        const string Around = "\n  <!-- kept -->\n  <bpmndi:BPMNDiagram id=\"d\"   >\n\t<bpmndi:BPMNPlane bpmnElement=\"p\" /></bpmndi:BPMNDiagram><?tool x?>\n";
        var text = Text("<bpmn:task id=\"t\" name=\"a&#10;b\" colour:fill=\"#fff\" /><bpmn:serviceTask id=\"n\" />", ["t", "n"]).Replace("</bpmn:definitions>", Around + "</bpmn:definitions>", StringComparison.Ordinal);
        var import = ProcessImport.Import(Sources(Encoding.UTF8.GetBytes(text)));
        var written = Encoding.UTF8.GetString(import.Bpmn!.Value.Span);
        written.ShouldContain("<!-- kept -->");
        written.ShouldContain("<?tool x?>");
        written.ShouldContain("colour:fill=\"#fff\"");
        written.ShouldContain("name=\"a&#xA;b\"");
        written.ShouldContain("<bpmndi:BPMNPlane bpmnElement=\"p\" />");
    }

    [Theory]
    [InlineData("0 0/20 * * * ?", "2026-01-05T09:07:00Z", "2026-01-05T09:20:00Z")]
    [InlineData("0 0/20 * 1/1 * ? *", "2026-01-05T09:40:00Z", "2026-01-05T10:00:00Z")]
    [InlineData("0 30 8 * * MON-FRI", "2026-01-02T09:00:00Z", "2026-01-05T08:30:00Z")]
    [InlineData("0 0 0 29 FEB *", "2026-01-05T09:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("15,45 59 23 31 12 ?", "2026-12-31T23:59:15Z", "2026-12-31T23:59:45Z")]
    public void A_cron_expression_says_when_it_is_next(string text, string after, string next)
    {
        CronText.Parse(text, out var cron).ShouldBeNull();
        cron!.Next(DateTimeOffset.Parse(after, System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(DateTimeOffset.Parse(next, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("0 0 8 * * 1-5")]
    [InlineData("0 0 8 31 FEB *")]
    [InlineData("* * * * *")]
    [InlineData("0 61 8 * * *")]
    [InlineData("0 0/0 8 * * *")]
    [InlineData("0 0 8 L * ?")]
    public void A_cron_expression_that_tools_read_differently_or_never_comes_is_refused(string text) => CronText.Parse(text, out _)!.Length.ShouldBeGreaterThan(10);

    private static ProcessImportResult Import(string inside, params string[] path) => ProcessImport.Import(Sources(Encoding.UTF8.GetBytes(Text(inside, path))));

    private static ProcessCompilation Compile(ReadOnlyMemory<byte> bpmn) => ProcessCompiler.Compile(Sources(bpmn));

    private static ProcessSources Sources(ReadOnlyMemory<byte> bpmn) => new([new ProcessSource(ProcessSourceKind.Bpmn, "process.bpmn", bpmn)]);

    /// <summary>The elements given, in a row from a start to an end event; a gateway makes its own way to the end.</summary>
    private static string Text(string inside, string[] path)
    {
        string[] all = [.. new[] { "b" }.Concat(path)];
        var flows = string.Concat(all.Zip(path.Concat(path[^1] == "g" ? [] : ["e"]), (from, to) => $"<bpmn:sequenceFlow id=\"{from}-{to}\" sourceRef=\"{from}\" targetRef=\"{to}\" />"));
        return $"""
            <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:colour="urn:colour" targetNamespace="urn:t">
            <bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="b" />{inside}<bpmn:endEvent id="e" />{flows}</bpmn:process></bpmn:definitions>
            """;
    }
}
