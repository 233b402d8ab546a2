namespace Countersign.Benchmarks.Engines;

/// <summary>The processes that are measured, as an author would write them.</summary>
internal static class BenchProcesses
{
    /// <summary>Type of the job that a worker in this process does.</summary>
    public const string Effect = "countersign:bench-effect";

    /// <summary>Type of the job that goes through Hangfire to a null model.</summary>
    public const string Model = "countersign:bench-model";

    /// <summary>Start, three automatic steps (the first a FEEL script, the way on a FEEL condition), end.</summary>
    public static string W1 { get; } = Process("w1", """
        <bpmn:startEvent id="s"/>
        <bpmn:scriptTask id="a" default="f3"><bpmn:extensionElements><zeebe:script expression="=amount * 1.2" resultVariable="gross"/></bpmn:extensionElements></bpmn:scriptTask>
        <bpmn:task id="b"/><bpmn:task id="c"/><bpmn:endEvent id="e"/><bpmn:endEvent id="small"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a"/>
        <bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="b"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=gross &gt; 100</bpmn:conditionExpression></bpmn:sequenceFlow>
        <bpmn:sequenceFlow id="f3" sourceRef="a" targetRef="small"/>
        <bpmn:sequenceFlow id="f4" sourceRef="b" targetRef="c"/><bpmn:sequenceFlow id="f5" sourceRef="c" targetRef="e"/>
        """);

    /// <summary>Start, automatic step, a person approves, automatic step, end.</summary>
    public static string W2 { get; } = Process("w2", """
        <bpmn:startEvent id="s"/>
        <bpmn:scriptTask id="a"><bpmn:extensionElements><zeebe:script expression="=amount * 1.2" resultVariable="gross"/></bpmn:extensionElements></bpmn:scriptTask>
        <bpmn:userTask id="approve" name="Approve">
          <bpmn:extensionElements><zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="approvers"/></bpmn:extensionElements>
        </bpmn:userTask>
        <bpmn:task id="b"/><bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="approve"/>
        <bpmn:sequenceFlow id="f3" sourceRef="approve" targetRef="b"/><bpmn:sequenceFlow id="f4" sourceRef="b" targetRef="e"/>
        """);

    /// <summary>Three effects after one another, by workers in the process.</summary>
    public static string W1e { get; } = Effects("w1e", Effect, Effect, Effect);

    /// <summary>Three effects after one another, by external workers.</summary>
    public static string W3 { get; } = Effects("w3", "bench:one", "bench:two", "bench:three");

    /// <summary>One inference.</summary>
    public static string W4 { get; } = Effects("w4", Model);

    /// <summary>A job again and again until its result says that it is done.</summary>
    public static string Loop { get; } = Process("loop", """
        <bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="again"/>
        <bpmn:serviceTask id="work"><bpmn:extensionElements><zeebe:taskDefinition type="bench:loop"/></bpmn:extensionElements></bpmn:serviceTask>
        <bpmn:exclusiveGateway id="done" default="f4"/><bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="again"/><bpmn:sequenceFlow id="f2" sourceRef="again" targetRef="work"/><bpmn:sequenceFlow id="f3" sourceRef="work" targetRef="done"/>
        <bpmn:sequenceFlow id="f4" sourceRef="done" targetRef="again"/>
        <bpmn:sequenceFlow id="f5" sourceRef="done" targetRef="e"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=finished</bpmn:conditionExpression></bpmn:sequenceFlow>
        """);

    /// <summary>Waits for a day.</summary>
    public static string Timer { get; } = Process("timer", """
        <bpmn:startEvent id="s"/>
        <bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
        <bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="wait"/><bpmn:sequenceFlow id="f2" sourceRef="wait" targetRef="e"/>
        """);

    private static string Effects(string key, params string[] types)
    {
        var inside = string.Concat(types.Select((type, i) => $"""<bpmn:serviceTask id="t{i}"><bpmn:extensionElements><zeebe:taskDefinition type="{type}"/></bpmn:extensionElements></bpmn:serviceTask>"""));
        var flows = string.Concat(Enumerable.Range(0, types.Length + 1).Select(i =>
            $"""<bpmn:sequenceFlow id="f{i}" sourceRef="{(i == 0 ? "s" : $"t{i - 1}")}" targetRef="{(i == types.Length ? "e" : $"t{i}")}"/>"""));
        return Process(key, $"""<bpmn:startEvent id="s"/>{inside}<bpmn:endEvent id="e"/>{flows}""");
    }

    private static string Process(string id, string inside) => $"""
        <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="urn:bench"><bpmn:process id="{id}" isExecutable="true">{inside}</bpmn:process></bpmn:definitions>
        """;
}
