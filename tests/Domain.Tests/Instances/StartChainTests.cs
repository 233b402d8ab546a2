using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Testing;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

/// <summary>Processes that start each other by messages and signals stop when they do it without end, and not when they do it now and then.</summary>
public sealed class StartChainTests
{
    private const string Loop = """
        <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:test">
          <bpmn:signal id="again" name="again"/>
          <bpmn:process id="loop" isExecutable="true">
            <bpmn:startEvent id="s"><bpmn:signalEventDefinition signalRef="again"/></bpmn:startEvent>WAIT<bpmn:endEvent id="e"><bpmn:signalEventDefinition signalRef="again"/></bpmn:endEvent>
          </bpmn:process>
        </bpmn:definitions>
        """;

    private static readonly string Straight = Loop.Replace("WAIT", """<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="e"/>""", StringComparison.Ordinal);

    private static readonly string Patient = Loop.Replace("WAIT",
        """
        <bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1M</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
        <bpmn:sequenceFlow id="f" sourceRef="s" targetRef="wait"/><bpmn:sequenceFlow id="g" sourceRef="wait" targetRef="e"/>
        """, StringComparison.Ordinal);

    [Fact]
    public void A_throw_carries_the_chain_on_and_begins_it_anew_after_an_hour()
    {
        var since = Scenario.Monday;
        StartChain.After(null, since).ShouldBe(new StartChain(1, since));
        StartChain.After(new StartChain(7, since), since.AddMinutes(59)).ShouldBe(new StartChain(8, since));
        StartChain.After(new StartChain(100, since), since.AddHours(1)).ShouldBe(new StartChain(1, since.AddHours(1)));
        StartChain.IsFull(null, since).ShouldBeFalse();
        StartChain.IsFull(new StartChain(99, since), since).ShouldBeFalse();
        StartChain.IsFull(new StartChain(100, since), since.AddMinutes(59)).ShouldBeTrue();
        StartChain.IsFull(new StartChain(100, since), since.AddHours(1)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(100, true)]
    public void The_hundredth_of_a_chain_throws_nothing_more_until_the_hour_is_over(int starts, bool stops)
    {
        var s = new Scenario(new GraphBuilder("p").Start().ThrowSignal("tell", "again").End().Path("start", "tell", "end").Build());
        s.Do(new StartInstance("acmefinance", Scenario.Id, Scenario.Ana, "p:1", Scenario.Vars(), Chain: new StartChain(starts, s.Now.AddMinutes(-30))));
        s.Live.Incidents.Count.ShouldBe(stops ? 1 : 0);
        if (stops)
        {
            var incident = s.Incident().Incident;
            incident.Code.ShouldBe("event.chain_too_long");
            incident.ElementId.ShouldBe("tell");
            s.RetryIncident();
            s.Incident().Incident.Code.ShouldBe("event.chain_too_long", "the hour is not over");
            s.Facts<EventThrown>().ShouldBeEmpty();
            s.Now = s.Now.AddMinutes(30);
            s.RetryIncident();
        }

        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        var letter = InstanceMail.Of("acmefinance", s.History, s.Live).OfType<ThrownOutside>().ShouldHaveSingleItem();
        letter.Chain.ShouldBe(stops ? new StartChain(1, s.Now) : new StartChain(100, s.Now.AddMinutes(-30)));
    }

    [Fact]
    public void A_called_instance_belongs_to_the_chain_of_its_caller()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Call("call", "other").End().Path("start", "call", "end").Build());
        var chain = new StartChain(5, s.Now);
        s.Do(new StartInstance("acmefinance", Scenario.Id, Scenario.Ana, "p:1", Scenario.Vars(), Chain: chain));
        InstanceMail.StartOf("acmefinance", s.Live, s.Live.Calls.Keys.Single(), "other:1").Chain.ShouldBe(chain);
    }

    [Fact]
    public void A_process_that_starts_itself_without_end_ends_a_test_run_with_the_reason()
    {
        var test = ProcessTest.Of(Straight);
        test.Signal("again");
        Should.Throw<ProcessTestException>(() => test.RunToEnd()).Message.ShouldContain("100 within an hour are allowed");
    }

    [Fact]
    public void One_that_starts_its_successor_every_minute_goes_on_for_half_a_day()
    {
        var test = ProcessTest.Of(Patient);
        test.Signal("again");
        var started = test.AdvanceBy(TimeSpan.FromHours(12)).Count(s => s.Kind == TestStepKind.Start);
        started.ShouldBe((12 * 60) + 1);
    }
}
