using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Incidents;
using Countersign.Client.Instances;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>What an operator does to a running case, over HTTP: each act, and each way in which it is refused.</summary>
public sealed class OperationRouteTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_suspended_case_says_so_everywhere_and_goes_on_when_it_is_let()
    {
        var (otto, id) = await Case("opsuspend");
        var suspended = await otto.Instances.SuspendAsync(id, new("disputed"), cancellationToken: Cancel);
        suspended.Status.ShouldBe(InstanceStatus.Suspended);
        suspended.WaitingFor[0].Sentence.ShouldStartWith("The instance is suspended since");
        (await otto.Instances.GetAsync(id, Cancel)).Status.ShouldBe(InstanceStatus.Suspended);
        await Eventually.Holds(async () => await otto.Instances.ListAsync(new InstanceFilter("opsuspend", InstanceStatus.Suspended), Cancel).AnyAsync(i => i.Id == id, Cancel), "the list shows it as suspended");
        (await otto.Instances.SuspendAsync(id, new("again"), cancellationToken: Cancel)).Version.ShouldBe(suspended.Version, "twice adds nothing");
        var resumed = await otto.Instances.ResumeAsync(id, new("settled"), cancellationToken: Cancel);
        resumed.Status.ShouldBe(InstanceStatus.Running);
        resumed.ActiveElementIds.ShouldBe(["first"]);
        (await otto.Instances.GetHistoryAsync(id, Cancel).ToListAsync(Cancel)).Where(h => h.Type is "instance.suspended" or "instance.resumed").Select(h => (h.By, h.Sentence.Contains("disputed") || h.Sentence.Contains("settled")))
            .ShouldBe([("otto-acme", true), ("otto-acme", true)]);
    }

    [Fact]
    public async Task Tokens_are_moved_ended_and_begun_and_unknown_places_are_named()
    {
        var (otto, id) = await Case("opmove");
        var token = (await otto.Instances.GetAsync(id, Cancel)).Tokens.ShouldHaveSingleItem();
        (token.ElementId, token.ScopeId, token.MayMove).ShouldBe(("first", "0", true));
        var moved = await otto.Instances.ModifyAsync(id, new ModifyInstanceRequest("done by hand", Move: [new("first", "second")]), cancellationToken: Cancel);
        moved.ActiveElementIds.ShouldBe(["second"]);
        moved = await otto.Instances.ModifyAsync(id, new ModifyInstanceRequest("both", Begin: [new("first")]), cancellationToken: Cancel);
        moved.ActiveElementIds.ShouldBe(["first", "second"]);
        moved = await otto.Instances.ModifyAsync(id, new ModifyInstanceRequest("not needed", End: [moved.Tokens.Single(t => t.ElementId == "second").Id]), cancellationToken: Cancel);
        moved.ActiveElementIds.ShouldBe(["first"]);

        await Refused(422, "instance.no_token", "No token rests at 'second'", () => otto.Instances.ModifyAsync(id, new ModifyInstanceRequest("x", Move: [new("second", "first")]), cancellationToken: Cancel));
        await Refused(422, "instance.no_token", "no token and no element 'nowhere'", () => otto.Instances.ModifyAsync(id, new ModifyInstanceRequest("x", End: ["nowhere"]), cancellationToken: Cancel));
        await Refused(422, "instance.no_place", "no element 'nowhere'", () => otto.Instances.ModifyAsync(id, new ModifyInstanceRequest("x", Move: [new("first", "nowhere")]), cancellationToken: Cancel));
        await Refused(422, "request.invalid", "Say what to do", () => otto.Instances.ModifyAsync(id, new ModifyInstanceRequest("x"), cancellationToken: Cancel));
        await Refused(422, "request.invalid", "reason", () => otto.Instances.ModifyAsync(id, new ModifyInstanceRequest(" ", End: ["first"]), cancellationToken: Cancel));
        (await otto.Instances.ModifyAsync(id, new ModifyInstanceRequest("over", End: ["first"]), cancellationToken: Cancel)).Status.ShouldBe(InstanceStatus.Completed);
        await Refused(409, "instance.ended", "Start a new one", () => otto.Instances.ModifyAsync(id, new ModifyInstanceRequest("x", Begin: [new("first")]), cancellationToken: Cancel));
        await Refused(409, "instance.ended", "Start a new one", () => otto.Instances.SuspendAsync(id, new("x"), cancellationToken: Cancel));
        await Refused(409, "instance.ended", "Start a new one", () => otto.Instances.MigrateAsync(id, new(1, "x", DryRun: true), cancellationToken: Cancel));
    }

    [Fact]
    public async Task An_act_on_a_version_that_is_no_longer_there_is_refused_and_a_repeat_is_the_same_call()
    {
        var (otto, id) = await Case("opversion");
        var read = await otto.Instances.GetAsync(id, Cancel);
        var set = new SetVariablesRequest(new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["limit"] = JsonSerializer.SerializeToElement(7) }, "corrected");
        var first = new CallOptions(Guid.NewGuid().ToString(), read.Version);
        var done = await otto.Instances.SetVariablesAsync(id, set, first, Cancel);
        done.Variables["limit"].GetInt32().ShouldBe(7);
        done.Version.ShouldBe(read.Version + 1);
        (await otto.Instances.SetVariablesAsync(id, set, first, Cancel)).Version.ShouldBe(done.Version, "the stored answer, though the version has moved on");
        await Refused(412, "precondition.failed", "has changed since", () => otto.Instances.SuspendAsync(id, new("stale"), new CallOptions(IfVersion: read.Version), Cancel));
        await Refused(412, "precondition.failed", "has changed since", () => otto.Instances.MigrateAsync(id, new(1, "stale", DryRun: true), new CallOptions(IfVersion: read.Version), Cancel));
        (await otto.Instances.SuspendAsync(id, new("fresh"), new CallOptions(IfVersion: done.Version), Cancel)).Status.ShouldBe(InstanceStatus.Suspended);
        await Refused(422, "request.invalid", "Name at least one variable", () => otto.Instances.SetVariablesAsync(id, set with { Variables = new Dictionary<string, JsonElement>() }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task A_migration_is_judged_in_sentences_and_then_carried_out()
    {
        var (otto, id) = await Case("opmigrate");
        await Refused(422, "process.version_mismatch", "is no version of the process", () => otto.Instances.MigrateAsync(id, new(7, "x", DryRun: true), cancellationToken: Cancel));
        await Refused(422, "process.version_mismatch", "is no version of the process", () => otto.Instances.MigrateAsync(id, new(7, "x"), cancellationToken: Cancel));
        (await Publish("opmigrate", "renamed")).ShouldBe(2);
        var before = await otto.Instances.GetAsync(id, Cancel);
        var verdict = await otto.Instances.MigrateAsync(id, new(2, "new law", DryRun: true), cancellationToken: Cancel);
        (verdict.Possible, verdict.Applied, verdict.FromVersion, verdict.ToVersion).ShouldBe((false, false, 1, 2));
        verdict.Findings.ShouldHaveSingleItem().Sentence.ShouldBe("'first' is not in the other version. Map it to another element, or end its token first.");
        verdict.Sentence.ShouldContain(verdict.Findings[0].Sentence);
        await Refused(422, "instance.not_migratable", "Map it to another element", () => otto.Instances.MigrateAsync(id, new(2, "new law"), cancellationToken: Cancel));

        var mapping = new Dictionary<string, string>(StringComparer.Ordinal) { ["first"] = "renamed" };
        verdict = await otto.Instances.MigrateAsync(id, new(2, "new law", mapping, DryRun: true), cancellationToken: Cancel);
        (verdict.Possible, verdict.Applied).ShouldBe((true, false));
        verdict.Ends.ShouldBe(["late"]);
        (await otto.Instances.GetAsync(id, Cancel)).Version.ShouldBe(before.Version, "a dry run writes nothing");
        verdict = await otto.Instances.MigrateAsync(id, new(2, "new law", mapping), cancellationToken: Cancel);
        (verdict.Possible, verdict.Applied, verdict.Sentence).ShouldBe((true, true, "It runs version 2 now."));
        verdict.Ends.ShouldBe(["late"]);
        var after = await otto.Instances.GetAsync(id, Cancel);
        (after.ProcessVersion, after.ActiveElementIds.Single()).ShouldBe((2, "renamed"));
        (await otto.Instances.MigrateAsync(id, new(2, "again", mapping), cancellationToken: Cancel)).Applied.ShouldBeFalse();
        (await otto.Instances.MigrateAsync(id, new(2, "again", mapping, DryRun: true), cancellationToken: Cancel)).Sentence.ShouldBe("It runs version 2 already.");
        await otto.Instances.CancelAsync(id, new("done"), cancellationToken: Cancel);
    }

    [Fact]
    public async Task An_incident_is_skipped_rerouted_or_retried_and_unknown_ones_are_not_found()
    {
        await service.Start(Cancel);
        await Publish("opincident", "first");
        var otto = service.Act("otto");
        foreach (var way in (string[])["skip", "reroute", "retry"])
        {
            var id = await Started("opincident", """{"way":"none"}""");
            var incident = (await otto.Incidents.ListAsync(instance: id, cancellationToken: Cancel).ToListAsync(Cancel)).ShouldHaveSingleItem();
            await Refused(422, "request.invalid", "reason", () => otto.Incidents.SkipAsync(incident.Id, new SkipIncidentRequest(""), cancellationToken: Cancel));
            await Refused(422, "instance.no_place", "no element 'nowhere'", () => otto.Incidents.RerouteAsync(incident.Id, new("nowhere", "x"), cancellationToken: Cancel));
            await Refused(404, "resource.not_found", "", () => otto.Incidents.SkipAsync($"{id}-99", new SkipIncidentRequest("x"), cancellationToken: Cancel));
            await Refused(404, "resource.not_found", "", () => otto.Incidents.RerouteAsync("nonsense", new("first", "x"), cancellationToken: Cancel));
            await otto.Instances.SetVariablesAsync(id, new(new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["way"] = JsonSerializer.SerializeToElement("first") }, "corrected"), cancellationToken: Cancel);
            var result = way switch
            {
                "skip" => await otto.Incidents.SkipAsync(incident.Id, new SkipIncidentRequest("known"), cancellationToken: Cancel),
                "reroute" => await otto.Incidents.RerouteAsync(incident.Id, new("second", "by hand"), cancellationToken: Cancel),
                _ => await otto.Incidents.RetryAsync(incident.Id, new("corrected"), cancellationToken: Cancel),
            };
            result.Applied.ShouldBeTrue();
            var view = await otto.Instances.GetAsync(id, Cancel);
            // A gateway without a standard flow that is skipped has nowhere to go on to: the case ends there.
            view.ActiveElementIds.ShouldBe(way switch { "skip" => [], "reroute" => ["second"], _ => ["first"] });
            (await otto.Incidents.SkipAsync(incident.Id, new SkipIncidentRequest("again"), cancellationToken: Cancel)).Applied.ShouldBeFalse();
            if (way != "skip")
                await otto.Instances.CancelAsync(id, new("done"), cancellationToken: Cancel);
        }
    }

    [Fact]
    public async Task Who_is_no_operator_is_denied_and_the_attempt_is_in_the_trail()
    {
        var (otto, id) = await Case("opdenied");
        foreach (var who in (string[])["ana", "tess"])
        {
            var act = service.Act(who);
            await Refused(403, "permission.denied", "", () => act.Instances.SuspendAsync(id, new("x"), cancellationToken: Cancel));
            await Refused(403, "permission.denied", "", () => act.Instances.MigrateAsync(id, new(1, "x", DryRun: true), cancellationToken: Cancel));
            await Refused(403, "permission.denied", "", () => act.Incidents.SkipAsync($"{id}-1", new SkipIncidentRequest("x"), cancellationToken: Cancel));
        }

        await Refused(404, "resource.not_found", "", () => service.Act("gus").Instances.SuspendAsync(id, new("x"), cancellationToken: Cancel));
        var made = await service.Send("POST", "/v1/keys", "dora", """{"name":"onlooker","roles":["auditor"]}""", cancel: Cancel);
        var (key, secret) = (made.Json.GetProperty("key").GetProperty("id").GetGuid(), made.Json.GetProperty("secret").GetString()!);
        (await service.Send("POST", $"/v1/instances/{id}/modify", secret, """{"reason":"x","end":["first"]}""", cancel: Cancel)).Status.ShouldBe(403);
        string? next = null;
        await Eventually.Holds(
            async () =>
            {
                var page = (await service.Send("GET", "/v1/trail/entries?limit=200" + (next is null ? "" : "&cursor=" + next), "tess", cancel: Cancel)).Json;
                next = page.TryGetProperty("next", out var more) && more.ValueKind == JsonValueKind.String ? more.GetString() : next;
                return page.GetProperty("items").EnumerateArray().Any(i => i.GetRawText().Contains($"access/{key:N}", StringComparison.Ordinal));
            },
            "the denied attempt in the trail");
        await otto.Instances.CancelAsync(id, new("done"), cancellationToken: Cancel);
    }

    private static async Task Refused(int status, string code, string says, Func<Task> act)
    {
        var problem = (await Should.ThrowAsync<CountersignProblemException>(act)).Problem;
        (problem.Status, problem.Code).ShouldBe((status, code), problem.Detail);
        problem.Detail.ShouldNotBeNull().ShouldContain(says);
    }

    private async Task<(CountersignClient Otto, Guid Id)> Case(string key)
    {
        await service.Start(Cancel);
        await Publish(key, "first");
        return (service.Act("otto"), await Started(key, """{"way":"first"}"""));
    }

    private async Task<int> Publish(string key, string first) =>
        (await service.Act("dora").Processes.PublishAsync(new(TestProcesses.TwoSteps(key, first), []), cancellationToken: Cancel)).Version;

    private async Task<Guid> Started(string key, string variables) =>
        (await service.Act("dora").Instances.StartAsync(new StartInstanceRequest(key, JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(variables)), cancellationToken: Cancel)).Id;
}
