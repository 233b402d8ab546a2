using System.Globalization;
using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Instances;
using Countersign.Client.Processes;
using Countersign.Domain.Processes;
using Countersign.Integration.Tests.Api;
using Countersign.Integration.Tests.Instances;
using Countersign.Projections.Store;
using Shouldly;
using Xunit;
using ProcessVersionState = Countersign.Client.Processes.ProcessVersionState;

namespace Countersign.Integration.Tests.Processes;

/// <summary>A rollout over HTTP: begun, looked at, widened, promoted or withdrawn, by whom it may be, and by nobody else.</summary>
public sealed class RolloutRouteTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_candidate_takes_its_share_until_it_is_promoted()
    {
        var dora = await Begun("rollshare");
        var candidate = await dora.PublishAsync(new(Drawing("rollshare", "second"), null, new RolloutRequest("a tenth first", 0.5m)), cancellationToken: Cancel);
        (candidate.Version, candidate.State, candidate.Rollout!.Share, candidate.Rollout.Reason, candidate.Rollout.ChangedBy).ShouldBe((2, ProcessVersionState.Candidate, 0.5m, "a tenth first", "dora-acme"));
        (await dora.PublishAsync(new(Drawing("rollshare", "second"), null, new RolloutRequest("again", 0.5m)), cancellationToken: Cancel)).Id.ShouldBe("rollshare:2", "the same candidate again adds nothing");
        var started = new List<InstanceView>();
        while (started.Count < 24 || started.Select(s => s.ProcessVersion).Distinct().Count() < 2)
            started.Add(await service.Act("ana").Instances.StartAsync(new StartInstanceRequest("rollshare"), cancellationToken: Cancel));
        foreach (var s in started)
        {
            var taken = Rollout.PlaceOf("rollshare", 2, s.Id) < 5_000;
            (s.ProcessVersion, s.StartedInRollout!.Taken, s.StartedInRollout.Share, s.StartedInRollout.Group).ShouldBe((taken ? 2 : 1, taken, 0.5m, null));
            s.StartedInRollout.Sentence.ShouldEndWith($"so version {s.ProcessVersion} was started.");
        }

        (await service.Act("ana").Instances.StartAsync(new StartInstanceRequest("rollshare", Version: 1), cancellationToken: Cancel)).ShouldSatisfyAllConditions(s => s.ProcessVersion.ShouldBe(1), s => s.StartedInRollout.ShouldBeNull());
        (await service.Act("tess").Instances.GetHistoryAsync(started[0].Id, Cancel).FirstAsync(Cancel)).Sentence.ShouldContain(started[0].StartedInRollout!.Sentence);
        ProcessRolloutView? view = null;
        await Eventually.Holds(async () => (view = await dora.GetRolloutAsync("rollshare", Cancel)).Counts!.Sum(c => c.Started) == started.Count + 1, "the counts follow");
        (view!.VersionInForce, view.Candidate).ShouldBe((1, 2));
        view.Counts!.Select(c => c.Version).ShouldBe([1, 2]);
        view.Counts![1].Started.ShouldBe(started.Count(s => s.ProcessVersion == 2));
        var states = await dora.ListVersionsAsync("rollshare", Cancel).Select(v => v.State).ToListAsync(Cancel);
        states.ShouldBe([ProcessVersionState.Candidate, ProcessVersionState.InForce]);
        (await dora.ListAsync(Cancel).FirstAsync(p => p.Key == "rollshare", Cancel)).ShouldSatisfyAllConditions(p => p.LatestVersion.ShouldBe(2), p => p.VersionInForce.ShouldBe(1), p => p.Candidate.ShouldBe(2));

        var wider = await dora.ChangeRolloutAsync("rollshare", 2, new RolloutRequest("it goes well", 0.9m), new CallOptions(IfVersion: view.Version), Cancel);
        (wider.Rollout!.Share, wider.Version).ShouldBe((0.9m, view.Version + 1));
        await Refused(412, "precondition.failed", () => dora.PromoteAsync("rollshare", 2, new("stale"), new CallOptions(IfVersion: view.Version), Cancel));
        var once = new CallOptions(Guid.NewGuid().ToString(), wider.Version);
        var promoted = await dora.PromoteAsync("rollshare", 2, new("a week without trouble"), once, Cancel);
        (promoted.VersionInForce, promoted.Candidate, promoted.Rollout).ShouldBe((2, null, null));
        (await dora.PromoteAsync("rollshare", 2, new("a week without trouble"), once, Cancel)).Version.ShouldBe(promoted.Version, "the stored answer, though the version has moved on");
        (await dora.PromoteAsync("rollshare", 2, new("twice"), cancellationToken: Cancel)).Version.ShouldBe(promoted.Version, "twice adds nothing");
        (await service.Act("ana").Instances.StartAsync(new StartInstanceRequest("rollshare"), cancellationToken: Cancel)).ShouldSatisfyAllConditions(s => s.ProcessVersion.ShouldBe(2), s => s.StartedInRollout.ShouldBeNull());
        (await dora.ListVersionsAsync("rollshare", Cancel).Select(v => v.State).ToListAsync(Cancel)).ShouldBe([ProcessVersionState.InForce, ProcessVersionState.Replaced]);
    }

    [Fact]
    public async Task A_start_repeated_across_a_promotion_is_answered_the_same()
    {
        var dora = await Begun("rollrepeat");
        await dora.PublishAsync(new(Drawing("rollrepeat", "second"), null, new RolloutRequest("half", 0.5m)), cancellationToken: Cancel);
        var keys = new Dictionary<string, Got>(StringComparer.Ordinal);
        for (var i = 0; i < 8; i++)
        {
            var key = Guid.NewGuid().ToString();
            keys[key] = await service.Send("POST", "/v1/instances", "ana", """{"process":"rollrepeat"}""", key, Cancel);
        }

        await dora.WithdrawAsync("rollrepeat", 2, new("wrong totals"), cancellationToken: Cancel);
        foreach (var (key, first) in keys)
        {
            first.Status.ShouldBe(201, first.Body);
            (await service.Send("POST", "/v1/instances", "ana", """{"process":"rollrepeat"}""", key, Cancel)).Body.ShouldBe(first.Body);
        }

        (await dora.GetVersionAsync("rollrepeat", 2, Cancel)).State.ShouldBe(ProcessVersionState.Withdrawn);
        foreach (var id in keys.Values.Select(k => k.Json.GetProperty("id").GetGuid()))
            (await service.Act("otto").Instances.GetAsync(id, Cancel)).ShouldSatisfyAllConditions(i => i.Status.ShouldBe(Client.Instances.InstanceStatus.Running), i => i.ProcessVersion.ShouldBe(Rollout.PlaceOf("rollrepeat", 2, id) < 5_000 ? 2 : 1));
    }

    [Fact]
    public async Task Groups_are_those_of_the_verified_starter_and_one_that_nobody_is_in_is_named()
    {
        var dora = await Begun("rollgroups");
        await dora.PublishAsync(new(Drawing("rollgroups", "second"), null, new RolloutRequest("clerks first", Groups: ["clerks", "no-such-group"])), cancellationToken: Cancel);
        var mine = await service.Act("ana").Instances.StartAsync(new StartInstanceRequest("rollgroups"), cancellationToken: Cancel);
        (mine.ProcessVersion, mine.StartedInRollout!.Group).ShouldBe((2, "clerks"));
        var other = await service.Act("ben").Instances.StartAsync(new StartInstanceRequest("rollgroups"), cancellationToken: Cancel);
        (other.ProcessVersion, other.StartedInRollout!.Taken, other.StartedInRollout.Group).ShouldBe((1, false, null));
        var program = await service.Send("POST", "/v1/instances", await service.Key("dora", Cancel), """{"process":"rollgroups"}""", cancel: Cancel);
        program.Json.GetProperty("processVersion").GetInt32().ShouldBe(1, "a program is in no group");
        (await dora.GetRolloutAsync("rollgroups", Cancel)).EmptyGroups.ShouldBe(["no-such-group"]);
        await Refused(409, "process.rollout_open", () => dora.PublishAsync(new(Drawing("rollgroups", "third"), null, new RolloutRequest("too many", 0.1m)), cancellationToken: Cancel));
        var full = await dora.PublishAsync(new(Drawing("rollgroups", "third")), cancellationToken: Cancel);
        (full.Version, full.State).ShouldBe((3, ProcessVersionState.InForce));
        (await dora.ListVersionsAsync("rollgroups", Cancel).Select(v => v.State).ToListAsync(Cancel)).ShouldBe([ProcessVersionState.InForce, ProcessVersionState.Withdrawn, ProcessVersionState.Replaced]);
        await Refused(409, "process.rollout_closed", () => dora.PromoteAsync("rollgroups", 2, new("late"), cancellationToken: Cancel));
    }

    [Theory]
    [InlineData("""{"share":0,"reason":"r"}""", 422, "process.rollout_share")]
    [InlineData("""{"share":1,"reason":"r"}""", 422, "process.rollout_share")]
    [InlineData("""{"share":-1,"reason":"r"}""", 422, "process.rollout_share")]
    [InlineData("""{"share":0.00001,"reason":"r"}""", 422, "process.rollout_share")]
    [InlineData("""{"share":"0.1","reason":"r"}""", 400, "request.malformed")]
    [InlineData("""{"share":NaN,"reason":"r"}""", 400, "request.malformed")]
    [InlineData("""{"share":1e400,"reason":"r"}""", 400, "request.malformed")]
    [InlineData("""{"share":null,"reason":"r"}""", 422, "process.rollout_target")]
    [InlineData("""{"share":0.1,"groups":["a"],"reason":"r"}""", 422, "process.rollout_target")]
    [InlineData("""{"groups":["No Such"],"reason":"r"}""", 422, "process.rollout_groups")]
    [InlineData("""{"groups":[null],"reason":"r"}""", 400, "request.malformed")]
    [InlineData("""{"groups":"clerks","reason":"r"}""", 400, "request.malformed")]
    [InlineData("""{"share":0.1}""", 400, "request.malformed")]
    [InlineData("""{"share":0.1,"reason":" "}""", 422, "process.reason_missing")]
    [InlineData("""{"percent":10,"reason":"r"}""", 400, "request.malformed")]
    public async Task Nonsense_is_refused_with_a_code_and_changes_nothing(string rollout, int status, string code)
    {
        await Begun("rollnonsense");
        var bpmn = JsonSerializer.Serialize(Drawing("rollnonsense", "second"));
        foreach (var (path, body) in ((string, string)[])[("/v1/processes", $$"""{"bpmn":{{bpmn}},"rollout":{{rollout}}}"""), ("/v1/processes/rollnonsense/versions/1/rollout", rollout)])
        {
            var got = await service.Send("POST", path, "dora", body, cancel: Cancel);
            got.Status.ShouldBe(status, got.Body);
            got.Json.GetProperty("code").GetString().ShouldBe(code);
        }

        (await service.Send("GET", "/v1/processes/rollnonsense/versions", "tess", cancel: Cancel)).Json.GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_thousand_groups_are_too_many()
    {
        var dora = await Begun("rollmany");
        await Refused(422, "process.rollout_groups", () => dora.PublishAsync(new(Drawing("rollmany", "second"), null,
            new RolloutRequest("all", Groups: [.. Enumerable.Range(0, 1_000).Select(i => "g" + i.ToString(CultureInfo.InvariantCulture))])), cancellationToken: Cancel));
    }

    [Fact]
    public async Task Who_may_not_publish_may_not_roll_out_and_another_tenant_finds_nothing()
    {
        var dora = await Begun("rollrights");
        await dora.PublishAsync(new(Drawing("rollrights", "second"), null, new RolloutRequest("try", 0.5m)), cancellationToken: Cancel);
        foreach (var (act, body) in ((string, string)[])[("rollout", """{"share":0.6,"reason":"r"}"""), ("promote", """{"reason":"r"}"""), ("withdraw", """{"reason":"r"}""")])
        {
            foreach (var who in (string[])["ana", "otto", "tess"])
                (await service.Send("POST", $"/v1/processes/rollrights/versions/2/{act}", who, body, cancel: Cancel)).ShouldSatisfyAllConditions(g => g.Status.ShouldBe(403, g.Body), g => g.Json.GetProperty("code").GetString().ShouldBe("permission.denied"));
            (await service.Send("POST", $"/v1/processes/rollrights/versions/2/{act}", "gus", body, cancel: Cancel)).Status.ShouldBe(404);
            (await service.Send("POST", $"/v1/processes/rollrights/versions/7/{act}", "dora", body, cancel: Cancel)).Status.ShouldBe(404);
            (await service.Send("POST", $"/v1/processes/nowhere/versions/1/{act}", "dora", body, cancel: Cancel)).Status.ShouldBe(404);
            (await service.Send("POST", $"/v1/processes/rollrights/versions/2/{act}", "dora", """{"reason":""}""", cancel: Cancel)).Status.ShouldBe(422);
        }

        (await service.Send("GET", "/v1/processes/rollrights/rollout", "gus", cancel: Cancel)).Status.ShouldBe(404);
        (await service.Send("GET", "/v1/processes/nowhere/rollout", "dora", cancel: Cancel)).Status.ShouldBe(404);
        var read = await service.Send("GET", "/v1/processes/rollrights/rollout", "tess", cancel: Cancel);
        (read.Status, read.Headers["ETag"], read.Json.GetProperty("rollout").GetProperty("share").GetDecimal()).ShouldBe((200, "\"2\"", 0.5m), "nothing was changed");
        await Refused(409, "process.rollout_first", () => dora.PublishAsync(new(Drawing("rollfirst", "first"), null, new RolloutRequest("new", 0.5m)), cancellationToken: Cancel));
    }

    private static string Drawing(string key, string task) => $"""
        <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"><bpmn:process id="{key}" isExecutable="true">
        <bpmn:startEvent id="s"/><bpmn:userTask id="{task}"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="{task}"/></bpmn:process></bpmn:definitions>
        """;

    private static async Task Refused(int status, string code, Func<Task> act)
    {
        var problem = (await Should.ThrowAsync<CountersignProblemException>(act)).Problem;
        (problem.Status, problem.Code).ShouldBe((status, code), problem.Detail);
    }

    private async Task<ProcessesClient> Begun(string key)
    {
        await service.Start(Cancel);
        var dora = service.Act("dora").Processes;
        await dora.PublishAsync(new(Drawing(key, "first")), cancellationToken: Cancel);
        return dora;
    }
}
