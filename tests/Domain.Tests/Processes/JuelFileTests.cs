using System.Text;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Processes.Import;
using Countersign.Domain.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

/// <summary>Places where JUEL of a file is read as it stands, and where it is not.</summary>
public sealed class JuelFileTests
{
    private const string Next = """<bpmn:sequenceFlow id="f" sourceRef="b" targetRef="a" />""";

    [Fact]
    public void A_person_and_a_time_are_computed_and_a_person_that_is_not_set_is_an_incident()
    {
        var graph = JuelTests.Graph(JuelTests.File($$"""<bpmn:startEvent id="b" /><bpmn:userTask id="a" camunda:assignee="${approver}" camunda:candidateGroups="#{team.groups}" camunda:dueDate="${dateTime().plusDays(3).toDate()}" />{{Next}}"""));
        graph.Node("a")!.Detail.ShouldBeOfType<UserTaskDetail>().Assignee!.Text.ShouldBe("${approver}", "an author sees what stands in the file");
        var s = new Scenario(graph);
        s.Start(("team", new { groups = new[] { "clerks", "leads" } }));
        s.Incident().Incident.Code.ShouldBe("task.assignment");
        s.Incident().Incident.Message.ShouldContain("There is no 'approver' here.");
        s.Set(("approver", "ben"));
        s.RetryIncident();
        var task = s.Task("a").Task;
        (task.Assignee, task.DueAt).ShouldBe(("ben", Scenario.Monday.AddDays(3)));
        task.Groups.ShouldBe(["clerks", "leads"]);
    }

    [Fact]
    public void Repetitions_mappings_topics_and_timers_are_computed()
    {
        var s = new Scenario(JuelTests.Graph(JuelTests.File("""
            <bpmn:startEvent id="b" /><bpmn:sequenceFlow id="f" sourceRef="b" targetRef="a" />
            <bpmn:serviceTask id="a" camunda:type="external" camunda:topic="${kind}">
              <bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="total">${order.total}</camunda:inputParameter><camunda:inputParameter name="isLarge">${total > 1000}</camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements>
              <bpmn:multiInstanceLoopCharacteristics camunda:collection="${lines}" camunda:elementVariable="line"><bpmn:completionCondition>${enough}</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>
            </bpmn:serviceTask>
            <bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="t" /><bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition><bpmn:timeDuration>${wait}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
            """)));
        s.Start(("kind", "check"), ("order", new { total = 1500 }), ("lines", new[] { 1, 2 }), ("enough", true), ("wait", "PT2H"));
        s.Live.Jobs.Values.Select(j => j.Type).ShouldBe(["check", "check"]);
        s.Live.Jobs.Values.ShouldAllBe(j => j.Variables["isLarge"].GetBoolean() && j.Variables["total"].GetInt32() == 1500);
        var (id, job) = s.Live.Jobs.Select(j => (j.Key, j.Value)).First();
        s.Do(new CompleteJob("acmefinance", Scenario.Id, Tenants.Actor.System, id, job.Attempt, Scenario.Vars()));
        s.Live.Jobs.ShouldBeEmpty("the completion condition holds");
        s.Timer("t").Timer.DueAt.ShouldBe(Scenario.Monday.AddHours(2));
    }

    [Fact]
    public void A_called_process_and_a_message_may_be_named_by_a_variable()
    {
        var graph = JuelTests.Graph(JuelTests.File("""
            <bpmn:startEvent id="b" /><bpmn:sequenceFlow id="f" sourceRef="b" targetRef="a" /><bpmn:receiveTask id="a" messageRef="m" /><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="c" />
            <bpmn:callActivity id="c" calledElement="${process}"><bpmn:extensionElements><camunda:in sourceExpression="${order.id}" target="id" /></bpmn:extensionElements></bpmn:callActivity>
            """, """<bpmn:message id="m" name="#{topic}" />"""));
        graph.Calls.ShouldBeEmpty("which one is known when it runs");
        graph.Node("c")!.Inputs.ShouldHaveSingleItem().Source.Text.ShouldBe("${order.id}");
        var s = new Scenario(graph);
        s.Start(("topic", "order-7"), ("process", "billing"), ("order", new { id = 7 }));
        s.Subscription("a").Subscription.MessageName.ShouldBe("order-7");
    }

