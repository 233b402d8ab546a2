namespace Countersign.Integration.Tests.Instances;

/// <summary>Processes of the tests, as an author would write them.</summary>
internal static class TestProcesses
{
    private const string Namespaces = """
        xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:cs="http://countersign.dev/schema/bpmn/1.0"
        """;

    /// <summary>Start, three automatic steps, end.</summary>
    public static string Straight { get; } = Process("straight", """
        <bpmn:startEvent id="s"/><bpmn:task id="a"/><bpmn:task id="b"/><bpmn:task id="c"/><bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="b"/>
        <bpmn:sequenceFlow id="f3" sourceRef="b" targetRef="c"/><bpmn:sequenceFlow id="f4" sourceRef="c" targetRef="e"/>
        """);

    /// <summary>Start, automatic step, a person approves, automatic step, end.</summary>
    public static string Approval { get; } = Process("approval", """
        <bpmn:startEvent id="s"/><bpmn:task id="a"/>
        <bpmn:userTask id="approve" name="Approve">
          <bpmn:extensionElements><zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="approvers"/></bpmn:extensionElements>
        </bpmn:userTask>
        <bpmn:task id="b"/><bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="approve"/>
        <bpmn:sequenceFlow id="f3" sourceRef="approve" targetRef="b"/><bpmn:sequenceFlow id="f4" sourceRef="b" targetRef="e"/>
        """);

    /// <summary>Two people after each other, with personal data.</summary>
    public static string Personal { get; } = Process("personal", """
        <bpmn:extensionElements><cs:dataClasses>
          <cs:dataClass variable="invoice" path="iban" class="personal"/>
          <cs:dataClass variable="applicant" class="personal" subject="customer"/>
        </cs:dataClasses></bpmn:extensionElements>
        <bpmn:startEvent id="s"/>
        <bpmn:serviceTask id="check"><bpmn:extensionElements><zeebe:taskDefinition type="bank:check" retries="2"/>
          <zeebe:ioMapping><zeebe:input source="=invoice.iban" target="account"/><zeebe:output source="=answer" target="checked"/></zeebe:ioMapping></bpmn:extensionElements></bpmn:serviceTask>
        <bpmn:userTask id="approve" name="Approve">
          <bpmn:extensionElements><zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="approvers"/></bpmn:extensionElements>
        </bpmn:userTask>
        <bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="check"/><bpmn:sequenceFlow id="f2" sourceRef="check" targetRef="approve"/>
        <bpmn:sequenceFlow id="f3" sourceRef="approve" targetRef="e"/>
        """);

    /// <summary>A script that makes personal data between two elements, then a person.</summary>
    public static string PersonalScript { get; } = Process("personal-script", """
        <bpmn:extensionElements><cs:dataClasses><cs:dataClass variable="applicant" class="personal" subject="customer"/></cs:dataClasses></bpmn:extensionElements>
        <bpmn:startEvent id="s"/>
        <bpmn:scriptTask id="join"><bpmn:extensionElements><zeebe:script expression="={ name: first + &quot; &quot; + last }" resultVariable="applicant"/></bpmn:extensionElements></bpmn:scriptTask>
        <bpmn:userTask id="approve" name="Approve"><bpmn:extensionElements><zeebe:userTask/></bpmn:extensionElements></bpmn:userTask>
        <bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="join"/><bpmn:sequenceFlow id="f2" sourceRef="join" targetRef="approve"/>
        <bpmn:sequenceFlow id="f3" sourceRef="approve" targetRef="e"/>
        """);

    /// <summary>One job of a type, then end.</summary>
    public static string Job(string key, string type, int retries = 3) => Process(key, $"""
        <bpmn:startEvent id="s"/>
        <bpmn:serviceTask id="work"><bpmn:extensionElements><zeebe:taskDefinition type="{type}" retries="{retries}"/></bpmn:extensionElements></bpmn:serviceTask>
        <bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/><bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="e"/>
        """);

