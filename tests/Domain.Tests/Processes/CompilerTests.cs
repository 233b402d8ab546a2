using System.Collections.Immutable;
using System.Text;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

public sealed class CompilerTests
{
    private const string Begin = """
        <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:cs="http://countersign.dev/schema/bpmn/1.0" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
        """;

    /// <summary>What stands in the process, the rule that must be found, and where.</summary>
    public static TheoryData<string, string, string?> Wrong => new()
    {
        { """<bpmn:task id="a" /><bpmn:endEvent id="e" /><bpmn:sequenceFlow id="f" sourceRef="a" targetRef="e" />""", "start.missing", "p" },
        { """<bpmn:startEvent id="s" /><bpmn:startEvent id="s2" />""", "start.several", "p" },
        { """<bpmn:startEvent id="s" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="nowhere" />""", "flow.dangling-target", "f" },
        { """<bpmn:startEvent id="s" /><bpmn:sequenceFlow id="f" sourceRef="nowhere" targetRef="s" />""", "flow.dangling-source", "f" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="s" />""", "element.duplicate-id", "s" },
        { """<bpmn:startEvent id="s" /><bpmn:complexGateway id="c" name="Maybe" />""", "element.not-run", "c" },
        { """<bpmn:startEvent id="s" /><bpmn:callActivity id="c" />""", "call.process", "c" },
        { """<bpmn:startEvent id="s"><bpmn:errorEventDefinition /></bpmn:startEvent>""", "element.not-run", "s" },
        { """<bpmn:startEvent id="s" /><bpmn:intermediateThrowEvent id="t"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateThrowEvent>""", "element.not-run", "t" },
        { """<bpmn:startEvent id="s" /><bpmn:endEvent id="e"><bpmn:cancelEventDefinition /></bpmn:endEvent>""", "cancel.place", "e" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a" /><bpmn:boundaryEvent id="b" attachedToRef="a"><bpmn:cancelEventDefinition /></bpmn:boundaryEvent>""", "cancel.place", "b" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a" /><bpmn:boundaryEvent id="b" attachedToRef="a"><bpmn:compensateEventDefinition /></bpmn:boundaryEvent>""", "compensation.handler", "b" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a" isForCompensation="true" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a" />""", "compensation.flow", "f" },
        { """<bpmn:startEvent id="s" /><bpmn:endEvent id="e"><bpmn:compensateEventDefinition activityRef="nothing" /></bpmn:endEvent>""", "reference.run", "e" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a" /><bpmn:boundaryEvent id="b" attachedToRef="a"><bpmn:conditionalEventDefinition /></bpmn:boundaryEvent>""", "condition.missing", "b" },
        { """<bpmn:startEvent id="s" /><bpmn:intermediateCatchEvent id="c"><bpmn:conditionalEventDefinition><bpmn:condition>x.y()</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:intermediateCatchEvent>""", "condition.language", "c" },
        { """<bpmn:startEvent id="s" /><bpmn:intermediateCatchEvent id="c"><bpmn:signalEventDefinition signalRef="lost" /></bpmn:intermediateCatchEvent>""", "signal.not-found", "c" },
        { """<bpmn:startEvent id="s" /><bpmn:endEvent id="c"><bpmn:escalationEventDefinition escalationRef="lost" /></bpmn:endEvent>""", "escalation.not-found", "c" },
        { """<bpmn:startEvent id="s" /><bpmn:adHocSubProcess id="h" />""", "ad-hoc.empty", "h" },
        { """<bpmn:startEvent id="s" /><bpmn:callActivity id="c" calledElement="x"><bpmn:extensionElements><zeebe:calledElement processId="x" bindingType="versionTag" /></bpmn:extensionElements></bpmn:callActivity>""", "call.version", "c" },
        { """<bpmn:startEvent id="s" /><bpmn:callActivity id="c"><bpmn:extensionElements><zeebe:calledElement processId="x" bindingType="deployment" /></bpmn:extensionElements></bpmn:callActivity>""", "extension.not-run", "c" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a"><bpmn:standardLoopCharacteristics /></bpmn:task>""", "loop.endless", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a"><bpmn:standardLoopCharacteristics loopMaximum="0" /></bpmn:task>""", "loop.maximum", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a"><bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>-1</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:task>""", "multi-instance.count", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a"><bpmn:multiInstanceLoopCharacteristics behavior="None"><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:task>""", "multi-instance.behavior", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a"><bpmn:multiInstanceLoopCharacteristics behavior="Complex"><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:task>""", "element.not-run", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a"><bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="items" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:task>""", "multi-instance.collection", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:subProcess id="x" triggeredByEvent="true"><bpmn:startEvent id="i" isInterrupting="false"><bpmn:errorEventDefinition /></bpmn:startEvent></bpmn:subProcess>""", "start.event-sub-process-trigger", "i" },
        { """<bpmn:startEvent id="s" /><bpmn:subProcess id="x" triggeredByEvent="true"><bpmn:startEvent id="i"><bpmn:errorEventDefinition /></bpmn:startEvent></bpmn:subProcess><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" />""", "event-sub-process.flow", "x" },
        { """<bpmn:startEvent id="s" /><bpmn:subProcess id="x" triggeredByEvent="true"><bpmn:startEvent id="i"><bpmn:errorEventDefinition /></bpmn:startEvent></bpmn:subProcess><bpmn:boundaryEvent id="b" attachedToRef="x"><bpmn:errorEventDefinition /></bpmn:boundaryEvent>""", "event-sub-process.boundary", "b" },
        { """<bpmn:startEvent id="s" /><bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition><bpmn:timeCycle>R/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>""", "timer.cycle-place", "t" },
        { """<bpmn:startEvent id="s" /><bpmn:endEvent id="e"><bpmn:signalEventDefinition /></bpmn:endEvent>""", "signal.name", "e" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="m"><bpmn:multiInstanceLoopCharacteristics /></bpmn:task>""", "multi-instance.count", "m" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="m" completionQuantity="0" />""", "activity.completion-quantity", "m" },
        { """<bpmn:startEvent id="s" /><bpmn:subProcess id="m" triggeredByEvent="true" />""", "event-sub-process.start", "m" },
        { """<bpmn:startEvent id="s" /><x:thing xmlns:x="urn:x" id="x" />""", "bpmn.unknown-element", "x" },
        { """<bpmn:startEvent id="s" /><bpmn:serviceTask id="a" camunda:expression="${runtime.exec()}" />""", "extension.not-run", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:serviceTask id="a"><bpmn:extensionElements><camunda:connector /></bpmn:extensionElements></bpmn:serviceTask>""", "extension.not-run", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:serviceTask id="a"><bpmn:extensionElements><zeebe:executionListeners /></bpmn:extensionElements></bpmn:serviceTask>""", "extension.not-run", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:serviceTask id="a"><bpmn:extensionElements><cs:polcy policyId="x" /></bpmn:extensionElements></bpmn:serviceTask>""", "extension.unknown", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:serviceTask id="a" />""", "job.type", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:serviceTask id="a"><bpmn:extensionElements><zeebe:taskDefinition type="t" retries="none" /></bpmn:extensionElements></bpmn:serviceTask>""", "job.retries", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:scriptTask id="a" scriptFormat="javascript"><bpmn:script>x()</bpmn:script></bpmn:scriptTask>""", "script.language", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:scriptTask id="a"><bpmn:script>java.lang.Runtime.getRuntime()</bpmn:script></bpmn:scriptTask>""", "script.language", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:scriptTask id="a"><bpmn:extensionElements><zeebe:script expression="=1 +" resultVariable="r" /></bpmn:extensionElements></bpmn:scriptTask>""", "feel.syntax", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a"><bpmn:conditionExpression>=(</bpmn:conditionExpression></bpmn:sequenceFlow>""", "feel.syntax", "f" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a"><bpmn:conditionExpression>${x + 1 > 2}</bpmn:conditionExpression></bpmn:sequenceFlow>""", "flow.condition-language", "f" },
        { """<bpmn:startEvent id="s" /><bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition><bpmn:timeDuration>R/PT0S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>""", "timer.invalid", "t" },
        { """<bpmn:startEvent id="s" /><bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition><bpmn:timeDuration>P1000000000Y</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>""", "timer.invalid", "t" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a" /><bpmn:boundaryEvent id="t" attachedToRef="a" cancelActivity="false"><bpmn:timerEventDefinition><bpmn:timeCycle>R/PT0S</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>""", "timer.invalid", "t" },
        { """<bpmn:startEvent id="s" /><bpmn:task id="a" /><bpmn:boundaryEvent id="t" attachedToRef="a" cancelActivity="false"><bpmn:timerEventDefinition><bpmn:timeCycle>* * * * *</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>""", "timer.invalid", "t" },
        { """<bpmn:startEvent id="s" /><bpmn:boundaryEvent id="t" attachedToRef="s"><bpmn:errorEventDefinition /></bpmn:boundaryEvent>""", "boundary.host", "t" },
        { """<bpmn:startEvent id="s" /><bpmn:receiveTask id="r" />""", "message.name", "r" },
        { """<bpmn:startEvent id="s" /><bpmn:intermediateThrowEvent id="l"><bpmn:linkEventDefinition name="L" /></bpmn:intermediateThrowEvent>""", "link.target", "l" },
        { """<bpmn:startEvent id="s" /><bpmn:exclusiveGateway id="x" /><bpmn:exclusiveGateway id="y" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" /><bpmn:sequenceFlow id="g" sourceRef="x" targetRef="y" /><bpmn:sequenceFlow id="h" sourceRef="y" targetRef="x" />""", "loop.endless", "x" },
        { """<bpmn:startEvent id="s" /><bpmn:exclusiveGateway id="x" default="f" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" />""", "flow.default", "x" },
        { """<bpmn:startEvent id="s" /><bpmn:endEvent id="e" /><bpmn:task id="a" /><bpmn:sequenceFlow id="f" sourceRef="e" targetRef="a" />""", "flow.from-end", "f" },
        { """<bpmn:startEvent id="s" /><bpmn:subProcess id="sub"><bpmn:startEvent id="i" /></bpmn:subProcess><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="i" />""", "flow.crosses-boundary", "f" },
        { """<bpmn:startEvent id="s" /><bpmn:eventBasedGateway id="g" /><bpmn:task id="a" /><bpmn:sequenceFlow id="f" sourceRef="g" targetRef="a" />""", "event-gateway.target", "a" },
        { """<bpmn:startEvent id="s" /><bpmn:userTask id="u"><bpmn:extensionElements><cs:duty separateFrom="initiator nobody" /></bpmn:extensionElements></bpmn:userTask>""", "duty.unknown", "u" },
        { """<bpmn:startEvent id="s" /><bpmn:userTask id="u"><bpmn:extensionElements><zeebe:formDefinition formId="lost" /></bpmn:extensionElements></bpmn:userTask>""", "form.not-found", "u" },
        { """<bpmn:startEvent id="s" /><bpmn:userTask id="u"><bpmn:extensionElements><cs:countersigns decision="s" /></bpmn:extensionElements></bpmn:userTask>""", "task.countersigns", "u" },
        { """<bpmn:startEvent id="s" /><bpmn:businessRuleTask id="b"><bpmn:extensionElements><zeebe:calledDecision decisionId="lost" resultVariable="r" /></bpmn:extensionElements></bpmn:businessRuleTask>""", "decision.not-found", "b" },
        { """<bpmn:startEvent id="s" /><bpmn:businessRuleTask id="b"><bpmn:extensionElements><cs:policy policyId="x" proposalFrom="s" /></bpmn:extensionElements></bpmn:businessRuleTask>""", "policy.proposal", "b" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_run_is_refused_by_rule_and_place_with_a_remedy(string inside, string rule, string? element)
    {
        var compilation = Compile(inside);
        compilation.Succeeded.ShouldBeFalse();
        var finding = compilation.Findings.FirstOrDefault(f => f.Rule == rule && f.ElementId == element);
        finding.ShouldNotBeNull(string.Join('\n', compilation.Findings));
        finding.Severity.ShouldBe(FindingSeverity.Error);
        finding.Sentence.ShouldEndWith(".");
        finding.Remedy.ShouldEndWith(".");
    }

    [Theory]
    [InlineData("""<bpmn:startEvent id="s" /><bpmn:task id="a" />""", "element.unreachable", "a")]
    [InlineData("""<bpmn:startEvent id="s" /><bpmn:userTask id="u" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="u" />""", "task.unassigned", "u")]
    [InlineData("""<bpmn:startEvent id="s" /><bpmn:exclusiveGateway id="x" /><bpmn:task id="a" /><bpmn:task id="b" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" /><bpmn:sequenceFlow id="g" sourceRef="x" targetRef="a"><bpmn:conditionExpression>=y</bpmn:conditionExpression></bpmn:sequenceFlow><bpmn:sequenceFlow id="h" sourceRef="x" targetRef="b"><bpmn:conditionExpression>=z</bpmn:conditionExpression></bpmn:sequenceFlow>""", "gateway.no-default", "x")]
    [InlineData("""<bpmn:startEvent id="s" /><bpmn:task id="a"><bpmn:potentialOwner /></bpmn:task>""", "element.not-run", "a")]
    public void What_runs_but_looks_wrong_is_a_warning(string inside, string rule, string element)
    {
        var compilation = Compile(inside);
        compilation.Succeeded.ShouldBeTrue(string.Join('\n', compilation.Findings));
        compilation.Findings.ShouldContain(f => f.Rule == rule && f.ElementId == element && f.Severity == FindingSeverity.Warning);
    }

    [Theory]
    [InlineData("""<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>""", "xml.dtd")]
    [InlineData("<a><b></a>", "xml.invalid")]
    [InlineData("", "xml.invalid")]
    [InlineData("not xml", "xml.invalid")]
    [InlineData("<?xml version=\"1.0\" encoding=\"UTF-7\"?><a/>", "xml.encoding")]
    [InlineData("<html/>", "bpmn.not-bpmn")]
    public void What_is_no_process_file_is_refused(string text, string rule) =>
        ProcessCompiler.Compile(ProcessSources.OfBpmn(text)).Findings.Single().Rule.ShouldBe(rule);

    [Fact]
    public void A_file_in_sixteen_bits_and_bytes_that_are_no_text_are_refused()
    {
        Rule(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("<a/>"))).ShouldBe("xml.encoding");
        Rule(Encoding.UTF8.GetBytes("<a>").Append((byte)0xFF).Concat(Encoding.UTF8.GetBytes("</a>"))).ShouldBe("xml.invalid");

        static string Rule(IEnumerable<byte> bytes) => ProcessCompiler.Compile(new ProcessSources([new ProcessSource(ProcessSourceKind.Bpmn, "p", bytes.ToArray())])).Findings.Single().Rule;
    }

    [Fact]
    public void Size_depth_and_number_of_nodes_are_bounded()
    {
        ProcessCompiler.Compile(ProcessSources.OfBpmn(new string(' ', 6 * 1024 * 1024))).Findings.Single().Rule.ShouldBe("xml.too-large");
        var deep = string.Concat(Enumerable.Repeat("<a>", 200_000)) + string.Concat(Enumerable.Repeat("</a>", 200_000));
        ProcessCompiler.Compile(ProcessSources.OfBpmn(deep)).Findings.Single().Rule.ShouldBe("xml.too-deep");
        var many = string.Concat(Enumerable.Range(0, 10_001).Select(i => $"<bpmn:task id=\"t{i}\" />"));
        Compile("""<bpmn:startEvent id="s" />""" + many).Findings.ShouldContain(f => f.Rule == "process.too-large");
    }

    [Fact]
    public void Two_processes_need_one_that_is_executable_and_equal_ids_are_refused()
    {
        var two = Begin + """<bpmn:process id="p"><bpmn:startEvent id="s" /></bpmn:process><bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="s2" /></bpmn:process></bpmn:definitions>""";
        ProcessCompiler.Compile(ProcessSources.OfBpmn(two)).Graph!.Key.ShouldBe("q");
        ProcessCompiler.Compile(ProcessSources.OfBpmn(two) with { ProcessId = "p" }).Graph!.Key.ShouldBe("p");
        ProcessCompiler.Compile(ProcessSources.OfBpmn(two.Replace("\"q\"", "\"p\"", StringComparison.Ordinal))).Findings.ShouldContain(f => f.Rule == "process.duplicate-id");
        ProcessCompiler.Compile(ProcessSources.OfBpmn(two.Replace(" isExecutable=\"true\"", "", StringComparison.Ordinal))).Findings.ShouldContain(f => f.Rule == "process.one-executable");
    }

    [Fact]
    public void The_hash_is_over_every_byte_of_every_file_and_not_over_their_order()
    {
        var sources = Sources("""<bpmn:startEvent id="s" />""");
        var form = new ProcessSource(ProcessSourceKind.Form, "f.json", Encoding.UTF8.GetBytes("""{"id":"f"}"""));
        var both = sources with { Files = sources.Files.Add(form) };
        both.Hash().ShouldBe((both with { Files = [form, .. sources.Files] }).Hash());
        both.Hash().ShouldNotBe(sources.Hash());
        both.Hash().ShouldNotBe((sources with { Files = sources.Files.Add(form with { Name = "g.json" }) }).Hash());
        both.Hash().ShouldMatch("^[0-9a-f]{64}$");
    }

    [Fact]
    public void Missing_lists_of_incoming_and_outgoing_flows_do_not_matter_and_foreign_extensions_stay_without_effect()
    {
        var compilation = Compile("""<bpmn:extensionElements><x:y xmlns:x="urn:x" /></bpmn:extensionElements><bpmn:startEvent id="s" x:color="red" xmlns:x="urn:x" /><bpmn:endEvent id="e" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="e" />""");
        compilation.Findings.ShouldBeEmpty();
        compilation.Graph!.Node("s")!.Outgoing.Single().Target.Id.ShouldBe("e");
    }

    [Fact]
    public void A_decision_table_of_the_version_is_called_by_a_business_rule_task()
    {
        const string Dmn = """
            <definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
              <decision id="rate" name="rate"><variable name="rate" /><decisionTable id="t" hitPolicy="UNIQUE">
                <input id="i"><inputExpression id="ie"><text>amount</text></inputExpression></input><output id="o" />
                <rule id="r1"><inputEntry id="a"><text>&lt; 100</text></inputEntry><outputEntry id="b"><text>"low"</text></outputEntry></rule>
                <rule id="r2"><inputEntry id="c"><text>&gt;= 100</text></inputEntry><outputEntry id="e"><text>"high"</text></outputEntry></rule>
              </decisionTable></decision>
            </definitions>
            """;
        var sources = Sources("""
            <bpmn:startEvent id="s" /><bpmn:businessRuleTask id="b"><bpmn:extensionElements><zeebe:calledDecision decisionId="rate" resultVariable="r" /></bpmn:extensionElements></bpmn:businessRuleTask>
            <bpmn:endEvent id="e" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="b" /><bpmn:sequenceFlow id="g" sourceRef="b" targetRef="e" />
            """);
        var compilation = ProcessCompiler.Compile(sources with { Files = sources.Files.Add(new ProcessSource(ProcessSourceKind.Dmn, "rate.dmn", Encoding.UTF8.GetBytes(Dmn))) });
        var s = new Scenario(compilation.Graph ?? throw new InvalidOperationException(string.Join('\n', compilation.Findings)));
        s.Start(("amount", 150));
        s.Variable("r").ShouldBe("\"high\"");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void Errors_of_reading_of_structure_and_of_expressions_come_in_one_round()
    {
        var findings = Compile("""
            <bpmn:startEvent id="s" /><bpmn:complexGateway id="c" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="c" />
            <bpmn:endEvent id="e" /><bpmn:sequenceFlow id="g" sourceRef="c" targetRef="e" /><bpmn:sequenceFlow id="h" sourceRef="e" targetRef="w" />
            <bpmn:serviceTask id="w" /><bpmn:exclusiveGateway id="x" /><bpmn:sequenceFlow id="i" sourceRef="w" targetRef="x" />
            <bpmn:sequenceFlow id="j" sourceRef="x" targetRef="e"><bpmn:conditionExpression>=1 +</bpmn:conditionExpression></bpmn:sequenceFlow>
            """).Findings.Where(f => f.Severity == FindingSeverity.Error).Select(f => (f.Rule, f.ElementId)).Order().ToList();
        findings.ShouldBe([("element.not-run", "c"), ("feel.syntax", "j"), ("flow.from-end", "h"), ("job.type", "w")]);
    }

    private static ProcessCompilation Compile(string inside) => ProcessCompiler.Compile(Sources(inside));

    private static ProcessSources Sources(string inside) => ProcessSources.OfBpmn(Begin + "<bpmn:process id=\"p\" isExecutable=\"true\">" + inside + "</bpmn:process></bpmn:definitions>");
}
