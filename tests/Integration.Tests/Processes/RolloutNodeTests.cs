using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Countersign.Integration.Tests.Instances;
using Countersign.Projections.Processes;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Countersign.Workers.Hosting;
using Countersign.Workers.Instances;
using Countersign.Workers.Messages;
using Countersign.Workers.Processes;
using Countersign.Workers.Streams;
using Countersign.Workers.Timers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Processes;

/// <summary>A rollout on two nodes: what one node decides the other starts by at once, in every way of starting.</summary>
public sealed class RolloutNodeTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Namespaces = """xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" """;
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private readonly KeyRing _ring = KeyRing.Temporary();
    private readonly string _tenant = postgres.NewTenant();
    private readonly FakeTimeProvider _clock = new(Noon);
    private TestDatabase _database = null!;
    private RunnerHost _one = null!;
    private RunnerHost _other = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts(TenantParts.Configure)]);
        _one = await RunnerHost.Start(_database, _ring, acts: false, configure: null, TenantParts.Configure);
        _other = await RunnerHost.Start(_database, _ring, acts: false, configure: null, TenantParts.Configure);
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _other.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task What_one_node_rolls_out_widens_promotes_or_withdraws_the_other_starts_by_at_once()
    {
        var reads = new PointReads(_database.Connections);
        await Publish(Plain("a"));
        (await reads.Version(_tenant, "plain", null, Cancel)).ShouldBe(new StartVersion("plain:1", null));
        await Publish(Plain("b"), new RolloutTarget(0.1m));
        var ids = Enumerable.Range(0, 400).Select(_ => Guid.CreateVersion7()).ToList();
        var tenth = await Chosen(ids);
        tenth.Count(v => v == "plain:2").ShouldBeInRange(5, 100);
        (await reads.Version(_tenant, "plain", null, Cancel))!.Rollout.ShouldSatisfyAllConditions(r => (r!.InForce, r.Candidate, r.Target.Share).ShouldBe((1, 2, 0.1m)));
        await Act(ProcessDoor.ChangeRollout(_tenant, "plain", new ChangeRollout(2, new RolloutTarget(0.6m), "wider", RunnerHost.Ana), Noon));
        var wider = await Chosen(ids);
        wider.Count(v => v == "plain:2").ShouldBeGreaterThan(tenth.Count(v => v == "plain:2"));
        tenth.Zip(wider).ShouldAllBe(p => p.First == "plain:1" || p.Second == "plain:2");
        await Act(ProcessDoor.Promote(_tenant, "plain", new PromoteVersion(2, "good", RunnerHost.Ana), [], Noon));
        (await reads.Version(_tenant, "plain", null, Cancel)).ShouldBe(new StartVersion("plain:2", null));
        (await Chosen(ids)).ShouldAllBe(v => v == "plain:2");
        await Publish(Plain("c"), new RolloutTarget(0.9999m));
        await Act(ProcessDoor.Withdraw(_tenant, "plain", new WithdrawVersion(3, "bad", RunnerHost.Ana), Noon));
        (await reads.Version(_tenant, "plain", null, Cancel)).ShouldBe(new StartVersion("plain:2", null), "a withdrawn version is not the newest for starts");
        (await reads.Version(_tenant, "plain", 3, Cancel)).ShouldBe(new StartVersion("plain:3", null), "it can still be named");
        (await Chosen(ids)).ShouldAllBe(v => v == "plain:2");
        (await reads.Version(postgres.NewTenant(), "plain", null, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task A_start_asked_again_after_a_promotion_is_the_same_instance_and_version_on_any_node()
    {
        await Publish(Plain("a"));
        await Publish(Plain("b"), new RolloutTarget(0.5m));
        var reads = new PointReads(_database.Connections);
        var (stays, goes) = (Id("plain", 2, taken: false), Id("plain", 2, taken: true));
        foreach (var id in (Guid[])[stays, goes])
            await Start(_one, reads, id);
        await Act(ProcessDoor.Promote(_tenant, "plain", new PromoteVersion(2, "good", RunnerHost.Ana), [], Noon));
        foreach (var (id, version) in ((Guid, int)[])[(stays, 1), (goes, 2)])
        {
            var again = await Start(_other, reads, id);
            again.Outcome.ShouldBe(Outcome.Nothing);
            again.State!.Version.ShouldBe(version);
        }

        var why = (await Facts(goes))[0].ShouldBeOfType<InstanceStarted>();
        (why.Version, why.Rollout!.Taken, why.Rollout.Share, why.Rollout.InForce).ShouldBe((2, true, 0.5m, 1));
        InstanceSentences.Of(why)!.ShouldEndWith($"Version 2 was being rolled out to 50 % of starts and this one has place {why.Rollout.Place} of 10000, so version 2 was started.");
        (await Facts(stays))[0].ShouldBeOfType<InstanceStarted>().Rollout!.Taken.ShouldBeFalse();
    }

    [Fact]
    public async Task A_timer_of_the_version_in_force_gives_the_candidate_its_share_where_it_has_the_same_timer()
    {
        using var timers = ActivatorUtilities.CreateInstance<TimerService>(_other.Host.Services, new ProvidedDueClock(_clock));
        await Publish(Timed("R/PT1H", "a"));
        await Publish(Timed("R/PT1H", "b"), new RolloutTarget(0.5m));
        await Publish(Timed("R/PT1H", "a", "moved"));
        await Publish(Timed("R/PT2H", "b", "moved"), new RolloutTarget(0.9999m));
        for (var hour = 1; hour <= 24; hour++)
        {
            _clock.SetUtcNow(Noon.AddHours(hour));
            (await timers.FireDue(Cancel)).Fired.ShouldBe(2, "a candidate's own timer starts nothing");
        }

        var started = (await AllStarted()).Where(s => s.ProcessKey == "timed").ToList();
        started.Count.ShouldBe(24);
        started.ShouldAllBe(s => s.Rollout != null && s.Version == (s.Rollout.Taken ? 2 : 1) && s.Rollout.Taken == s.Rollout.Place < 5_000);
        // By chance all 24 would be of one version once in eight million runs.
        started.Select(s => s.Version).Distinct().Count().ShouldBe(2);
        var moved = (await AllStarted()).Where(s => s.ProcessKey == "moved").ToList();
        moved.ShouldAllBe(s => s.Version == 1 && !s.Rollout!.Taken && s.Rollout.Place == null);
        await Act(ProcessDoor.Promote(_tenant, "moved", new PromoteVersion(2, "good", RunnerHost.Ana), TimersOf(Timed("R/PT2H", "b", "moved")), _clock.GetUtcNow()));
        (await TimerStartTable.Of(_database.Connections, _tenant, ["moved"], Cancel)).ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(s => s.VersionId.ShouldBe("moved:2"), s => s.Start.DueAt.ShouldBe(Noon.AddHours(26), "counted from the promotion"));
    }

    [Fact]
    public async Task A_message_starts_the_candidate_for_its_share_by_whatever_event_it_has_for_it()
    {
        await Publish(Messaged("s", "a"));
        await Publish(Messaged("renamed", "b"), new RolloutTarget(0.5m));
        var post = _other.Host.Services.GetRequiredService<MessagePost>();
        var taken = new Dictionary<string, Guid>(StringComparer.Ordinal);
        for (var i = 0; i < 24; i++)
        {
            var published = await Send(post, i);
            published.Fate.ShouldBe(MessageFate.Correlated);
            taken[i.ToString(CultureInfo.InvariantCulture)] = published.InstanceId!.Value;
        }

        var started = await AllStarted();
        started.Count.ShouldBe(24);
        started.ShouldAllBe(s => s.Version == (s.Rollout!.Taken ? 2 : 1) && s.StartElementId == (s.Rollout.Taken ? "renamed" : "s"));
        started.Select(s => s.Version).Distinct().Count().ShouldBe(2);
        await Act(ProcessDoor.Promote(_tenant, "paid", new PromoteVersion(2, "good", RunnerHost.Ana), [], Noon));
        (await Send(post, 0)).InstanceId.ShouldBe(taken["0"], "a repeat of a message is answered the same");
        (await AllStarted()).Count.ShouldBe(24);
        (await Send(post, 24)).Fate.ShouldBe(MessageFate.Correlated);
        (await AllStarted())[^1].ShouldSatisfyAllConditions(s => s.Version.ShouldBe(2), s => s.Rollout.ShouldBeNull());
    }

    [Fact]
    public async Task A_signal_starts_the_candidate_for_its_share_and_a_second_delivery_nothing()
    {
        await Publish(Signalled("s", "a"));
        await Publish(Signalled("renamed", "b"), new RolloutTarget(0.5m));
        var post = _other.Host.Services.GetRequiredService<ThrownPost>();
        var thrower = Guid.CreateVersion7();
        Task Throw(int number) => post.Deliver(new ThrownOutside(_tenant, thrower, "throw" + number.ToString(CultureInfo.InvariantCulture), ThrownKind.Signal, "alarm", "", false), Cancel);
        for (var i = 0; i < 24; i++)
            await Throw(i);
        var started = await AllStarted();
        started.Count.ShouldBe(24);
        started.ShouldAllBe(s => s.Version == (s.Rollout!.Taken ? 2 : 1) && s.StartElementId == (s.Rollout.Taken ? "renamed" : "s"));
        started.Select(s => s.Version).Distinct().Count().ShouldBe(2);
        await Act(ProcessDoor.Withdraw(_tenant, "signalled", new WithdrawVersion(2, "bad", RunnerHost.Ana), Noon));
        for (var i = 0; i < 24; i++)
            await Throw(i);
        (await AllStarted()).Count.ShouldBe(24, "each is delivered once, whatever is rolled out by then");
    }

    [Fact]
    public async Task A_called_instance_says_how_its_version_was_chosen()
    {
        await Publish(Plain("a"));
        await Publish(Plain("b"), new RolloutTarget(0.5m));
        await Publish(TestProcesses.Caller("caller", "plain"));
        for (var i = 0; i < 4; i++)
            await _one.StartInstance(_tenant, "caller");
        await Eventually.Holds(async () => (await AllStarted()).Count(s => s.ProcessKey == "plain") == 4, "the called instances start");
        var called = (await AllStarted()).Where(s => s.ProcessKey == "plain").ToList();
        called.ShouldAllBe(s => s.Rollout!.Place == Rollout.PlaceOf("plain", 2, s.InstanceId) && s.Version == (s.Rollout.Place < 5_000 ? 2 : 1));
        (await AllStarted()).Where(s => s.ProcessKey == "caller").ShouldAllBe(s => s.Rollout == null);
    }

    [Fact]
    public async Task Start_events_that_only_the_candidate_has_do_not_listen_before_it_is_in_force()
    {
        await Publish(Plain("a", "quiet"));
        var messaged = Messaged("s", "a").Replace("""id="paid" isExecutable""", """id="quiet" isExecutable""", StringComparison.Ordinal);
        await Publish(messaged, new RolloutTarget(0.9999m));
        var post = _one.Host.Services.GetRequiredService<MessagePost>();
        (await Send(post, 1)).Fate.ShouldBe(MessageFate.Unmatched);
        await Act(ProcessDoor.Promote(_tenant, "quiet", new PromoteVersion(2, "good", RunnerHost.Ana), [], Noon));
        (await Send(post, 2)).Fate.ShouldBe(MessageFate.Correlated);
    }

    [Fact]
    public async Task A_call_has_a_share_by_the_called_instances_id_and_a_group_never()
    {
        var versions = _other.Host.Services.GetRequiredService<ProcessVersions>();
        await Publish(Plain("a"));
        await Publish(Plain("b"), new RolloutTarget(0.5m));
        Task<ChosenStart?> Latest(Guid id) => versions.Resolve(_tenant, "plain", CallBinding.Latest, null, id, Cancel);
        (await Latest(Id("plain", 2, taken: true)))!.ShouldSatisfyAllConditions(c => c.VersionId.ShouldBe("plain:2"), c => c.Why!.Taken.ShouldBeTrue());
        (await Latest(Id("plain", 2, taken: false)))!.ShouldSatisfyAllConditions(c => c.VersionId.ShouldBe("plain:1"), c => c.Why!.Taken.ShouldBeFalse());
        (await versions.Resolve(_tenant, "plain", CallBinding.Version, "2", Id("plain", 2, taken: false), Cancel)).ShouldBe(new ChosenStart("plain:2", null, null));
        await Act(ProcessDoor.ChangeRollout(_tenant, "plain", new ChangeRollout(2, new RolloutTarget(null, ["clerks"]), "pilots", RunnerHost.Ana), Noon));
        (await Latest(Guid.CreateVersion7()))!.ShouldSatisfyAllConditions(c => c.VersionId.ShouldBe("plain:1"), c => c.Why!.Taken.ShouldBeFalse());
        (await versions.Resolve(_tenant, "nothing", CallBinding.Latest, null, Guid.Empty, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task A_tag_means_the_candidate_for_its_share_and_a_withdrawn_version_only_where_no_other_has_it()
    {
        var versions = _other.Host.Services.GetRequiredService<ProcessVersions>();
        Task<ChosenStart?> Tagged(string tag, Guid id) => versions.Resolve(_tenant, "plain", CallBinding.Tag, tag, id, Cancel);
        await Publish(Plain("a", tag: "stable"));
        await Publish(Plain("b", tag: "stable"), new RolloutTarget(0.5m));
        (await Tagged("stable", Id("plain", 2, taken: true)))!.VersionId.ShouldBe("plain:2");
        (await Tagged("stable", Id("plain", 2, taken: false)))!.VersionId.ShouldBe("plain:1");
        await Act(ProcessDoor.Withdraw(_tenant, "plain", new WithdrawVersion(2, "bad", RunnerHost.Ana), Noon));
        (await Tagged("stable", Id("plain", 2, taken: true))).ShouldBe(new ChosenStart("plain:1", null, null));
        await Publish(Plain("c", tag: "next"), new RolloutTarget(0.0001m));
        (await Tagged("next", Id("plain", 3, taken: false)))!.VersionId.ShouldBe("plain:3", "the tag names that version and no other");
        (await Tagged("none", Guid.Empty)).ShouldBeNull();
    }

    [Fact]
    public async Task Acts_that_race_on_two_nodes_leave_one_outcome()
    {
        await Publish(Plain("a"));
        await Publish(Plain("b"), new RolloutTarget(0.5m));
        var results = await Task.WhenAll(
            Door(_one).Execute(ProcessDoor.Promote(_tenant, "plain", new PromoteVersion(2, "good", RunnerHost.Ana), [], Noon), null, null, Cancel),
            Door(_other).Execute(ProcessDoor.Withdraw(_tenant, "plain", new WithdrawVersion(2, "bad", RunnerHost.Ben), Noon), null, null, Cancel));
        results.Count(r => r.Refusal is null).ShouldBe(1);
        results.Single(r => r.Refusal is not null).Refusal!.Code.ShouldBe("process.rollout_closed");
        var promoted = results[0].Refusal is null;
        (await new PointReads(_database.Connections).Version(_tenant, "plain", null, Cancel))!.VersionId.ShouldBe(promoted ? "plain:2" : "plain:1");
    }

    [Fact]
    public async Task A_version_that_an_older_node_published_to_all_is_in_force()
    {
        await Publish(Plain("a"));
        await Publish(Plain("b"), new RolloutTarget(0.5m));
        // An older node knows nothing of the row.
        await using (var session = _one.Store.LightweightSession(_tenant))
        {
            session.Store(new ProcessVersion("plain:3", "plain", 3, "Plain", "h", null, [], "ana", Noon));
            await session.SaveChangesAsync(Cancel);
        }

        (await new PointReads(_database.Connections).Version(_tenant, "plain", null, Cancel)).ShouldBe(new StartVersion("plain:3", null));
    }

    private static string Plain(string task, string key = "plain", string? tag = null) => $"""
        <bpmn:definitions {Namespaces} id="d" targetNamespace="t"><bpmn:process id="{key}" isExecutable="true">
        {(tag is null ? "" : $"""<bpmn:extensionElements><zeebe:versionTag value="{tag}"/></bpmn:extensionElements>""")}<bpmn:startEvent id="s"/><bpmn:userTask id="{task}"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="{task}"/></bpmn:process></bpmn:definitions>
        """;

    private static string Timed(string cycle, string task, string key = "timed") => $"""
        <bpmn:definitions {Namespaces} id="d" targetNamespace="t"><bpmn:process id="{key}" isExecutable="true">
        <bpmn:startEvent id="s"><bpmn:timerEventDefinition><bpmn:timeCycle>{cycle}</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:startEvent><bpmn:userTask id="{task}"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="{task}"/></bpmn:process></bpmn:definitions>
        """;

    private static string Messaged(string start, string task) => $"""
        <bpmn:definitions {Namespaces} id="d" targetNamespace="t"><bpmn:message id="m" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="=order"/></bpmn:extensionElements></bpmn:message><bpmn:process id="paid" isExecutable="true">
        <bpmn:startEvent id="{start}"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent><bpmn:userTask id="{task}"/><bpmn:sequenceFlow id="f" sourceRef="{start}" targetRef="{task}"/></bpmn:process></bpmn:definitions>
        """;

    private static string Signalled(string start, string task) => $"""
        <bpmn:definitions {Namespaces} id="d" targetNamespace="t"><bpmn:signal id="alarm" name="alarm"/><bpmn:process id="signalled" isExecutable="true">
        <bpmn:startEvent id="{start}"><bpmn:signalEventDefinition signalRef="alarm"/></bpmn:startEvent><bpmn:userTask id="{task}"/><bpmn:sequenceFlow id="f" sourceRef="{start}" targetRef="{task}"/></bpmn:process></bpmn:definitions>
        """;

    private ImmutableArray<TimerStart> TimersOf(string bpmn) => TimerStarts.Of(ProcessCompiler.Compile(ProcessSources.OfBpmn(bpmn)).Graph!, _clock.GetUtcNow(), out _);

    /// <summary>An instance that a half of the starts leaves in force, or takes.</summary>
    private static Guid Id(string key, int candidate, bool taken)
    {
        while (true)
        {
            var id = Guid.CreateVersion7();
            if (Rollout.PlaceOf(key, candidate, id) < 5_000 == taken)
                return id;
        }
    }

    private StreamDoor Door(RunnerHost node) => new(node.Store, _clock);

    private async Task Publish(string bpmn, RolloutTarget? target = null)
    {
        var sources = ProcessSources.OfBpmn(bpmn);
        var compilation = ProcessCompiler.Compile(sources);
        var graph = compilation.Graph ?? throw new InvalidOperationException(string.Join('\n', compilation.Findings));
        var version = new CompiledVersion(sources, graph, TimerStarts.Of(graph, _clock.GetUtcNow(), out _), target, target is null ? null : "try");
        await Act(ProcessDoor.Publish(_tenant, version, RunnerHost.Ana, _clock.GetUtcNow()));
    }

    private async Task Act(StreamChange<ProcessState, IProcessEvent> change) => (await Door(_one).Execute(change, null, null, Cancel)).Outcome.ShouldBeOfType<Outcome.Facts>();

    private async Task<List<string>> Chosen(List<Guid> ids)
    {
        var versions = _other.Host.Services.GetRequiredService<ProcessVersions>();
        var chosen = new List<string>();
        foreach (var id in ids)
            chosen.Add((await versions.Resolve(_tenant, "plain", CallBinding.Latest, null, id, Cancel))!.VersionId);
        return chosen;
    }

    private async Task<CommandResult> Start(RunnerHost node, PointReads reads, Guid id)
    {
        var (version, why) = (await reads.Version(_tenant, "plain", null, Cancel))!.Choose(id, RunnerHost.Ana.Groups);
        return await node.Execute(new StartInstance(_tenant, id, RunnerHost.Ana, version, RunnerHost.Vars(), Rollout: why));
    }

    private Task<Published> Send(MessagePost post, int number) => post.Publish(
        new Message(_tenant, MessageSource.Api, "m" + number.ToString(CultureInfo.InvariantCulture), "paid", "K", RunnerHost.Vars(), TimeSpan.Zero, Actor.System), Cancel);

    private async Task<IReadOnlyList<IInstanceEvent>> Facts(Guid id) => (await _other.Host.Services.GetRequiredService<OpenedInstances>().Find(_tenant, id, Cancel))!.Value.Facts;

    private async Task<List<InstanceStarted>> AllStarted()
    {
        var stored = await Sql.Ask<string[]>(_database.Connections.Writer, "select coalesce(array_agg(data::text order by seq_id), '{}') from cs.mt_events where tenant_id = $1 and type = 'instance.started'", _tenant);
        return [.. stored.Select(text => JsonSerializer.Deserialize<InstanceStarted>(text, StoreJson.Options)!)];
    }
}
