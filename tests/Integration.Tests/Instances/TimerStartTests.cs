using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Countersign.Projections.Processes;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Countersign.Workers.Hosting;
using Countersign.Workers.Instances;
using Countersign.Workers.Processes;
using Countersign.Workers.Streams;
using Countersign.Workers.Timers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

/// <summary>Processes that start by their timers: once, on any node, after a crash too, and by the newest version.</summary>
public sealed class TimerStartTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private readonly KeyRing _ring = KeyRing.Temporary();
    private readonly string _tenant = postgres.NewTenant();
    private readonly FakeTimeProvider _clock = new(Noon);
    private TestDatabase _database = null!;
    private RunnerHost _node = null!;
    private TimerService _timers = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts(TenantParts.Configure)]);
        (_node, _timers) = await Node();
    }

    public async ValueTask DisposeAsync()
    {
        _timers.Dispose();
        await _node.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_counted_cycle_starts_the_process_at_its_times_and_says_so_in_the_trail()
    {
        await Publish(Report("R3/PT1H"));
        (await TimerStartTable.Of(_database.Connections, postgres.NewTenant(), ["report"], Cancel)).ShouldBeEmpty("another tenant sees nothing of it");
        (await At(0.9)).ShouldBe(0);
        (await At(1)).ShouldBe(1);
        (await At(1.5)).ShouldBe(0);
        (await At(2)).ShouldBe(1);
        (await Scheduled()).Start.Remaining.ShouldBe(1);
        (await At(3)).ShouldBe(1);
        (await At(400)).ShouldBe(0);
        (await Started()).ShouldBe(3);
        var last = await Scheduled();
        (last.Start.DueAt, last.Problem).ShouldBe((null, null));
        var facts = (await _node.Host.Services.GetRequiredService<OpenedInstances>().Find(_tenant, last.LastInstanceId!.Value, Cancel))!.Value.Facts;
        var first = facts[0].ShouldBeOfType<InstanceStarted>();
        (first.By, first.StartElementId, first.ScheduledFor).ShouldBe((Actor.System.Id, "monday", Noon.AddHours(3)));
        InstanceSentences.Of(first, ProcessCompiler.Compile(ProcessSources.OfBpmn(Report("R3/PT1H"))).Graph)
            .ShouldBe("The timer 'Every Monday', due at 2026-03-02 15:00:00 UTC, started version 1 of 'Report'.");
    }

    [Fact]
    public async Task What_was_missed_while_the_service_was_down_is_one_late_start()
    {
        await Publish(Report("R/PT1H"));
        await _node.DisposeAsync();
        _timers.Dispose();
        (_node, _timers) = await Node();
        (await At(9.5)).ShouldBe(1);
        (await At(9.6)).ShouldBe(0);
        var scheduled = await Scheduled();
        (scheduled.Start.DueAt, scheduled.LastAt).ShouldBe((Noon.AddHours(10), Noon.AddHours(9.5)));
        (await Started()).ShouldBe(1);
    }

    [Fact]
    public async Task Nodes_that_look_at_the_same_moment_start_it_once()
    {
        for (var i = 0; i < 5; i++)
            await Publish(Report("R/PT1M", "race" + i));
        var (other, others) = await Node();
        await using var _ = other;
        using var __ = others;
        for (var minute = 1; minute <= 4; minute++)
        {
            _clock.SetUtcNow(Noon.AddMinutes(minute));
            await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => (i % 2 == 0 ? _timers : others).FireDue(Cancel))));
        }

        (await Started()).ShouldBe(20);
        (await Sql.Ask<long>(_database.Connections.Writer, "select count(distinct (data ->> 'processKey', data ->> 'scheduledFor')) from cs.mt_events where tenant_id = $1 and type = 'instance.started'", _tenant)).ShouldBe(20);
    }

    [Theory]
    [InlineData("before-commit")]
    [InlineData("after-commit")]
    public async Task A_crash_while_it_starts_loses_nothing_and_doubles_nothing(string point)
    {
        await Publish(Report("R2/PT1H"));
        _node.Runner.Fault = at => at == point ? throw new InvalidOperationException("crash") : Task.CompletedTask;
        (await At(1)).ShouldBe(0);
        (await Scheduled()).Problem.ShouldNotBeNull();
        // As a kill would leave it: no row was moved.
        await Sql.Ask<int>(_database.Connections.Writer, "update cs.timer_starts set problem = null, try_at = due_at where tenant_id = $1 returning 1", _tenant);
        _node.Abandon();
        _timers.Dispose();
        (_node, _timers) = await Node();
        (await At(1.01)).ShouldBe(1);
        (await Started()).ShouldBe(1);
        (await At(2)).ShouldBe(1);
        (await Started()).ShouldBe(2);
    }

    [Fact]
    public async Task A_new_version_takes_the_timers_over_and_one_that_stays_as_it_was_goes_on()
    {
        await Publish(Report("R/PT24H"));
        _clock.SetUtcNow(Noon.AddHours(20));
        await Publish(Report("R/PT24H", name: "Report again"));
        (await Scheduled()).ShouldSatisfyAllConditions(s => s.VersionId.ShouldBe("report:2"), s => s.Start.DueAt.ShouldBe(Noon.AddHours(24), "daily publishing must not put off the start for ever"));
        (await At(24)).ShouldBe(1);
        (await Sql.Ask<string>(_database.Connections.Writer, "select data ->> 'version' from cs.mt_events where tenant_id = $1 and type = 'instance.started'", _tenant)).ShouldBe("2");
        await Publish(Report("R/PT1H"));
        (await Scheduled()).Start.DueAt.ShouldBe(Noon.AddHours(25));
        await Publish(Report("R/PT24H").Replace("<bpmn:timerEventDefinition><bpmn:timeCycle>R/PT24H</bpmn:timeCycle></bpmn:timerEventDefinition>", "", StringComparison.Ordinal));
        (await TimerStartTable.Of(_database.Connections, _tenant, ["report"], Cancel)).ShouldBeEmpty();
        (await At(100)).ShouldBe(0);
    }

    [Fact]
    public async Task A_date_that_has_been_is_not_started_again_by_the_next_version_and_one_that_is_due_is_not_lost_by_it()
    {
        var date = Report("").Replace("timeCycle></", "timeDate>2026-03-02T13:00:00Z</", StringComparison.Ordinal).Replace("<bpmn:timeCycle>", "<bpmn:timeDate>", StringComparison.Ordinal).Replace("</bpmn:timeCycle>", "</bpmn:timeDate>", StringComparison.Ordinal);
        date = date.Replace("<bpmn:timeDate></bpmn:timeDate>", "<bpmn:timeDate>2026-03-02T13:00:00Z</bpmn:timeDate>", StringComparison.Ordinal);
        await Publish(date);
        _clock.SetUtcNow(Noon.AddHours(1.5));
        await Publish(date.Replace("Report", "Second", StringComparison.Ordinal));
        (await At(1.6)).ShouldBe(1);
        await Publish(date.Replace("Report", "Third", StringComparison.Ordinal));
        (await At(1.7)).ShouldBe(0);
        (await Started()).ShouldBe(1);
    }

    [Fact]
    public async Task A_start_that_is_refused_says_why_and_is_made_when_it_can_be()
    {
        const string asks = """<bpmn:businessRuleTask id="ask"><bpmn:extensionElements><cs:policy policyId="not-there"/></bpmn:extensionElements></bpmn:businessRuleTask>""";
        await Publish(Report("R/PT1H").Replace("""<bpmn:task id="ask"/>""", asks, StringComparison.Ordinal));
        (await At(1)).ShouldBe(0);
        (await Scheduled()).ShouldSatisfyAllConditions(s => s.Problem!.ShouldContain("not-there"), s => s.Start.DueAt.ShouldBe(Noon.AddHours(1)));
        (await At(1.01)).ShouldBe(0);
        await Publish(Report("R/PT1H"));
        (await At(1.1)).ShouldBe(1, "the start that is due is made by the version that can");
        (await Scheduled()).Problem.ShouldBeNull();
    }

    private static string Report(string cycle, string key = "report", string name = "Report") => $"""
        <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:cs="http://countersign.dev/schema/bpmn/1.0" id="d" targetNamespace="t"><bpmn:process id="{key}" name="{name}" isExecutable="true">
          <bpmn:startEvent id="monday" name="Every Monday"><bpmn:timerEventDefinition><bpmn:timeCycle>{cycle}</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:startEvent>
          <bpmn:task id="ask"/><bpmn:endEvent id="e"/>
          <bpmn:sequenceFlow id="f1" sourceRef="monday" targetRef="ask"/><bpmn:sequenceFlow id="f2" sourceRef="ask" targetRef="e"/>
        </bpmn:process></bpmn:definitions>
        """;

    private async Task<(RunnerHost, TimerService)> Node()
    {
        var node = await RunnerHost.Start(_database, _ring, acts: false, configure: null, TenantParts.Configure);
        return (node, ActivatorUtilities.CreateInstance<TimerService>(node.Host.Services, new ProvidedDueClock(_clock)));
    }

    private async Task Publish(string bpmn)
    {
        var sources = ProcessSources.OfBpmn(bpmn);
        var compilation = ProcessCompiler.Compile(sources);
        var graph = compilation.Graph ?? throw new InvalidOperationException(string.Join('\n', compilation.Findings));
        var timers = TimerStarts.Of(graph, _clock.GetUtcNow(), out var wrong);
        wrong.ShouldBeEmpty();
        var result = await new StreamDoor(_node.Store, _clock).Execute(ProcessDoor.Publish(_tenant, new CompiledVersion(sources, graph, timers), RunnerHost.Ana, _clock.GetUtcNow()), null, null, Cancel);
        result.Outcome.ShouldBeOfType<Outcome.Facts>();
    }

    /// <summary>Moves the clock to so many hours after the start, and looks.</summary>
    private async Task<int> At(double hours)
    {
        _clock.SetUtcNow(Noon.AddHours(hours));
        return (await _timers.FireDue(Cancel)).Fired;
    }

    private async Task<ScheduledStart> Scheduled() => (await TimerStartTable.Of(_database.Connections, _tenant, ["report"], Cancel)).ShouldHaveSingleItem();

    private Task<long> Started() => Sql.Ask<long>(_database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.started'", _tenant);
}