    [Theory]
    [InlineData("""<bpmn:message id="m" name="order-${id}" />""", """<bpmn:receiveTask id="a" messageRef="m" camunda:asyncBefore="true" />""", "m")]
    [InlineData("""<bpmn:signal id="m" name="${bean.name()}" />""", """<bpmn:intermediateCatchEvent id="a" camunda:asyncBefore="true"><bpmn:signalEventDefinition signalRef="m" /></bpmn:intermediateCatchEvent>""", "m")]
    [InlineData("", """<bpmn:callActivity id="a" calledElement="${bean.key()}" camunda:asyncBefore="true" />""", "a")]
    public void A_name_that_is_not_understood_is_refused_and_a_version_published_before_runs_on(string before, string inside, string element)
    {
        var sources = JuelTests.Sources(JuelTests.File($"""<bpmn:startEvent id="b" />{inside}{Next}""", before));
        var compilation = ProcessCompiler.Compile(sources);
        compilation.Graph.ShouldBeNull();
        compilation.Findings.ShouldContain(f => f.Rule == "expression.juel" && f.Severity == FindingSeverity.Error && f.ElementId == element && f.Remedy.Contains("FEEL"));
        ProcessCompiler.CompilePublished(sources).Graph.ShouldNotBeNull();
    }

    [Fact]
    public void In_the_zeebe_dialect_such_signs_are_plain_text()
    {
        var graph = JuelTests.Graph(JuelTests.File("""
            <bpmn:startEvent id="b" /><bpmn:sequenceFlow id="f" sourceRef="b" targetRef="a" /><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="r" /><bpmn:receiveTask id="r" messageRef="m" />
            <bpmn:serviceTask id="a"><bpmn:extensionElements><zeebe:taskDefinition type="mail" /><zeebe:ioMapping><zeebe:input source="${name}" target="template" /></zeebe:ioMapping></bpmn:extensionElements></bpmn:serviceTask>
            """, """<bpmn:message id="m" name="${x}" />"""));
        var source = graph.Node("a")!.Inputs.ShouldHaveSingleItem().Source;
        (source.IsFeel, source.Text).ShouldBe((false, "${name}"));
        graph.Node("r")!.MessageName.ShouldBe("${x}");
    }

    [Theory]
    [InlineData("""<bpmn:documentation>${note}</bpmn:documentation>""", "", true)]
    [InlineData("", """<bpmn:message id="m" name="${x}" />""", true)]
    [InlineData("", """<bpmn:conditionExpression>${x}</bpmn:conditionExpression>""", false)]
    public void A_file_without_extensions_is_of_the_family_by_its_expressions_not_by_what_stands_in_notes_and_names(string note, string more, bool handsOver)
    {
        var isMessage = more.StartsWith("<bpmn:message", StringComparison.Ordinal);
        var graph = JuelTests.Graph(JuelTests.File($"""
            {note}<bpmn:startEvent id="b" /><bpmn:sequenceFlow id="f" sourceRef="b" targetRef="a" /><bpmn:callActivity id="a" calledElement="other" /><bpmn:task id="t" />
            <bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="t">{(isMessage ? "" : more)}</bpmn:sequenceFlow>
            """, isMessage ? more : ""));
        graph.Node("a")!.Detail.ShouldBeOfType<CallDetail>().AllIn.ShouldBe(handsOver, "the family hands over what is named, plain BPMN everything");
    }