    /// <summary>
    /// A way that is chosen by the variable <c>way</c> (none fits: an incident), then two jobs that nobody works on. The first has a timer only where it is named <c>first</c>.
    /// </summary>
    public static string TwoSteps(string key, string first) => Process(key, $"""
        <bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="which"/>
        <bpmn:serviceTask id="{first}"><bpmn:extensionElements><zeebe:taskDefinition type="ops:nobody"/></bpmn:extensionElements></bpmn:serviceTask>
        <bpmn:serviceTask id="second"><bpmn:extensionElements><zeebe:taskDefinition type="ops:nobody"/></bpmn:extensionElements></bpmn:serviceTask>
        <bpmn:endEvent id="e"/>{(first == "first" ? """<bpmn:boundaryEvent id="late" attachedToRef="first" cancelActivity="false"><bpmn:timerEventDefinition><bpmn:timeDuration>P30D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:endEvent id="nagged"/><bpmn:sequenceFlow id="f5" sourceRef="late" targetRef="nagged"/>""" : "")}
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="which"/>
        <bpmn:sequenceFlow id="f2" sourceRef="which" targetRef="{first}"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=way = "first"</bpmn:conditionExpression></bpmn:sequenceFlow>
        <bpmn:sequenceFlow id="f6" sourceRef="which" targetRef="second"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=way = "second"</bpmn:conditionExpression></bpmn:sequenceFlow>
        <bpmn:sequenceFlow id="f3" sourceRef="{first}" targetRef="second"/><bpmn:sequenceFlow id="f4" sourceRef="second" targetRef="e"/>
        """);

    /// <summary>A person works; a business key belongs to one running instance.</summary>
    public static string OneAtATime { get; } = Process("single", """
        <bpmn:extensionElements><cs:businessKey unique="true"/></bpmn:extensionElements>
        <bpmn:startEvent id="s"/><bpmn:userTask id="work"/><bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/><bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="e"/>
        """);

    /// <summary>Waits for a time, then ends.</summary>
    public static string Timer(string duration) => Process("timer", $"""
        <bpmn:startEvent id="s"/>
        <bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition><bpmn:timeDuration>{duration}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
        <bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="wait"/><bpmn:sequenceFlow id="f2" sourceRef="wait" targetRef="e"/>
        """);

    /// <summary>Comes back every second without end, and does something for each of a list each time.</summary>
    public static string Ticking { get; } = Process("ticking", """
        <bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="again"/>
        <bpmn:task id="each"><bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=for i in 1..many return i" inputElement="one"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:task>
        <bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
        <bpmn:exclusiveGateway id="ever"/><bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="again"/><bpmn:sequenceFlow id="f2" sourceRef="again" targetRef="each"/><bpmn:sequenceFlow id="f6" sourceRef="each" targetRef="wait"/><bpmn:sequenceFlow id="f3" sourceRef="wait" targetRef="ever"/>
        <bpmn:sequenceFlow id="f4" sourceRef="ever" targetRef="again"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=stop != true</bpmn:conditionExpression></bpmn:sequenceFlow>
        <bpmn:sequenceFlow id="f5" sourceRef="ever" targetRef="e"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=stop = true</bpmn:conditionExpression></bpmn:sequenceFlow>
        """);

    /// <summary>The same job again and again, until the variable <c>stop</c> is true.</summary>
    public static string Again { get; } = Process("again", """
        <bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="top"/><bpmn:exclusiveGateway id="ever"/>
        <bpmn:serviceTask id="work"><bpmn:extensionElements><zeebe:taskDefinition type="ops:nobody"/></bpmn:extensionElements></bpmn:serviceTask><bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="top"/><bpmn:sequenceFlow id="f2" sourceRef="top" targetRef="work"/><bpmn:sequenceFlow id="f3" sourceRef="work" targetRef="ever"/>
        <bpmn:sequenceFlow id="f4" sourceRef="ever" targetRef="top"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=stop != true</bpmn:conditionExpression></bpmn:sequenceFlow>
        <bpmn:sequenceFlow id="f5" sourceRef="ever" targetRef="e"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=stop = true</bpmn:conditionExpression></bpmn:sequenceFlow>
        """);

    /// <summary>Calls another process with all variables, then ends.</summary>
    /// <summary>Doubles each number of a list.</summary>
    public static string Many { get; } = Process("many", """
        <bpmn:startEvent id="s"/>
        <bpmn:scriptTask id="double"><bpmn:extensionElements><zeebe:script expression="=one * 2" resultVariable="twice"/></bpmn:extensionElements>
          <bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=for i in 1..many return i" inputElement="one" outputCollection="results" outputElement="=twice"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:scriptTask>
        <bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="double"/><bpmn:sequenceFlow id="f2" sourceRef="double" targetRef="e"/>
        """);

    /// <summary>A job for each number of a list, with a deadline for all together.</summary>
    public static string ManyJobs { get; } = Process("many-jobs", """
        <bpmn:startEvent id="s"/>
        <bpmn:serviceTask id="work"><bpmn:extensionElements><zeebe:taskDefinition type="bank:work"/></bpmn:extensionElements>
          <bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=for i in 1..many return i" inputElement="one" outputCollection="results" outputElement="=done"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:serviceTask>
        <bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/><bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="e"/>
        """);

