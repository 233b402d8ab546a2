using System.Collections.Immutable;
using Countersign.Domain.Decisions;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

public sealed class TaskTests
{
    private static readonly Actor Key = new("key-1", ActorKind.Key, ["operator"], ["approvers"]);

    [Fact]
    public void A_person_of_a_candidate_group_can_claim_release_and_complete()
    {
        var s = Asked();
        var id = s.Task("approve").Id;
        s.Do(new ClaimTask("acmefinance", Scenario.Id, Scenario.Ben, id));
        s.Do(new ClaimTask("acmefinance", Scenario.Id, Scenario.Ben, id)).ShouldBe(Outcome.Nothing);
        Refusals.Of(s.Do(new ClaimTask("acmefinance", Scenario.Id, Scenario.Cleo, id))).ShouldBe((RefusalKind.Conflict, "task.already_claimed"));
        Refusals.Of(s.CompleteTask("approve", Scenario.Cleo, "approve")).ShouldBe((RefusalKind.Conflict, "task.already_claimed"));
        Refusals.Of(s.Do(new ReleaseTask("acmefinance", Scenario.Id, Scenario.Cleo, id))).ShouldBe((RefusalKind.Denied, "task.not_assignee"));
        s.Do(new ReleaseTask("acmefinance", Scenario.Id, Scenario.Otto, id));
        s.Do(new ReleaseTask("acmefinance", Scenario.Id, Scenario.Otto, id)).ShouldBe(Outcome.Nothing);
        s.CompleteTask("approve", Scenario.Cleo, "approve");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void Who_is_no_candidate_is_denied_and_so_is_a_program()
    {
        var s = Asked();
        Refusals.Of(s.CompleteTask("approve", new Actor("eve", ActorKind.Person, [], ["others"]), "approve")).ShouldBe((RefusalKind.Denied, "task.not_candidate"));
        Refusals.Of(s.CompleteTask("approve", Key, "approve")).ShouldBe((RefusalKind.Denied, "task.person_required"));
        s.Do(new ClaimTask("acmefinance", Scenario.Id, Scenario.Ben, s.Task("approve").Id));
        Refusals.Of(s.Do(new ReleaseTask("acmefinance", Scenario.Id, Key, s.Task("approve").Id))).ShouldBe((RefusalKind.Denied, "task.not_assignee"));
    }

    [Fact]
    public void Answering_twice_adds_nothing_and_a_second_person_comes_too_late()
    {
        var s = new Scenario(new GraphBuilder("p").Start().User("approve", "approvers").Service("after", "t").End().Path("start", "approve", "after", "end").Build());
        s.Start();
        var id = s.Task("approve").Id;
        var command = new CompleteTask("acmefinance", Scenario.Id, Scenario.Ben, id, "complete", null, null, Scenario.Vars());
        s.Do(command);
        s.Do(command).ShouldBe(Outcome.Nothing);
        Refusals.Of(s.Do(command with { By = Scenario.Cleo })).ShouldBe((RefusalKind.Conflict, "task.already_completed"));
        Refusals.Of(s.Do(command with { TaskId = InsideId.Of(Scenario.Id, 900) })).ShouldBe((RefusalKind.NotFound, "task.not_found"));
    }

    [Fact]
    public void The_answer_must_be_one_of_the_tasks_verbs_and_a_rejection_needs_a_reason()
    {
        var s = Asked();
        Refusals.Of(s.CompleteTask("approve", Scenario.Ben, "accept")).ShouldBe((RefusalKind.Invalid, "task.unknown_verdict"));
        Refusals.Of(s.CompleteTask("approve", Scenario.Ben, "reject", " ")).ShouldBe((RefusalKind.Invalid, "task.reason_required"));
        Refusals.Of(s.CompleteTask("approve", Scenario.Ben, "override", "because")).ShouldBe((RefusalKind.Invalid, "task.reason_code_required"));
        Refusals.Of(s.CompleteTask("approve", Scenario.Ben, "correct")).ShouldBe((RefusalKind.Invalid, "task.correction_required"));
        s.CompleteTask("approve", Scenario.Ben, "reject", "not ours");
        s.Variable("answer")!.ShouldContain("not ours");
    }

    [Fact]
    public void An_answer_bound_to_what_was_shown_is_refused_when_that_has_changed()
    {
        var s = Asked();
        var shown = new ShownEvidence(TaskView.Of(s.Live, s.Task("approve").Id)!.Digest, TimeSpan.FromSeconds(20), ["d-1"]);
        s.Set(("amount", 2));
        Refusals.Of(s.CompleteTask("approve", Scenario.Ben, "approve", shown: shown)).ShouldBe((RefusalKind.Conflict, "task.view_changed"));
        shown = shown with { Digest = TaskView.Of(s.Live, s.Task("approve").Id)!.Digest };
        Refusals.Of(s.CompleteTask("approve", Scenario.Ben, "approve", shown: shown with { Dwell = TimeSpan.FromSeconds(-1) })).ShouldBe((RefusalKind.Invalid, "task.negative_dwell"));
        s.CompleteTask("approve", Scenario.Ben, "approve", shown: shown);
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void Claiming_does_not_change_what_is_shown()
    {
        var s = Asked();
        var before = TaskView.Of(s.Live, s.Task("approve").Id)!.Digest;
        s.Do(new ClaimTask("acmefinance", Scenario.Id, Scenario.Ben, s.Task("approve").Id));
        TaskView.Of(s.Live, s.Task("approve").Id)!.Digest.ShouldBe(before);
    }

    [Fact]
    public void Whoever_started_the_instance_cannot_sign_even_as_a_candidate_by_claiming_or_by_reassignment()
    {
        var s = Signing();
        var ana = Scenario.Ana with { Groups = ["approvers"] };
        s.Start(("amount", 500));
        var id = s.Task("sign").Id;
        s.Task("sign").Task.SeparateFrom.ShouldBe([new Separation("ana", "initiator")]);
        var before = s.History.Count;
        Refusals.Of(s.Do(new ClaimTask("acmefinance", Scenario.Id, ana, id))).ShouldBe((RefusalKind.Denied, "task.separation_of_duties"));
        Refusals.Of(s.CompleteTask("sign", ana, "approve")).ShouldBe((RefusalKind.Denied, "task.separation_of_duties"));
        Refusals.Of(s.Do(new ReassignTask("acmefinance", Scenario.Id, Scenario.Otto, id, ana, "on holiday"))).ShouldBe((RefusalKind.Denied, "task.separation_of_duties"));
        s.History.Count.ShouldBe(before, "a forbidden attempt leaves no fact in the instance");
    }

    [Fact]
    public void Two_signatures_come_from_two_people()
    {
        var s = Signing();
        s.Start(("amount", 5000));
        s.CompleteTask("sign", Scenario.Ben, "approve");
        Refusals.Of(s.CompleteTask("second", Scenario.Ben, "approve")).ShouldBe((RefusalKind.Denied, "task.separation_of_duties"));
        s.CompleteTask("second", Scenario.Cleo, "approve");
        s.Facts<TaskCompleted>().Last().DutyCheck.ShouldBe("Passed: a different person than initiator (ana), sign (ben).");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void Who_signed_a_parallel_task_meanwhile_is_barred_too()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Parallel("split").User("one", "approvers", separateFrom: ["two"]).User("two", "approvers", separateFrom: ["one"]).Parallel("join").End()
            .Path("start", "split", "one", "join", "end").Path("split", "two", "join").Build());
        s.Start();
        s.CompleteTask("one", Scenario.Ben);
        Refusals.Of(s.CompleteTask("two", Scenario.Ben)).ShouldBe((RefusalKind.Denied, "task.separation_of_duties"));
        s.CompleteTask("two", Scenario.Cleo);
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void Reassigning_needs_the_assignee_or_an_operator_a_reason_and_a_candidate()
    {
        var s = Asked();
        var id = s.Task("approve").Id;
        Refusals.Of(s.Do(new ReassignTask("acmefinance", Scenario.Id, Scenario.Cleo, id, Scenario.Ben, "you do it"))).ShouldBe((RefusalKind.Denied, "task.not_assignee"));
        Refusals.Of(s.Do(new ReassignTask("acmefinance", Scenario.Id, Scenario.Otto, id, Scenario.Ben, ""))).ShouldBe((RefusalKind.Invalid, "task.reason_required"));
        Refusals.Of(s.Do(new ReassignTask("acmefinance", Scenario.Id, Scenario.Otto, id, Scenario.Ana, "help"))).ShouldBe((RefusalKind.Denied, "task.not_candidate"));
        s.Do(new ReassignTask("acmefinance", Scenario.Id, Scenario.Otto, id, Scenario.Ben, "help"));
        s.Do(new ReassignTask("acmefinance", Scenario.Id, Scenario.Otto, id, Scenario.Ben, "help")).ShouldBe(Outcome.Nothing);
        s.Do(new ReassignTask("acmefinance", Scenario.Id, Scenario.Ben, id, Scenario.Cleo, "away tomorrow"));
        s.Task("approve").Task.Assignee.ShouldBe("cleo");
        WaitReasons.Of(s.Graph, s.Live).Single().Sentence.ShouldBe("Waits for cleo to do the task 'approve', taken 2 Mar 2026 09:00 UTC.");
    }

    [Fact]
    public void A_policy_decides_once_and_gateways_branch_on_its_verdict()
    {
        var s = Signing();
        s.Start(("amount", 50));
        s.Path.ShouldBe("start decide verdict booked");
        var recorded = s.Facts<DecisionRecorded>().Single().Decision;
        recorded.Policy.Version.ShouldBe(1);
        s.Variable("decision")!.ShouldContain("\"verdict\":\"accept\"");
        s.Facts<InstanceStarted>().Single().Pinned["approval"].ShouldBe("approval:1");
    }

    [Fact]
    public void The_pinned_policy_version_governs_to_the_end()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("read", "t").Policy("decide", "approval", proposalFrom: "read").End().Path("start", "read", "decide", "end").Build());
        s.Policy(new ScriptedPolicy());
        s.Start(("amount", 1));
        s.Policy(new ScriptedPolicy(2));
        s.CompleteJob("read");
        s.Facts<DecisionRecorded>().Single().Decision.Policy.Version.ShouldBe(1);
    }

