using Countersign.Domain.Instances;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

public sealed class EvolveTests
{
    private sealed record FromTheFuture(string Text) : IInstanceEvent;

    [Fact]
    public void A_fact_of_an_unknown_kind_changes_nothing_but_the_count()
    {
        var before = InstanceState.Evolve(null, new ElementEntered("a", "1", "0", []));
        InstanceState.Evolve(before, new FromTheFuture("?")).ShouldBe(before with { Events = 2 });
        InstanceSentences.Of(new FromTheFuture("?")).ShouldBeNull();
    }

    [Fact]
    public void No_order_of_facts_throws_not_even_one_that_never_happened() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[1, 10], Gen.Int).Sample(c =>
        {
            var facts = RandomHistoryTests.Run(c.Item1, c.Item2).History.ToArray();
            new Random(c.Item3).Shuffle(facts);
            var state = facts.Aggregate((InstanceState?)null, InstanceState.Evolve)!;
            state.Events.ShouldBe(facts.Length);
            InstanceRows.Between(null, state);
        }, iter: 100, threads: 1);

    [Fact]
    public void The_fingerprint_names_the_shape_of_the_state()
    {
        InstanceState.Fingerprint.ShouldMatch("^[0-9a-f]{16}$");
        InstanceState.Fingerprint.ShouldNotBe(StateFingerprint.Of(typeof(TaskState)));
    }

    [Theory]
    [InlineData("01980000000070008000000000000001-7", true)]
    [InlineData("01980000000070008000000000000001-07", false)]
    [InlineData("01980000000070008000000000000001-0", false)]
    [InlineData("01980000000070008000000000000001-", false)]
    [InlineData("01980000000070008000000000000001-+7", false)]
    [InlineData("0198000000007000800000000000000A-7", false)]
    [InlineData("01980000-0000-7000-8000-000000000001-7", false)]
    [InlineData("01980000000070008000000000000001-99999999999999999999", false)]
    [InlineData("../../etc/passwd", false)]
    [InlineData(null, false)]
    public void An_inside_id_is_read_only_as_it_is_written(string? id, bool valid)
    {
        InsideId.TryParse(id, out var instance, out var sequence).ShouldBe(valid);
        if (valid)
            InsideId.Of(instance, sequence).ShouldBe(id);
    }
}
