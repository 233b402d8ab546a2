using Countersign.Domain.Instances;
using Countersign.Domain.Instances.Elements;
using Countersign.Domain.Processes;
using Countersign.Testing;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

/// <summary>
/// Why a token waits, in one sentence, for every kind of element that waits. Which kinds do is asked of the code: a behaviour with a reason of its own must
/// have its case here, and a new one without fails.
/// </summary>
public sealed class WaitReasonTests
{
    private const string Message = """<message id="m" name="payment"><extensionElements><zeebe:subscription correlationKey="=order"/></extensionElements></message><signal id="g" name="alarm"/>""";
    private const string Work = """<extensionElements><zeebe:taskDefinition type="bank:pay" retries="3"/></extensionElements>""";
    private const string Inside = """<startEvent id="in"/><sequenceFlow id="i1" sourceRef="in" targetRef="ask"/><userTask id="ask"/>""";
    private const string Undone = """
        <startEvent id="s"/><sequenceFlow id="f0" sourceRef="s" targetRef="book"/><manualTask id="book" name="Book"/>
        <boundaryEvent id="b" attachedToRef="book"><compensateEventDefinition/></boundaryEvent><serviceTask id="unbook" isForCompensation="true"><extensionElements><zeebe:taskDefinition type="bank:pay"/></extensionElements></serviceTask>
        <association id="a" sourceRef="b" targetRef="unbook" associationDirection="One"/><sequenceFlow id="f1" sourceRef="book" targetRef="x"/>
        """;

    /// <summary>What stands at <c>x</c> behind the start, and what is said of it.</summary>
    private static readonly Dictionary<string, (string Element, string Sentence)> Cases = new(StringComparer.Ordinal)
    {
        ["ServiceTask job"] = ($"""<serviceTask id="x" name="Pay">{Work}</serviceTask>""", "Waits for a worker of the type 'bank:pay' to do 'Pay'."),
        ["SendTask job"] = ($"""<sendTask id="x" name="Pay">{Work}</sendTask>""", "Waits for a worker of the type 'bank:pay' to do 'Pay'."),
        ["BusinessRuleTask job"] = ($"""<businessRuleTask id="x" name="Pay">{Work}</businessRuleTask>""", "Waits for a worker of the type 'bank:pay' to do 'Pay'."),
        ["ScriptTask job"] = ($"""<scriptTask id="x" name="Pay">{Work}</scriptTask>""", "Waits for a worker of the type 'bank:pay' to do 'Pay'."),
        ["MessageEnd job"] = ($"""<endEvent id="x" name="Tell">{Work}<messageEventDefinition messageRef="m"/></endEvent>""", "Waits for a worker of the type 'bank:pay' to do 'Tell'."),
        ["MessageThrow job"] = ($"""<intermediateThrowEvent id="x" name="Tell">{Work}<messageEventDefinition messageRef="m"/></intermediateThrowEvent>""", "Waits for a worker of the type 'bank:pay' to do 'Tell'."),
        ["UserTask"] = ("""<userTask id="x" name="Approve"><extensionElements><zeebe:assignmentDefinition candidateGroups="approvers"/><zeebe:taskSchedule dueDate="2026-12-03T09:00:00Z"/></extensionElements></userTask>""", "Waits for the group approvers to do the task 'Approve', due 3 Dec 2026 09:00 UTC."),
        ["ReceiveTask"] = ("""<receiveTask id="x" name="Paid?" messageRef="m"/>""", "Waits at 'Paid?' for the message 'payment' with the key 'A-1'."),
        ["TimerCatch"] = ("""<intermediateCatchEvent id="x" name="Reminder"><timerEventDefinition><timeDate>2026-12-03T09:00:00Z</timeDate></timerEventDefinition></intermediateCatchEvent>""", "Waits until 3 Dec 2026 09:00 UTC for the timer 'Reminder'."),
        ["MessageCatch"] = ("""<intermediateCatchEvent id="x" name="Paid"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>""", "Waits at 'Paid' for the message 'payment' with the key 'A-1'."),
        ["SignalCatch"] = ("""<intermediateCatchEvent id="x" name="Alarm"><signalEventDefinition signalRef="g"/></intermediateCatchEvent>""", "Waits at 'Alarm' for the signal 'alarm'."),
        ["ConditionalCatch"] = ("""<intermediateCatchEvent id="x" name="Enough"><conditionalEventDefinition><condition>=amount &gt; 5</condition></conditionalEventDefinition></intermediateCatchEvent>""", "Waits at 'Enough' until its condition holds."),
        ["MultipleCatch"] = ("""<intermediateCatchEvent id="x" name="Either"><signalEventDefinition signalRef="g"/><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>""", "Waits at 'Either' until 5 Jan 2026 10:00 UTC for the timer 'Either' or for the signal 'alarm'."),
        ["EventBasedGateway"] = ("""
            <eventBasedGateway id="x" name="First"/><sequenceFlow id="e1" sourceRef="x" targetRef="y"/><sequenceFlow id="e2" sourceRef="x" targetRef="z"/>
            <intermediateCatchEvent id="y" name="Paid"><messageEventDefinition messageRef="m"/></intermediateCatchEvent><intermediateCatchEvent id="z" name="Late"><timerEventDefinition><timeDuration>PT1H30S</timeDuration></timerEventDefinition></intermediateCatchEvent>
            """, "Waits at 'First' for whichever comes first: for the message 'payment' with the key 'A-1', or until 5 Jan 2026 10:00:30 UTC for the timer 'Late'."),
        ["SubProcess"] = ($"""<subProcess id="x" name="Trip">{Inside}</subProcess>""", "Waits until everything inside 'Trip' has ended: 1 token inside."),
        ["Transaction"] = ($"""<transaction id="x" name="Trip">{Inside}</transaction>""", "Waits until everything inside 'Trip' has ended: 1 token inside."),
        ["AdHocSubProcess"] = ("""<adHocSubProcess id="x" name="Checks"><userTask id="one"/><userTask id="two"/></adHocSubProcess>""", "Waits until everything inside 'Checks' has ended: 2 tokens inside."),
        ["EventSubProcess"] = ("""
            <intermediateCatchEvent id="x" name="Alarm"><signalEventDefinition signalRef="g"/></intermediateCatchEvent>
            <subProcess id="onTime" name="Too late" triggeredByEvent="true"><startEvent id="es"><timerEventDefinition><timeDuration>PT0S</timeDuration></timerEventDefinition></startEvent><sequenceFlow id="i1" sourceRef="es" targetRef="ask"/><userTask id="ask"/></subProcess>
            """, "Waits until everything inside 'Too late' has ended: 1 token inside."),
        ["CallActivity"] = ("""<callActivity id="x" name="Pay"><extensionElements><zeebe:calledElement processId="payment"/></extensionElements></callActivity>""", "Waits at 'Pay' until the called process 'payment' has ended (instance "),
        ["CompensationThrow"] = (Undone + """<intermediateThrowEvent id="x" name="Undo"><compensateEventDefinition/></intermediateThrowEvent>""", "Waits at 'Undo' until what was done is undone: 1 left."),
        ["CompensationEnd"] = (Undone + """<endEvent id="x" name="Undo"><compensateEventDefinition/></endEvent>""", "Waits at 'Undo' until what was done is undone: 1 left."),
        ["CancelEnd"] = ($"""<startEvent id="s"/><sequenceFlow id="g0" sourceRef="s" targetRef="tx"/><transaction id="tx">{Undone.Replace("id=\"s\"", "id=\"s2\"", StringComparison.Ordinal).Replace("sourceRef=\"s\"", "sourceRef=\"s2\"", StringComparison.Ordinal)}<endEvent id="x" name="Call off"><cancelEventDefinition/></endEvent></transaction><boundaryEvent id="over" attachedToRef="tx"><cancelEventDefinition/></boundaryEvent>""", "Waits at 'Call off' until what was done is undone: 1 left."),
    };