    [Fact]
    public void A_pinned_policy_that_is_not_at_hand_is_an_incident()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("read", "t").Policy("decide", "approval").End().Path("start", "read", "decide", "end").Build());
        var policy = new ScriptedPolicy();
        s.Policy(policy);
        s.Start(("amount", 1));
        s.Context = DecideContext.Empty;
        s.CompleteJob("read");
        s.Incident().Incident.Code.ShouldBe("policy.missing");
        s.Policy(policy);
        s.RetryIncident();
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Facts<DecisionRecorded>().Count().ShouldBe(1);
    }

    [Fact]
    public void Without_an_active_policy_version_nothing_starts()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Policy("decide", "approval").End().Path("start", "decide", "end").Build());
        Refusals.Of(s.Start()).ShouldBe((RefusalKind.Invalid, "policy.not_active"));
    }

    [Theory]
    [InlineData("approve", null, ReviewOutcome.Confirmed)]
    [InlineData("correct", "7", ReviewOutcome.Corrected)]
    [InlineData("reject", null, ReviewOutcome.Overridden)]
    public void Countersigning_a_decision_records_how_the_person_related_to_it(string verdict, string? corrected, ReviewOutcome outcome)
    {
        var s = Signing();
        s.Start(("amount", 500));
        s.Task("sign").Task.Why.ShouldBe("The amount decides.");
        s.CompleteTask("sign", Scenario.Ben, verdict, verdict == "reject" ? "wrong" : null, values: corrected is null ? [] : [("amount", corrected)]);
        var review = s.Facts<DecisionReviewed>().Single();
        review.DecisionId.ShouldBe(s.Facts<DecisionRecorded>().Single().Decision.DecisionId);
        review.Review.Outcome.ShouldBe(outcome);
        review.Review.Corrections.Count.ShouldBe(corrected is null ? 0 : 1);
    }

    [Fact]
    public void The_proposal_of_the_named_job_reaches_the_policy()
    {
        var policy = new ScriptedPolicy();
        var s = new Scenario(new GraphBuilder("p").Start().Service("read", "t").Policy("decide", "approval", proposalFrom: "read").End().Path("start", "read", "decide", "end").Build());
        s.Policy(policy);
        s.Start();
        s.FailJob("read");
        var (id, job) = s.Job("read");
        var inference = new InferenceResult("countersign", "reader", "1", null, "in", "d-1", "invoice", 0.9m, ImmutableDictionary<string, decimal>.Empty, [], 0, 0, TimeSpan.FromSeconds(1));
        s.Do(new CompleteJob("acmefinance", Scenario.Id, Actor.System, id, job.Attempt, Scenario.Vars(("amount", 5)), inference));
        policy.Asked[^1].Proposal.ShouldBe(inference);
        policy.Asked[^1].Attempts.ShouldBe(2);
        policy.Asked[^1].Variables["amount"].GetInt32().ShouldBe(5);
    }

    private static Scenario Asked()
    {
        var s = new Scenario(new GraphBuilder("p").Start().User("approve", "approvers", verdicts: ["approve", "correct", "reject", "override"], outputs: [("=taskResult", "answer")]).End()
            .Path("start", "approve", "end").Build());
        s.Start(("amount", 1));
        return s;
    }

    private static Scenario Signing()
    {
        string[] verbs = ["approve", "correct", "reject"];
        var s = new Scenario(new GraphBuilder("p").Start().Policy("decide", "approval").Exclusive("verdict", "verdict-booked").User("sign", "approvers", ["initiator", "second"], verbs, "decide")
            .Exclusive("more", "more-booked").User("second", "approvers", ["initiator", "sign"], verbs, "decide").End("booked").Path("start", "decide", "verdict")
            .Flow("verdict", "booked").Flow("verdict", "sign", "=decision.verdict != \"accept\"").Path("sign", "more").Flow("more", "booked").Flow("more", "second", "=decision.verdict = \"two_people\"")
            .Path("second", "booked").Build());
        s.Policy(new ScriptedPolicy());
        return s;
    }
}
