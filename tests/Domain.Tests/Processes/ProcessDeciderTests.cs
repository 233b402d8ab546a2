using System.Collections.Immutable;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Countersign.Domain.Trail;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

/// <summary>Publishing and rolling out: one candidate at a time, every act a fact, twice adds nothing.</summary>
public sealed class ProcessDeciderTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    private static readonly Actor Dora = new("dora", ActorKind.Person, [Role.Designer], []);
    private static readonly RolloutTarget Tenth = new(0.1m);

    [Fact]
    public void The_first_version_is_for_all_and_cannot_be_rolled_out()
    {
        var state = After(null, Publish("a"));
        (state.InForce, state.Newest, state.Rollout).ShouldBe((1, 1, null));
        state.Versions[1].Status.ShouldBe(ProcessVersionStatus.InForce);
        Refused(null, Publish("a", Tenth)).Code.ShouldBe("process.rollout_first");
    }

    [Fact]
    public void A_candidate_stands_beside_the_version_in_force_until_it_is_promoted()
    {
        var state = After(After(null, Publish("a")), Publish("b", Tenth));
        (state.InForce, state.Newest, state.Rollout!.Candidate, state.Rollout.Reason).ShouldBe((1, 2, 2, "try"));
        state.Versions[2].Status.ShouldBe(ProcessVersionStatus.Candidate);
        var wider = After(state, new ChangeRollout(2, new RolloutTarget(0.3m), "it goes well", Dora), Now.AddDays(1));
        wider.Rollout.ShouldBe(new OpenRollout(2, wider.Rollout!.Target, Now, Now.AddDays(1), "dora", "it goes well"));
        wider.Rollout.Target.Share.ShouldBe(0.3m);
        var promoted = After(wider, new PromoteVersion(2, "a week without trouble", Dora));
        (promoted.InForce, promoted.Rollout).ShouldBe((2, null));
        promoted.Versions.Values.Select(v => v.Status).ShouldBe([ProcessVersionStatus.Replaced, ProcessVersionStatus.InForce]);
    }

    [Fact]
    public void A_withdrawn_candidate_leaves_the_version_in_force_and_its_number_is_not_given_again()
    {
        var state = After(After(After(null, Publish("a")), Publish("b", Tenth)), new WithdrawVersion(2, "wrong totals", Dora));
        (state.InForce, state.Newest, state.Rollout, state.Versions[2].Status).ShouldBe((1, 2, null, ProcessVersionStatus.Withdrawn));
        var again = After(state, Publish("b", new RolloutTarget(null, ["pilots"])));
        (again.InForce, again.Newest, again.Rollout!.Candidate).ShouldBe((1, 3, 3));
        again.VersionOf("b").Number.ShouldBe(3);
        After(state, Publish("c")).InForce.ShouldBe(3);
    }

    [Fact]
    public void A_second_candidate_is_refused_and_told_what_to_do()
    {
        var state = After(After(null, Publish("a")), Publish("b", Tenth));
        var refusal = Refused(state, Publish("c", Tenth));
        (refusal.Kind, refusal.Code).ShouldBe((RefusalKind.Conflict, "process.rollout_open"));
        refusal.Detail.ShouldContain("promote or withdraw");
        Refused(state, Publish("b", new RolloutTarget(0.2m))).Code.ShouldBe("process.rollout_open", "another share of the same candidate is a change of the rollout");
    }

    [Fact]
    public void A_version_for_all_ends_the_rollout_and_says_so()
    {
        var state = After(After(null, Publish("a")), Publish("b", Tenth));
        var facts = Facts(state, Publish("c"));
        facts[0].ShouldBe(new ProcessVersionWithdrawn(2, 3, "Version 3 was published to all.", "dora", Now));
        facts[1].ShouldBe(new ProcessPublished("invoice", 3, "Invoice", "c", "dora", Now));
        var after = After(state, Publish("c"));
        (after.InForce, after.Rollout, after.Versions[2].Status, after.Versions[1].Status).ShouldBe((3, null, ProcessVersionStatus.Withdrawn, ProcessVersionStatus.Replaced));
    }

    [Fact]
    public void The_candidates_sources_published_to_all_promote_it()
    {
        var state = After(After(null, Publish("a")), Publish("b", Tenth));
        Facts(state, Publish("b")).ShouldBe([new ProcessVersionPromoted(2, 1, "Published to all.", "dora", Now)]);
    }

    [Fact]
    public void What_is_in_force_or_rolled_out_the_same_adds_nothing()
    {
        var state = After(After(null, Publish("a")), Publish("b", new RolloutTarget(null, ["x", "y"])));
        Decide(state, Publish("a")).ShouldBe(Outcome.Nothing, "a repeat of an older publication must not end a rollout");
        Decide(state, Publish("a", Tenth)).ShouldBe(Outcome.Nothing);
        Decide(state, Publish("b", new RolloutTarget(null, ["y", "x"]))).ShouldBe(Outcome.Nothing, "the order of the groups means nothing");
        state.VersionOf("a").Number.ShouldBe(1);
        state.VersionOf("b").Number.ShouldBe(2);
    }

    [Fact]
    public void Each_act_twice_adds_nothing_and_a_closed_rollout_is_a_conflict()
    {
        var state = After(After(null, Publish("a")), Publish("b", Tenth));
        Decide(state, new ChangeRollout(2, new RolloutTarget(0.1m), "again", Dora)).ShouldBe(Outcome.Nothing);
        var promoted = After(state, new PromoteVersion(2, "good", Dora));
        Decide(promoted, new PromoteVersion(2, "good", Dora)).ShouldBe(Outcome.Nothing);
        Refused(promoted, new WithdrawVersion(2, "late", Dora)).Code.ShouldBe("process.rollout_closed");
        Refused(promoted, new ChangeRollout(2, Tenth, "late", Dora)).Detail.ShouldContain("it is in force");
        Refused(promoted, new PromoteVersion(1, "back", Dora)).Detail.ShouldContain("another has taken its place");
        var withdrawn = After(state, new WithdrawVersion(2, "bad", Dora));
        Decide(withdrawn, new WithdrawVersion(2, "bad", Dora)).ShouldBe(Outcome.Nothing);
        Refused(withdrawn, new PromoteVersion(2, "late", Dora)).Detail.ShouldContain("it was withdrawn");
        Refused(withdrawn, new PromoteVersion(9, "none", Dora)).Kind.ShouldBe(RefusalKind.NotFound);
        Refused(null, new WithdrawVersion(1, "none", Dora)).Kind.ShouldBe(RefusalKind.NotFound);
    }

    [Theory]
    [InlineData("0", "process.rollout_share")]
    [InlineData("1", "process.rollout_share")]
    [InlineData("-0.1", "process.rollout_share")]
    [InlineData("1.5", "process.rollout_share")]
    [InlineData("0.00001", "process.rollout_share")]
    [InlineData("0.12345", "process.rollout_share")]
    [InlineData("79228162514264337593543950335", "process.rollout_share")]
    [InlineData(null, "process.rollout_target")]
    public void Nonsense_for_a_share_is_refused_with_its_own_code(string? share, string code)
    {
        var state = After(After(null, Publish("a")), Publish("b", Tenth));
        var target = new RolloutTarget(share is null ? null : decimal.Parse(share, System.Globalization.CultureInfo.InvariantCulture));
        Refused(After(null, Publish("a")), Publish("b", target)).ShouldSatisfyAllConditions(r => r.Kind.ShouldBe(RefusalKind.Invalid), r => r.Code.ShouldBe(code));
        Refused(state, new ChangeRollout(2, target, "try", Dora)).Code.ShouldBe(code);
    }

    [Fact]
    public void Nonsense_for_groups_is_refused_and_so_are_both_at_once_and_no_reason()
    {
        var state = After(null, Publish("a"));
        string Code(RolloutTarget target, string? reason = "try") => Refused(state, Publish("b", target, reason)).Code;
        Code(new RolloutTarget(null, [.. Enumerable.Range(0, 1_000).Select(i => "g" + i)])).ShouldBe("process.rollout_groups");
        Code(new RolloutTarget(null, ["a", "a"])).ShouldBe("process.rollout_groups");
        Code(new RolloutTarget(null, ["No such name"])).ShouldBe("process.rollout_groups");
        Code(new RolloutTarget(null, [null!])).ShouldBe("process.rollout_groups");
        Code(new RolloutTarget(null, [""])).ShouldBe("process.rollout_groups");
        Code(new RolloutTarget(0.1m, ["a"])).ShouldBe("process.rollout_target");
        Code(Tenth, " ").ShouldBe("process.reason_missing");
        Code(Tenth, null).ShouldBe("process.reason_missing");
        Code(Tenth, new string('x', 2_001)).ShouldBe("process.reason_missing");
        Decide(state, Publish("b", new RolloutTarget(null, [.. Enumerable.Range(0, 50).Select(i => "g" + i)]))).ShouldBeOfType<Outcome.Facts>();
        Decide(state, Publish("b", new RolloutTarget(0.0001m))).ShouldBeOfType<Outcome.Facts>();
        Decide(state, Publish("b", new RolloutTarget(0.9999m))).ShouldBeOfType<Outcome.Facts>();
    }

    [Fact]
    public void An_auditor_reads_who_rolled_out_what_to_whom_and_why()
    {
        static string? Of(object fact) => AuditSentences.Of(fact);
        Of(new ProcessPublished("invoice", 2, "Invoice", "h", "dora", Now, new RolloutTarget(0.125m), "try it")).ShouldBe("dora published version 2 of the process 'Invoice' for 12.5 % of starts: try it");
        Of(new ProcessRolloutChanged(2, new RolloutTarget(null, ["lab", "pilots"]), "only them", "dora", Now)).ShouldBe("dora let version 2 of the process start for starters in the groups lab, pilots: only them");
        Of(new ProcessVersionPromoted(2, 1, "a good week", "dora", Now)).ShouldBe("dora put version 2 of the process in force for all, in the place of version 1: a good week");
        Of(new ProcessVersionWithdrawn(2, null, "wrong totals", "dora", Now)).ShouldBe("dora withdrew version 2 of the process: wrong totals");
    }

    /// <summary>Random acts: one version is in force, at most one is a candidate, numbers have no gaps, and asked twice nothing is added.</summary>
    [Fact]
    public void Whatever_is_asked_one_version_is_in_force_and_one_at_most_is_a_candidate() => Gen.Select(Gen.Int[0, 5], Gen.Int[1, 6], Gen.Int[0, 4]).List[1, 40].Sample(acts =>
    {
        ProcessState? state = null;
        foreach (var (kind, version, content) in acts)
        {
            Outcome Ask(ProcessState? s) => kind switch
            {
                0 or 1 => Decide(s, Publish("h" + content)),
                2 => Decide(s, Publish("h" + content, new RolloutTarget(0.1m * (content + 1)))),
                3 => Decide(s, new ChangeRollout(version, new RolloutTarget(0.15m * (content + 1)), "r", Dora)),
                4 => Decide(s, new PromoteVersion(version, "r", Dora)),
                _ => Decide(s, new WithdrawVersion(version, "r", Dora)),
            };
            if (Ask(state) is not Outcome.Facts facts)
                continue;
            state = facts.Events.Cast<IProcessEvent>().Aggregate(state, ProcessState.Evolve)!;
            if (Ask(state) is Outcome.Facts)
                return false;
            if (state.Versions.Values.Count(v => v.Status == ProcessVersionStatus.InForce) != 1 || state.Versions[state.InForce].Status != ProcessVersionStatus.InForce)
                return false;
            if (state.Versions.Values.Count(v => v.Status == ProcessVersionStatus.Candidate) != (state.Rollout is null ? 0 : 1) || state.Versions.Count != state.Newest)
                return false;
        }

        return true;
    });

    private static PublishProcess Publish(string hash, RolloutTarget? target = null, string? reason = "try") => new("invoice", "Invoice", hash, target, target is null ? null : reason, Dora);

    private static Outcome Decide(ProcessState? state, object command, DateTimeOffset? at = null) => command switch
    {
        PublishProcess c => ProcessDecider.Decide(state, c, at ?? Now),
        ChangeRollout c => ProcessDecider.Decide(state, c, at ?? Now),
        PromoteVersion c => ProcessDecider.Decide(state, c, at ?? Now),
        WithdrawVersion c => ProcessDecider.Decide(state, c, at ?? Now),
        _ => throw new ArgumentOutOfRangeException(nameof(command)),
    };

    private static ImmutableArray<object> Facts(ProcessState? state, object command, DateTimeOffset? at = null) => Decide(state, command, at).ShouldBeOfType<Outcome.Facts>().Events;

    private static ProcessState After(ProcessState? state, object command, DateTimeOffset? at = null) => Facts(state, command, at).Cast<IProcessEvent>().Aggregate(state, ProcessState.Evolve)!;

    private static Refusal Refused(ProcessState? state, object command) => Decide(state, command).ShouldBeOfType<Outcome.Refused>().Refusal;
}
