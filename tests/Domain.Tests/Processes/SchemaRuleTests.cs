using Countersign.Domain.Processes;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

/// <summary>The form of a BPMN file: unknown elements, order, places, values, ids.</summary>
public sealed class SchemaRuleTests
{
    [Theory]
    [InlineData("schema.unknown", FindingSeverity.Error, "u", """<bpmn:startEvent id="s"/><bpmn:userTasks id="u"/>""")]
    [InlineData("schema.unknown", FindingSeverity.Error, "t", """<bpmn:startEvent id="s"/><bpmn:task id="t"><bpmn:colour/></bpmn:task><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t"/>""")]
    [InlineData("schema.value", FindingSeverity.Error, "b", """<bpmn:startEvent id="s"/><bpmn:task id="t"/><bpmn:boundaryEvent id="b" attachedToRef="t" cancelActivity="no"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t"/>""")]
    [InlineData("schema.repeated", FindingSeverity.Error, "f", """<bpmn:startEvent id="s"/><bpmn:task id="t"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t"><bpmn:conditionExpression>=a</bpmn:conditionExpression><bpmn:conditionExpression>=b</bpmn:conditionExpression></bpmn:sequenceFlow>""")]
    [InlineData("schema.place", FindingSeverity.Warning, "t", """<bpmn:startEvent id="s"/><bpmn:task id="t"><bpmn:messageFlow/></bpmn:task><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t"/>""")]
    [InlineData("schema.order", FindingSeverity.Warning, "t", """<bpmn:startEvent id="s"/><bpmn:task id="t"><bpmn:incoming>f</bpmn:incoming><bpmn:documentation>late</bpmn:documentation></bpmn:task><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t"/>""")]
    [InlineData("schema.duplicate-id", FindingSeverity.Warning, "n", """<bpmn:startEvent id="s"/><bpmn:textAnnotation id="n"/><bpmn:textAnnotation id="n"/>""")]
    public void What_is_not_of_BPMNs_form_is_found_with_its_line(string rule, FindingSeverity severity, string element, string inside)
    {
        var finding = Compile(inside).Findings.First(f => f.Rule == rule);
        (finding.Severity, finding.ElementId, finding.Line).ShouldBe((severity, element, 2));
    }

    [Fact]
    public void What_is_in_order_is_not_found()
    {
        var compilation = Compile("""
            <bpmn:documentation>All of it</bpmn:documentation><bpmn:extensionElements/><bpmn:laneSet id="ls"><bpmn:lane id="l"><bpmn:flowNodeRef>s</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
            <bpmn:startEvent id="s"><bpmn:outgoing>f</bpmn:outgoing><bpmn:timerEventDefinition id="d1"><bpmn:timeCycle>R/PT24H</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:startEvent>
            <bpmn:userTask id="t"><bpmn:incoming>f</bpmn:incoming><bpmn:potentialOwner><bpmn:resourceAssignmentExpression><bpmn:formalExpression>="a"</bpmn:formalExpression></bpmn:resourceAssignmentExpression></bpmn:potentialOwner></bpmn:userTask>
            <bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t"/><bpmn:textAnnotation id="n"><bpmn:text>note</bpmn:text></bpmn:textAnnotation>
            """);
        compilation.Findings.ShouldNotContain(f => f.Rule.StartsWith("schema.", StringComparison.Ordinal));
    }

    [Fact]
    public void One_and_zero_mean_true_and_false()
    {
        var graph = Compile("""<bpmn:startEvent id="s"/><bpmn:task id="t"/><bpmn:boundaryEvent id="b" attachedToRef="t" cancelActivity="0"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t"/>""").Graph.ShouldNotBeNull();
        graph.Node("b")!.Interrupting.ShouldBeFalse();
    }

    private static ProcessCompilation Compile(string inside) => ProcessCompiler.Compile(ProcessSources.OfBpmn($"""
        <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"><bpmn:process id="p" isExecutable="true">
        {inside}</bpmn:process></bpmn:definitions>
        """));
}
