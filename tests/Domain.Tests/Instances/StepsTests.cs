using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

public sealed class StepsTests(ITestOutputHelper output)
{
    private static readonly Gen<(int Seed, int Size)> Case = Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[1, 14]);

    [Fact]
    public void What_is_packed_is_unpacked_as_it_was_and_gives_the_same_state() =>
        Case.Sample(c =>
        {
            var facts = RandomHistoryTests.Run(c.Seed, c.Size).History;
            var packed = Steps.Pack(facts);
            packed.Count.ShouldBeLessThan(facts.Count);
            Text(packed.SelectMany(Steps.Unpack)).ShouldBe(Text(facts));
            Text(Steps.Pack(packed)).ShouldBe(Text(packed), "packing twice changes nothing more");
            packed.OfType<StepsTaken>().ShouldAllBe(s => Steps.Unpack(s).Count > 1 && s.Steps.Length <= Steps.Most);
            var stored = packed.Select(f => (IInstanceEvent)JsonSerializer.Deserialize(JsonSerializer.Serialize(f, f.GetType()), f.GetType())!).ToList();
            Text(stored.SelectMany(Steps.Unpack)).ShouldBe(Text(facts), "and through its text");
            State(stored, 0).ShouldBe(State(facts, 0));
            stored.Aggregate((InstanceState?)null, InstanceState.Evolve)!.Events.ShouldBe(packed.Count);
        }, output.WriteLine, iter: 60, threads: 1);

    [Fact]
    public void Facts_in_any_order_are_packed_without_loss() =>
        Gen.Select(Case, Gen.Int).Sample((c, seed) =>
        {
            var facts = RandomHistoryTests.Run(c.Seed, c.Size).History.ToArray();
            new Random(seed).Shuffle(facts);
            Text(Steps.Pack(facts).SelectMany(Steps.Unpack)).ShouldBe(Text(facts));
        }, output.WriteLine, iter: 25, threads: 1);

    [Fact]
    public void A_script_between_two_events_is_one_fact_and_reads_element_by_element()
    {
        var set = ImmutableDictionary<string, JsonElement>.Empty.Add("total", JsonSerializer.SerializeToElement(7));
        var packed = Steps.Pack([
            new ElementPassed("s", "0", [], ["f1"], []), new ElementEntered("a", "t-1", "0", ["f1"]), new VariablesSet("0", set, "a", null, null),
            new ElementLeft("a", "t-1", ["f2"], []), new ElementPassed("e", "0", ["f2"], [], []), new InstanceCompleted("e", Scenario.Monday)]);
        packed.Count.ShouldBe(2);
        packed[0].ShouldBeOfType<StepsTaken>().Steps.Select(s => s.Element).ShouldBe(["s", "a", "e"]);
        InstanceSentences.Of(packed[0]).ShouldBe("'s' was gone through. 'a' was reached. 'a' was finished. 'e' was gone through.");
    }

    [Fact]
    public void What_a_person_set_and_one_fact_alone_stay_as_they_are()
    {
        var set = ImmutableDictionary<string, JsonElement>.Empty.Add("total", JsonSerializer.SerializeToElement(7));
        IInstanceEvent[] facts = [new VariablesSet("0", set, "a", "ana", null), new ElementPassed("s", "0", [], ["f1"], []), new VariablesSet("0", set, "operator", "otto", "why")];
        Steps.Pack(facts).ShouldBe(facts);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"Steps":[]}""")]
    [InlineData("""{"Steps":[null,{}]}""")]
    [InlineData("""{"Steps":[{"Element":null,"Token":"t","From":[null],"To":null,"Conditions":[null],"Variables":{}},{"Token":"","Half":1},{"Token":"x","Half":7,"SetIn":"nowhere","Variables":{"a":null}}]}""")]
    public void A_text_that_leaves_things_out_throws_nowhere(string text)
    {
        var fact = JsonSerializer.Deserialize<StepsTaken>(text)!;
        InstanceState.Evolve(null, fact).Events.ShouldBe(1);
        InstanceSentences.Of(fact).ShouldNotBeNullOrWhiteSpace();
        Steps.Pack([fact]).ShouldBe([fact]);
        Steps.Pack([.. Steps.Unpack(fact)]).ShouldNotBeNull();
    }

    private static string State(IEnumerable<IInstanceEvent> facts, int events) => JsonSerializer.Serialize(facts.Aggregate((InstanceState?)null, InstanceState.Evolve)! with { Events = events });

    private static string Text(IEnumerable<IInstanceEvent> facts) => string.Join('\n', facts.Select(f => f.GetType().Name + JsonSerializer.Serialize(f, f.GetType())));
}