    [Theory]
    [InlineData("""<bpmn:userTask id="a" camunda:assignee="${bean.who()}" />""", "extension.not-run")]
    [InlineData("""<bpmn:userTask id="a" camunda:dueDate="${due + 1}" />""", "extension.not-run")]
    [InlineData("""<bpmn:userTask id="a" camunda:assignee="${dateTime().plusDays(1).toDate()}" />""", "extension.not-run")]
    [InlineData("""<bpmn:serviceTask id="a" camunda:type="external" camunda:topic="${a}-${b}" />""", "extension.not-run")]
    [InlineData("""<bpmn:task id="a"><bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="x">${execution.id}</camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements></bpmn:task>""", "extension.not-run")]
    [InlineData("""<bpmn:intermediateCatchEvent id="a"><bpmn:timerEventDefinition><bpmn:timeDuration>${bean.wait()}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>""", "timer.invalid")]
    [InlineData("""<bpmn:task id="a"><bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>${n + 1}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:task>""", "multi-instance.count")]
    [InlineData("""<bpmn:task id="a"><bpmn:multiInstanceLoopCharacteristics camunda:collection="c"><bpmn:completionCondition>${nrOfCompletedInstances == 1}</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics></bpmn:task>""", "condition.language")]
    [InlineData("""<bpmn:task id="a"><bpmn:multiInstanceLoopCharacteristics camunda:collection="c"><bpmn:completionCondition language="groovy">${done}</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics></bpmn:task>""", "condition.language")]
    [InlineData("""<bpmn:intermediateCatchEvent id="a"><bpmn:conditionalEventDefinition><bpmn:condition>${ready}</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:intermediateCatchEvent>""", "condition.language")]
    public void What_means_something_else_is_refused_where_it_stands(string inside, string rule)
    {
        var findings = ProcessCompiler.Compile(JuelTests.Sources(JuelTests.File($"""<bpmn:startEvent id="b" />{inside}{Next}"""))).Findings;
        findings.ShouldContain(f => f.Severity == FindingSeverity.Error && f.Rule == rule && f.ElementId == "a");
    }

    [Fact]
    public void A_condition_that_is_refused_says_why()
    {
        var finding = ProcessCompiler.Compile(JuelTests.Sources(JuelTests.Gateway("${execution.getVariable(\"x\") == 1}"))).Findings.Single(f => f.Severity == FindingSeverity.Error);
        (finding.Rule, finding.ElementId).ShouldBe(("flow.condition-language", "yes"));
        finding.Sentence.ShouldBe("The condition is not FEEL, and JUEL that is not read as it stands: 'execution' is an object of the other engine.");
    }

    [Fact]
    public void A_task_named_by_an_expression_is_shown_with_it_and_its_author_is_told()
    {
        var compilation = ProcessCompiler.Compile(JuelTests.Sources(JuelTests.File($$"""<bpmn:startEvent id="b" /><bpmn:userTask id="a" name="Do ${what}" camunda:assignee="ana" />{{Next}}""")));
        compilation.Graph!.Node("a")!.Title.ShouldBe("Do ${what}");
        compilation.Findings.ShouldContain(f => f.Rule == "expression.juel" && f.Severity == FindingSeverity.Warning && f.ElementId == "a");
    }

    [Fact]
    public void An_import_keeps_the_order_of_mappings_and_names_that_its_own_additions_would_make_plain_text()
    {
        var import = ProcessImport.Import(JuelTests.Sources(JuelTests.File("""
            <bpmn:startEvent id="b" /><bpmn:sequenceFlow id="f" sourceRef="b" targetRef="a" /><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="r" /><bpmn:receiveTask id="r" messageRef="m" />
            <bpmn:serviceTask id="a" camunda:expression="${bean.run()}"><bpmn:extensionElements><camunda:inputOutput>
              <camunda:inputParameter name="net">${order.net}</camunda:inputParameter><camunda:inputParameter name="gross">${net * 1.2}</camunda:inputParameter><camunda:inputParameter name="isLarge">${gross > 1000}</camunda:inputParameter>
            </camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>
            """, """<bpmn:message id="m" name="${topic}" />""")));
        var graph = JuelTests.Graph(Encoding.UTF8.GetString(import.Bpmn!.Value.Span));
        graph.Node("a")!.Inputs.Select(i => i.Target[0] + i.Source.Text).ShouldBe(["net=order.net", "gross=net * 1.2", "isLarge${gross > 1000}"]);
        import.Edits.ShouldContain(e => e.Rule == "import.expression" && e.Before == "${topic}" && e.After == "=topic");
        graph.Node("r")!.MessageName.ShouldBeNull("it is computed");
    }
}
