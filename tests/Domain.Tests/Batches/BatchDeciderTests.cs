using System.Collections.Immutable;
using Countersign.Domain.Batches;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Batches;

public sealed class BatchDeciderTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly Actor Otto = new("otto", ActorKind.Person, [Role.Operator], []);
    private static readonly BatchOrder Order = new(BatchKind.Suspend, null, ImmutableDictionary<string, string>.Empty, [], [], [], []);
    private static readonly RequestBatch Asked = new(Guid.CreateVersion7(), Order, false, "process p", 3, 0, "audit", Otto);

    [Fact]
    public void A_batch_is_asked_for_once_within_its_bounds_and_with_a_reason()
    {
        var fact = Facts(BatchDecider.Decide(null, Asked, Now)).ShouldHaveSingleItem().ShouldBeOfType<BatchRequested>();
        (fact.Total, fact.By, fact.Reason, fact.Selection).ShouldBe((3, "otto", "audit", "process p"));
        BatchDecider.Decide(After(fact), Asked, Now).ShouldBe(Outcome.Nothing);
        Code(BatchDecider.Decide(null, Asked with { Total = 0 }, Now)).ShouldBe("batch.nothing_selected");
        Code(BatchDecider.Decide(null, Asked with { Total = BatchDecider.Most + 1 }, Now)).ShouldBe("batch.too_many_instances");
        Code(BatchDecider.Decide(null, Asked with { Open = BatchDecider.MostOpen }, Now)).ShouldBe("batch.too_many");
        Code(BatchDecider.Decide(null, Asked with { Reason = " " }, Now)).ShouldBe("batch.reason_required");
    }

    [Fact]
    public void It_ends_when_every_part_was_reached_or_when_its_end_was_asked_for()
    {
        var open = After(Requested);
        BatchDecider.Decide(open, new FinishBatch(new(1, 0, 0, 0, 2)), Now).ShouldBe(Outcome.Nothing, "nobody asked for its end");
        var counts = new BatchCounts(1, 1, 1, 0, 0);
        var done = After(Requested, (IBatchEvent)Facts(BatchDecider.Decide(open, new FinishBatch(counts), Now)).Single());
        (done!.Phase, done.Counts, done.EndedAt).ShouldBe((BatchPhase.Completed, counts, Now));
        BatchDecider.Decide(done, new FinishBatch(counts), Now).ShouldBe(Outcome.Nothing);
        Code(BatchDecider.Decide(done, new CancelBatch("late", Otto), Now)).ShouldBe("batch.ended");

        var asked = (IBatchEvent)Facts(BatchDecider.Decide(open, new CancelBatch("wrong", Otto), Now)).Single();
        var cancelling = After(Requested, asked);
        BatchDecider.Decide(cancelling, new CancelBatch("again", Otto), Now).ShouldBe(Outcome.Nothing);
        Facts(BatchDecider.Decide(cancelling, new FinishBatch(counts), Now)).Single().ShouldBeOfType<BatchCompleted>("nothing was left to be ended");
        var left = After(Requested, asked, (IBatchEvent)Facts(BatchDecider.Decide(cancelling, new FinishBatch(new(1, 0, 0, 0, 2)), Now)).Single());
        (left!.Phase, left.Counts!.Open).ShouldBe((BatchPhase.Cancelled, 2));
        BatchDecider.Decide(left, new CancelBatch("again", Otto), Now).ShouldBe(Outcome.Nothing);
        Code(BatchDecider.Decide((BatchState?)null, new CancelBatch("x", Otto), Now)).ShouldBe("batch.not_found");
    }

    [Theory]
    [InlineData(BatchKind.Cancel, typeof(CancelInstance))]
    [InlineData(BatchKind.Suspend, typeof(SuspendInstance))]
    [InlineData(BatchKind.Resume, typeof(ResumeInstance))]
    [InlineData(BatchKind.Modify, typeof(ModifyInstance))]
    [InlineData(BatchKind.SetVariables, typeof(SetVariables))]
    [InlineData(BatchKind.Migrate, typeof(MigrateInstance))]
    [InlineData(BatchKind.Retry, typeof(RetryIncident))]
    [InlineData(BatchKind.Skip, typeof(SkipIncident))]
    public void Each_kind_is_the_command_that_a_person_would_send_and_has_its_sentences(BatchKind kind, Type command)
    {
        var id = Guid.CreateVersion7();
        var order = Order with { Kind = kind, ProcessVersionId = "p:2" };
        var made = BatchCommands.Of(order, "why", "acmefinance", id, id + "-1", Otto, []);
        made.ShouldBeOfType(command);
        (made.TenantId, made.InstanceId, made.By).ShouldBe(("acmefinance", id, Otto));
        BatchCommands.Sentence(order, dryRun: true, changed: true).ShouldStartWith("It can be ");
        BatchCommands.Sentence(order, dryRun: false, changed: true).ShouldStartWith("It was ");
        BatchCommands.Sentence(order, dryRun: false, changed: false).ShouldStartWith("Nothing had to be done");
    }

    private static BatchRequested Requested { get; } = new(Asked.BatchId, Order, false, "process p", 3, "audit", "otto", ActorKind.Person, Now);

    private static BatchState? After(params IBatchEvent[] facts) => facts.Aggregate((BatchState?)null, BatchState.Evolve);

    private static ImmutableArray<object> Facts(Outcome outcome) => outcome.ShouldBeOfType<Outcome.Facts>().Events;

    private static string Code(Outcome outcome) => outcome.ShouldBeOfType<Outcome.Refused>().Refusal.Code;
}
