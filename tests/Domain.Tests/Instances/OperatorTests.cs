using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

public sealed class OperatorTests
{
    [Fact]
    public void Only_operators_administrators_and_the_service_change_a_case_from_outside()
    {
        var s = new Scenario(new GraphBuilder("p").Start().User("d").End().Path("start", "d", "end").Build());
        s.Start();
        foreach (var (actor, may) in (List<(Actor, bool)>)[
            (Scenario.Otto, true), (Actor.System, true), (new Actor("dora", ActorKind.Person, [Role.Admin], []), true),
            (new Actor("dan", ActorKind.Person, [Role.Designer], ["approvers"]), false), (new Actor("tess", ActorKind.Person, [Role.Auditor], []), false),
            (new Actor("k", ActorKind.Key, [Role.Integrator], []), false), (new Actor("ana", ActorKind.Person, [], ["operator", "admin"]), false)])
        {
            foreach (InstanceCommand command in (InstanceCommand[])[
                new SetVariables("acmefinance", Scenario.Id, actor, Scenario.Vars((actor.Id, 1)), "x"),
                new RetryIncident("acmefinance", Scenario.Id, actor, "none", "x"),
                new CancelInstance("acmefinance", Scenario.Id, actor, may ? " " : "x")])
            {
                var refusal = (s.Do(command) as Outcome.Refused)?.Refusal;
                (refusal?.Code == "instance.operators_only").ShouldBe(!may, $"{actor.Id}: {command.GetType().Name}");
                if (!may)
                    refusal!.Kind.ShouldBe(RefusalKind.Denied);
            }
        }
    }
}
