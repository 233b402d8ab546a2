using System.Collections.Immutable;
using Countersign.Domain.Processes;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

/// <summary>Which starts a candidate takes: as many as its share says, the same ones each time, and at a larger share more but never others.</summary>
public sealed class RolloutTests
{
    private const int Ids = 10_000;

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void A_share_of_the_starts_is_that_share_of_them(double share)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var rollout = new Rollout(1, 2, new RolloutTarget((decimal)share));
        var taken = Some(seed).Count(id => rollout.Choose("invoice", id).Taken);
        // Six standard deviations: fewer than two runs in a billion are outside.
        var deviation = Math.Sqrt(Ids * share * (1 - share));
        ((double)taken).ShouldBe(Ids * share, 6 * deviation, $"seed {seed}");
    }

    [Fact]
    public void The_places_are_spread_evenly()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var tenths = new int[10];
        foreach (var id in Some(seed))
            tenths[Rollout.PlaceOf("invoice", 7, id) / 1_000]++;
        // Chi-square with 9 degrees of freedom: above 60 in fewer than two runs in a billion.
        tenths.Sum(n => Math.Pow(n - 1_000.0, 2) / 1_000).ShouldBeLessThan(60, $"seed {seed}");
    }

    [Fact]
    public void Widening_keeps_everyone_who_was_in_and_adds_others() => Gen.Select(Gen.Guid, Gen.Int[1, 9_999], Gen.Int[1, 9_999]).Sample((id, one, other) =>
    {
        var (narrow, wide) = (Math.Min(one, other) / 10_000m, Math.Max(one, other) / 10_000m);
        var before = new Rollout(3, 4, new RolloutTarget(narrow)).Choose("order", id);
        var after = new Rollout(3, 4, new RolloutTarget(wide)).Choose("order", id);
        return (!before.Taken || after.Taken) && before.Place == after.Place;
    });

    [Fact]
    public void From_a_tenth_to_three_tenths_everyone_of_the_tenth_stays()
    {
        var seed = Random.Shared.Next();
        var ids = Some(seed).ToList();
        HashSet<Guid> In(decimal share) => [.. ids.Where(id => new Rollout(1, 2, new RolloutTarget(share)).Choose("invoice", id).Taken)];
        var (tenth, wider) = (In(0.1m), In(0.3m));
        tenth.IsProperSubsetOf(wider).ShouldBeTrue($"seed {seed}");
    }

    [Fact]
    public void Each_process_and_each_candidate_chooses_others()
    {
        var seed = Random.Shared.Next();
        var ids = Some(seed).ToList();
        var places = ids.ConvertAll(id => (One: Rollout.PlaceOf("invoice", 2, id), Next: Rollout.PlaceOf("invoice", 3, id), Other: Rollout.PlaceOf("order", 2, id)));
        // With the same places all 10,000 would agree; by chance one does.
        places.Count(p => p.One == p.Next).ShouldBeLessThan(30, $"seed {seed}");
        places.Count(p => p.One == p.Other).ShouldBeLessThan(30, $"seed {seed}");
    }

    /// <summary>Histories say which place a start had: the text that is hashed may never change.</summary>
    [Theory]
    [InlineData("invoice", 2, "01980000-0000-7000-8000-000000000001", 8472)]
    [InlineData("order", 17, "ffffffff-ffff-8fff-bfff-ffffffffffff", 6955)]
    public void The_place_of_a_start_is_as_published(string key, int candidate, string id, int place) => Rollout.PlaceOf(key, candidate, Guid.Parse(id)).ShouldBe(place);

    [Fact]
    public void Groups_are_those_of_the_starter_and_nobody_stands_behind_a_timer()
    {
        var rollout = new Rollout(1, 2, new RolloutTarget(null, ["pilots", "lab"]));
        rollout.Choose("p", Guid.Empty, ["clerks", "lab"]).ShouldBe(new StartRollout(1, 2, true, null, null, "lab"));
        rollout.Choose("p", Guid.Empty, ["clerks"]).ShouldBe(new StartRollout(1, 2, false, null));
        rollout.Choose("p", Guid.Empty, []).Taken.ShouldBeFalse();
        rollout.Choose("p", Guid.Empty).Taken.ShouldBeFalse();
        rollout.Choose("p", Guid.Empty, ["PILOTS"]).Taken.ShouldBeFalse("names of groups are compared letter by letter");
    }

    [Fact]
    public void A_candidate_that_does_not_begin_in_this_way_leaves_the_start_to_the_version_in_force()
    {
        var rollout = new Rollout(1, 2, new RolloutTarget(0.9999m));
        var why = rollout.Choose("p", Guid.Empty, begins: false);
        (why.Taken, why.Place).ShouldBe((false, null));
        why.Sentence.ShouldBe("Version 2 was being rolled out to 99.99 % of starts but does not begin in this way, so version 1 was started.");
    }

    [Fact]
    public void The_sentence_says_which_version_and_why()
    {
        new StartRollout(1, 2, true, 0.1m, 734).Sentence.ShouldBe("Version 2 was being rolled out to 10 % of starts and this one has place 734 of 10000, so version 2 was started.");
        new StartRollout(1, 2, false, 0.125m, 1250).Sentence.ShouldBe("Version 2 was being rolled out to 12.5 % of starts and this one has place 1250 of 10000, so version 1 was started.");
        new StartRollout(1, 2, true, null, null, "pilots").Sentence.ShouldBe("Version 2 was being rolled out to the group 'pilots' of the starter, so version 2 was started.");
        new StartRollout(1, 2, false, null).Sentence.ShouldBe("Version 2 was being rolled out to groups to which the starter does not belong, so version 1 was started.");
    }

    private static IEnumerable<Guid> Some(int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[16];
        for (var i = 0; i < Ids; i++)
        {
            random.NextBytes(bytes);
            yield return new Guid(bytes);
        }
    }
}
