using System.Text.Json;
using Countersign.Client.Processes;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>Over HTTP: a process that starts by its timer, and a business key that one instance holds alone.</summary>
public sealed class ProcessStartTests(RunningService service)
{
    private const string Timer = """<bpmn:startEvent id="s" name="Soon"><bpmn:timerEventDefinition><bpmn:timeDuration>{0}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:startEvent>""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_published_timer_is_shown_starts_an_instance_and_names_it()
    {
        await service.Start(Cancel);
        var published = await Publish(Drawing("starts-soon", Timer.Replace("{0}", "PT1S", StringComparison.Ordinal)));
        published.Status.ShouldBe(201, published.Body);
        var timer = published.Json.GetProperty("timerStarts")[0];
        (timer.GetProperty("elementId").GetString(), timer.GetProperty("timer").GetString(), timer.GetProperty("startsLeft").GetInt32()).ShouldBe(("s", "PT1S", 1));
        timer.GetProperty("nextStartAt").GetDateTimeOffset().ShouldBeGreaterThan(published.Json.GetProperty("publishedAt").GetDateTimeOffset());
        var instance = await Eventually.Find(async () =>
        {
            var now = (await service.Send("GET", "/v1/processes/starts-soon/versions/1", "tess", cancel: Cancel)).Json.GetProperty("timerStarts")[0];
            var again = now.TryGetProperty("nextStartAt", out var next) && next.ValueKind != JsonValueKind.Null;
            return now.TryGetProperty("lastInstanceId", out var id) && id.ValueKind == JsonValueKind.String && !again ? id.GetString() : null;
        }, "the timer starts an instance");
        var view = (await service.Send("GET", $"/v1/instances/{instance}", "otto", cancel: Cancel)).Json;
        (view.GetProperty("processKey").GetString(), view.GetProperty("startedBy").GetString()).ShouldBe(("starts-soon", "system"));
        (await service.Send("GET", $"/v1/instances/{instance}/history", "tess", cancel: Cancel)).Json.GetProperty("items")[0].GetProperty("sentence").GetString()!.ShouldStartWith("The timer 'Soon', due at");
    }

    [Fact]
    public async Task A_timer_that_gives_no_time_is_not_published()
    {
        await service.Start(Cancel);
        var refused = await Publish(Drawing("starts-never", Timer.Replace("{0}", "=&quot;soon&quot;", StringComparison.Ordinal)));
        refused.Status.ShouldBe(422, refused.Body);
        refused.Body.ShouldContain("timer.invalid");
        (await service.Send("GET", "/v1/processes/starts-never/versions", "tess", cancel: Cancel)).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_second_start_under_a_held_key_is_a_conflict_that_names_the_holder()
    {
        await service.Start(Cancel);
        (await Publish(Drawing("one-at-a-time", """<bpmn:extensionElements><cs:businessKey unique="true"/></bpmn:extensionElements><bpmn:startEvent id="s"/>"""))).Status.ShouldBe(201);
        const string start = """{"process":"one-at-a-time","businessKey":"K-1"}""";
        var first = await service.Send("POST", "/v1/instances", "ana", start, cancel: Cancel);
        first.Status.ShouldBe(201, first.Body);
        var second = await service.Send("POST", "/v1/instances", "ana", start, cancel: Cancel);
        second.Status.ShouldBe(409, second.Body);
        second.Json.GetProperty("code").GetString().ShouldBe("instance.business_key_taken");
        second.Json.GetProperty("detail").GetString()!.ShouldContain(first.Json.GetProperty("id").GetString()!);
    }

    private static string Drawing(string key, string start) => $"""
        <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:cs="http://countersign.dev/schema/bpmn/1.0" id="d" targetNamespace="t"><bpmn:process id="{key}" isExecutable="true">
        {start}<bpmn:userTask id="work"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="work"/></bpmn:process></bpmn:definitions>
        """;

    private Task<Got> Publish(string bpmn) =>
        service.Send("POST", "/v1/processes", "dora", JsonSerializer.Serialize(new PublishProcessRequest(bpmn), JsonSerializerOptions.Web), cancel: Cancel);
}