    public static string Caller(string key, string called) => Process(key, $"""
        <bpmn:startEvent id="s"/><bpmn:callActivity id="call" calledElement="{called}"/><bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="call"/><bpmn:sequenceFlow id="f2" sourceRef="call" targetRef="e"/>
        """);

    /// <summary>Waits for the signal 'alarm'.</summary>
    public static string SignalWaiter { get; } = Process("waiter", """
        <bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="wait"><bpmn:signalEventDefinition signalRef="alarm"/></bpmn:intermediateCatchEvent><bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="wait"/><bpmn:sequenceFlow id="f2" sourceRef="wait" targetRef="e"/>
        """);

    /// <summary>Is started by the signal 'alarm'.</summary>
    public static string SignalStarted { get; } = Process("started", """
        <bpmn:startEvent id="s"><bpmn:signalEventDefinition signalRef="alarm"/></bpmn:startEvent><bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="e"/>
        """);

    /// <summary>Throws the signal 'alarm' with a variable.</summary>
    public static string SignalThrower { get; } = Process("thrower", """
        <bpmn:startEvent id="s"/><bpmn:endEvent id="e"><bpmn:extensionElements><zeebe:ioMapping><zeebe:input source="=level" target="how"/></zeebe:ioMapping></bpmn:extensionElements><bpmn:signalEventDefinition signalRef="alarm"/></bpmn:endEvent>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="e"/>
        """);

    /// <summary>Waits for the message 'paid' with its order as key, then ends.</summary>
    public static string MessageWaiter { get; } = Messaged("paywait", """
        <bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="wait"><bpmn:messageEventDefinition messageRef="paid"/></bpmn:intermediateCatchEvent><bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="wait"/><bpmn:sequenceFlow id="f2" sourceRef="wait" targetRef="e"/>
        """);

    /// <summary>A person works; each message 'paid' is noted beside it.</summary>
    public static string MessageListener { get; } = Messaged("listener", """
        <bpmn:startEvent id="s"/><bpmn:userTask id="work"><bpmn:extensionElements><zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="clerks"/></bpmn:extensionElements></bpmn:userTask><bpmn:endEvent id="e"/>
        <bpmn:boundaryEvent id="note" attachedToRef="work" cancelActivity="false"><bpmn:messageEventDefinition messageRef="paid"/></bpmn:boundaryEvent><bpmn:endEvent id="noted"/>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/><bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="e"/><bpmn:sequenceFlow id="f3" sourceRef="note" targetRef="noted"/>
        """);

    /// <summary>Is started by the message 'paid'.</summary>
    public static string MessageStarted { get; } = Messaged("paystart", """
        <bpmn:startEvent id="s"><bpmn:messageEventDefinition messageRef="paid"/></bpmn:startEvent><bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="e"/>
        """);

    /// <summary>Throws the message 'paid' for its order.</summary>
    public static string MessageThrower { get; } = Messaged("payer", """
        <bpmn:startEvent id="s"/><bpmn:endEvent id="e"><bpmn:extensionElements><zeebe:ioMapping><zeebe:input source="=amount" target="amount"/></zeebe:ioMapping></bpmn:extensionElements><bpmn:messageEventDefinition messageRef="paid"/></bpmn:endEvent>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="e"/>
        """);

    /// <summary>Is started by the message 'paid' and throws it again.</summary>
    public static string MessageLoop { get; } = Messaged("payloop", """
        <bpmn:startEvent id="s"><bpmn:messageEventDefinition messageRef="paid"/></bpmn:startEvent>
        <bpmn:endEvent id="e"><bpmn:extensionElements><zeebe:ioMapping><zeebe:input source="=order" target="order"/></zeebe:ioMapping></bpmn:extensionElements><bpmn:messageEventDefinition messageRef="paid"/></bpmn:endEvent>
        <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="e"/>
        """);

    private static string Messaged(string id, string inside) =>
        $"""<bpmn:definitions {Namespaces} id="d" targetNamespace="urn:test"><bpmn:message id="paid" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="=order"/></bpmn:extensionElements></bpmn:message><bpmn:process id="{id}" isExecutable="true">{inside}</bpmn:process></bpmn:definitions>""";

    internal static string Process(string id, string inside) =>
        $"""<bpmn:definitions {Namespaces} id="d" targetNamespace="urn:test"><bpmn:signal id="alarm" name="alarm"/><bpmn:process id="{id}" isExecutable="true">{inside}</bpmn:process></bpmn:definitions>""";
}
