using System.Text.Json;
using Countersign.Client.Messages;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>Messages over HTTP.</summary>
public sealed class MessageRouteTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_nobody_waits_for_is_kept_and_its_id_is_taken_once_under_any_key()
    {
        await service.Start(Cancel);
        var program = await service.Key("dora", Cancel);
        var request = new PublishMessageRequest("nobody waits", "K-1", null, 60, "first");
        var first = await Post(program, request);
        first.Json.GetProperty("status").GetString().ShouldBe("buffered");
        (await Post(program, request)).Body.ShouldBe(first.Body);
        var other = await Post(program, request with { CorrelationKey = "K-2" });
        other.Status.ShouldBe(422);
        other.Json.GetProperty("code").GetString().ShouldBe("message.id_reused");
        (await Post(program, request with { MessageId = null, TimeToLiveSeconds = 0 })).Json.GetProperty("status").GetString().ShouldBe("unmatched");
        (await Post("tess", request)).Status.ShouldBe(403);
    }

    [Theory]
    [InlineData("""{"name":"","correlationKey":"x"}""", 422)]
    [InlineData("""{"name":"a\u0001b","correlationKey":"x"}""", 422)]
    [InlineData("""{"name":"a","correlationKey":"x","timeToLiveSeconds":-1}""", 422)]
    [InlineData("""{"name":"a","correlationKey":"x","timeToLiveSeconds":604801}""", 422)]
    [InlineData("""{"name":"a","correlationKey":"x","messageId":""}""", 422)]
    [InlineData("""{"name":"a"}""", 400)]
    public async Task What_is_no_message_is_refused(string json, int status)
    {
        await service.Start(Cancel);
        var got = await service.Send("POST", "/v1/messages", await service.Key("dora", Cancel), json, cancel: Cancel);
        got.Status.ShouldBe(status, got.Body);
    }

    private Task<Got> Post(string who, PublishMessageRequest request) =>
        service.Send("POST", "/v1/messages", who, JsonSerializer.Serialize(request, JsonSerializerOptions.Web), cancel: Cancel);
}