    public static TheoryData<string> Waiting => [.. Cases.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_kind_of_element_that_waits_has_its_case()
    {
        var own = from kind in Enum.GetValues<ElementKind>()
                  from job in (bool[])[false, true]
                  let node = new GraphNode("x", null, kind, 0) { Detail = job ? new JobDetail(ProcessExpression.Literal("t"), ProcessExpression.Literal("1"), []) : null }
                  let behaviour = ElementBehaviours.Of(node).GetType()
                  where behaviour.GetMethod(nameof(ElementBehaviour.WaitReason))!.DeclaringType != typeof(ElementBehaviour)
                  select (kind, isJob: behaviour == typeof(JobTask));
        var kinds = own.Select(o => o.kind + (o.isJob ? " job" : "")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        kinds.ShouldBe(Cases.Keys.Order(StringComparer.Ordinal), "a kind that waits needs a sentence and its case");
    }

    [Theory]
    [MemberData(nameof(Waiting))]
    public void A_token_that_waits_says_why_in_one_sentence(string kind)
    {
        var (element, sentence) = Cases[kind];
        var start = element.Contains("<startEvent id=\"s\"/>", StringComparison.Ordinal) ? "" : """<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/>""";
        var instance = Run(start + element, out var test);
        if (kind == "EventSubProcess")
            test.Run();
        var reason = instance.WaitingFor.SingleOrDefault(w => w.ElementId == (kind == "EventSubProcess" ? "onTime" : "x")).ShouldNotBeNull(string.Join(" ", instance.WaitingFor));
        reason.Sentence.ShouldStartWith(sentence);
        foreach (var said in instance.WaitingFor.Select(w => w.Sentence))
        {
            said.ShouldEndWith(".");
            said.ShouldNotContain("Stopped");
            said.Length.ShouldBeLessThan(300);
        }
    }

    [Fact]
    public void A_task_says_who_has_it_and_since_when()
    {
        var instance = Run("""<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/><userTask id="x" name="Approve"><extensionElements><zeebe:assignmentDefinition candidateGroups="approvers, clerks"/></extensionElements></userTask>""", out var test);
        Only(instance).ShouldBe("Waits for the groups approvers or clerks to do the task 'Approve'.");
        test.Person("ben").In("approvers");
        test.AdvanceBy(TimeSpan.FromMinutes(30));
        instance.Claim("x", "ben").Refusal.ShouldBeNull();
        Only(instance).ShouldBe("Waits for ben to do the task 'Approve', taken 5 Jan 2026 09:30 UTC.");
        instance.Release("x", "ben");
        Only(instance).ShouldBe("Waits for the groups approvers or clerks to do the task 'Approve'.");
    }

    [Fact]
    public void A_failed_attempt_says_when_the_next_is_due_and_the_last_is_an_incident_with_its_reason()
    {
        var instance = Run($"""<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/><serviceTask id="x" name="Pay">{Work}</serviceTask>""", out var test);
        test.Worker("bank:pay").Fails("The bank is closed.");
        test.Step();
        Only(instance).ShouldStartWith("Waits for a worker of the type 'bank:pay' to do 'Pay': attempt 2 of 3, due 5 Jan 2026 09:00:0");
        test.AdvanceBy(TimeSpan.FromHours(1));
        Only(instance).ShouldMatch("^Stopped at 'Pay' with an incident since 5 Jan 2026 09:00:\\d\\d UTC: The bank is closed\\.");
        instance.WaitingFor.Single().IncidentId.ShouldNotBeNull();
    }

    [Fact]
    public void A_join_counts_the_branches_that_have_come()
    {
        var instance = Run("""
            <startEvent id="s"/><sequenceFlow id="f0" sourceRef="s" targetRef="and"/><parallelGateway id="and"/><parallelGateway id="join" name="Join"/>
            <sequenceFlow id="f1" sourceRef="and" targetRef="join"/><sequenceFlow id="f2" sourceRef="and" targetRef="a"/><sequenceFlow id="f3" sourceRef="and" targetRef="b"/>
            <userTask id="a" name="Ana's part"/><userTask id="b" name="Ben's part"/><sequenceFlow id="f4" sourceRef="a" targetRef="join"/><sequenceFlow id="f5" sourceRef="b" targetRef="join"/>
            """, out _);
        instance.WaitingFor.Single(w => w.ElementId == "join").Sentence.ShouldBe("Waits for the other branches at 'Join': 1 of 3 arrived, not yet from 'Ana's part', 'Ben's part'.");
        instance.Complete("a", "ana");
        instance.WaitingFor.Single(w => w.ElementId == "join").Sentence.ShouldBe("Waits for the other branches at 'Join': 2 of 3 arrived, not yet from 'Ben's part'.");
    }

    [Fact]
    public void Repetitions_and_loops_say_how_far_they_are_and_a_suspended_instance_since_when()
    {
        var instance = Run("""<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/><userTask id="x" name="Check"><multiInstanceLoopCharacteristics isSequential="true"><extensionElements><zeebe:loopCharacteristics inputCollection="=[1,2,3]"/></extensionElements></multiInstanceLoopCharacteristics></userTask>""", out _);
        instance.Complete("x", "ana");
        instance.WaitingFor.Select(w => w.Sentence).ShouldBe(["Waits until 'Check' has been done 3 times: 1 of 3 so far.", "Waits for anyone to do the task 'Check'."]);
        instance.Suspend();
        instance.WaitingFor[0].Sentence.ShouldBe("The instance is suspended since 5 Jan 2026 09:00 UTC; it goes on when an operator lets it.");

        var loop = Run("""<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/><userTask id="x" name="Try"><standardLoopCharacteristics><loopCondition>=true</loopCondition></standardLoopCharacteristics></userTask>""", out _);
        loop.Complete("x", "ana");
        loop.WaitingFor[0].Sentence.ShouldBe("Waits until the loop of 'Try' ends: done 1 time so far.");
    }

    [Fact]
    public void A_long_key_is_cut()
    {
        var test = ProcessTest.Of(Bpmn("""<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/><receiveTask id="x" messageRef="m"/>"""));
        Only(test.Start(new { order = new string('k', 200) })).ShouldBe($"Waits at 'x' for the message 'payment' with the key '{new string('k', 80)}…'.");
    }

    private static string Only(TestInstance instance) => instance.WaitingFor.Single().Sentence;

    private static TestInstance Run(string elements, out ProcessTest test)
    {
        test = ProcessTest.Of(Bpmn(elements));
        return test.Start(new { order = "A-1", amount = 1 });
    }

    private static string Bpmn(string elements) => $"""
        <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">
          {Message}<process id="p" isExecutable="true">{elements}</process>
        </definitions>
        """;
}
