using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

public sealed class SequenceTests
{
    [Fact]
    public void Three_automatic_steps_run_to_the_end_in_one_command_with_one_fact_a_step()
    {
        var s = new Scenario(new GraphBuilder("w1").Start().Task("a").Task("b").Task("c").End().Path("start", "a", "b", "c", "end").Build());
        s.Start();
        s.Path.ShouldBe("start a b c end");
        s.History.Count.ShouldBe(7);
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_service_task_waits_for_its_job_and_hands_the_result_on()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("read", "demo:read").End().Path("start", "read", "end").Build());
        s.Start(("document", "d-1"));
        var (_, job) = s.Job("read");
        job.Type.ShouldBe("demo:read");
        s.CompleteJob("read", ("total", 12.5));
        s.Variable("total").ShouldBe("12.5");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void Starting_twice_adds_nothing()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("read", "demo:read").End().Path("start", "read", "end").Build());
        s.Start();
        s.Start().ShouldBe(Outcome.Nothing);
    }

    [Fact]
    public void A_parallel_split_and_join_waits_for_both()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Parallel("split").Service("a", "t").Service("b", "t").Parallel("join").End()
            .Path("start", "split", "a", "join", "end").Path("split", "b", "join").Build());
        s.Start();
        s.CompleteJob("a");
        s.Live.Status.ShouldBe(InstanceStatus.Running);
        WaitReasons.Of(s.Graph, s.Live).Select(r => r.Sentence).ShouldContain("Waits for the other branches at 'join': 1 of 2 arrived, not yet from 'b'.");
        s.CompleteJob("b");
        s.Path.ShouldBe("start split a b join end");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }
}
