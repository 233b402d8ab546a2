using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Domain.Instances;
using Countersign.Projections.Instances;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Shouldly;
using Xunit;

namespace Countersign.Workers.Tests.Instances;

/// <summary>
/// Facts are read for ever. The folder <c>Facts</c> holds one stored fact of every kind as it was written when the kind was new; this version must read
/// each without loss. A new kind needs a file of its own, an alias, a change of state or a place in the list of those without one, and a sentence.
/// </summary>
public sealed class StoredFactTests
{
    /// <summary>Facts for people and auditors alone: the engine needs nothing of them.</summary>
    private static readonly Type[] WithoutState = [typeof(DecisionReviewed), typeof(InstanceModified)];

    public static TheoryData<string> Aliases => [.. EventAliases.All.Where(a => a.Key.IsAssignableTo(typeof(IInstanceEvent))).Select(a => a.Value)];

    [Fact]
    public void Every_kind_of_fact_has_an_alias()
    {
        var kinds = typeof(IInstanceEvent).Assembly.GetTypes().Where(t => t.IsClass && !t.IsAbstract && t.IsAssignableTo(typeof(IInstanceEvent)));
        kinds.Where(k => EventAliases.Of(k) is null).Select(k => k.Name).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Aliases))]
    public void A_stored_fact_is_read_without_loss(string alias)
    {
        var stored = Stored(alias);
        var fact = JsonSerializer.Deserialize(stored, TypeOf(alias), StoreJson.Options);
        var again = JsonSerializer.SerializeToElement(fact, TypeOf(alias), StoreJson.Options);
        JsonNode.DeepEquals(JsonNode.Parse(again.GetRawText()), JsonNode.Parse(stored)).ShouldBeTrue($"{alias} is written as {again.GetRawText()}");
    }

    [Theory]
    [MemberData(nameof(Aliases))]
    public void A_stored_fact_says_every_member_of_its_kind(string alias)
    {
        using var stored = JsonDocument.Parse(Stored(alias));
        var members = TypeOf(alias).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name));
        stored.RootElement.EnumerateObject().Select(m => m.Name).Order(StringComparer.Ordinal).ShouldBe(members.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Aliases))]
    public void A_stored_fact_has_a_sentence_and_its_place_in_the_state(string alias)
    {
        var fact = (IInstanceEvent)JsonSerializer.Deserialize(Stored(alias), TypeOf(alias), StoreJson.Options)!;
        InstanceSentences.Of(fact).ShouldNotBeNullOrWhiteSpace();
        var prepared = Prepared(alias);
        var after = InstanceState.Evolve(prepared, fact);
        if (!WithoutState.Contains(fact.GetType()))
            JsonSerializer.Serialize(after with { Events = 0 }).ShouldNotBe(JsonSerializer.Serialize(prepared with { Events = 0 }), $"{alias} changes nothing");
        // From nothing, in any order, no fact may throw.
        InstanceState.Evolve(null, fact).Events.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Aliases))]
    public void The_summary_reads_each_kind_of_fact_that_changes_it_and_no_other(string alias)
    {
        const string Stream = "instance/01980000-0000-7000-8000-000000000001";
        var fact = JsonSerializer.Deserialize(Stored(alias), TypeOf(alias), StoreJson.Options)!;
        var open = fact is InstanceStarted or InstanceTakenOver ? null : new InstanceSummary(Stream, Guid.Empty, "p", 0, "", null, default, "ana", null, 3, 3, null, null, false, NearLimit: fact is InstanceLimitRaised);
        var changes = InstanceSummaryProjection.Fold(open, Stream, fact) != open;
        InstanceSummaryProjection.Kinds.Contains(fact.GetType()).ShouldBe(changes);
    }

    [Fact]
    public void A_fact_stored_before_a_member_was_added_is_read_and_means_what_it_meant()
    {
        InstanceState? state = null;
        foreach (var alias in new[] { "instance.started", "element.entered", "subscription.opened", "message.correlated" })
            state = InstanceState.Evolve(state, (IInstanceEvent)JsonSerializer.Deserialize(Stored("Older/" + alias), TypeOf(alias), StoreJson.Options)!);
        state!.Parent.ShouldBeNull();
        JsonSerializer.Deserialize<CallLink>("""{"instanceId":"01980000-0000-7000-8000-000000000002","callId":"c-5"}""", StoreJson.Options)!.Depth.ShouldBe(1, "calls were not counted then");
        state.Rollout.ShouldBeNull();
        state.Tokens.Values.ShouldAllBe(t => t.Iteration == null && t.Undoes == null);
        state.Subscriptions.Values.Single().Kind.ShouldBe(SubscriptionKind.Message);
        state.Subscriptions.Values.Single().Seen.Length.ShouldBe(1);
    }

    [Fact]
    public void Every_place_for_values_in_a_state_that_a_successor_takes_over_is_known_to_the_sealer()
    {
        var stored = Stored("instance.taken_over");
        var values = stored.Split('"').Count(t => t.StartsWith("value ", StringComparison.Ordinal));
        values.ShouldBe(Places(typeof(InstanceState), []).Count + 1, "the file has a value at every place, and one more in an inner scope");
        var seen = new List<string>();
        var fact = (IInstanceEvent)JsonSerializer.Deserialize(stored, typeof(InstanceTakenOver), StoreJson.Options)!;
        var mapped = FactValues.Map(fact, (name, value) =>
        {
            seen.Add(name);
            return JsonSerializer.SerializeToElement("sealed");
        });
        JsonSerializer.Serialize(mapped, typeof(InstanceTakenOver), StoreJson.Options).ShouldNotContain("\"value ");
        string.Join(" ", seen.Order(StringComparer.Ordinal)).ShouldBe("armed handed inner input results root undone", "under the names by which the process's schema knows them");
        FactValues.Map(fact, (_, value) => value).ShouldBeSameAs(fact);
    }

    /// <summary>Where values stand in a record, through all records inside.</summary>
    private static List<string> Places(Type type, HashSet<Type> around)
    {
        var places = new List<string>();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            foreach (var held in Held(property.PropertyType))
            {
                if (held == typeof(JsonElement))
                    places.Add($"{type.Name}.{property.Name}");
                else if (held.Namespace?.StartsWith("Countersign", StringComparison.Ordinal) == true && !around.Contains(held))
                    places.AddRange(Places(held, [.. around, held]));
            }
        }

        return places;
    }

    private static IEnumerable<Type> Held(Type type) => type.IsGenericType ? type.GetGenericArguments().SelectMany(Held) : [type];

    /// <summary>A state in which every stored fact has something to change: tokens, a job, a task, a timer, a subscription and an incident under the ids the files use, without what the fact itself brings.</summary>
    private static InstanceState Prepared(string but) => new[] { "instance.started", "element.entered", "job.created", "task.created", "timer.set", "subscription.opened", "incident.raised", "repetition.started",
        "call.started", "compensation.armed", "compensation.started", "instance.suspended" }
        .Where(alias => alias != but)
        .Select(alias => (IInstanceEvent)JsonSerializer.Deserialize(Stored(alias), TypeOf(alias), StoreJson.Options)!)
        .Aggregate(InstanceState.Evolve(null, new ElementPassed("begin", "0", [], ["f1"], [])), InstanceState.Evolve);

    private static Type TypeOf(string alias) => EventAliases.All.Single(a => a.Value == alias).Key;

    private static string Stored(string alias, [CallerFilePath] string here = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(here)!, "Facts", alias + ".json");
        File.Exists(file).ShouldBeTrue($"Facts/{alias}.json is missing: write one fact of this kind, every member with a value, as it is stored");
        return File.ReadAllText(file);
    }
}
