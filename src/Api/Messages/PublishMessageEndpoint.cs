using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Messages;
using Countersign.Projections.Store;
using Countersign.Workers.Messages;

namespace Countersign.Api.Messages;

internal sealed class PublishMessageEndpoint : IEndpoint
{
    private const long MaxBytes = 128 * 1024;
    private const int MostText = 255;

    public static void Map(RouteTable routes) => routes.Post("/messages", Permission.MessagesPublish, Handle).Produces<MessageView>().WithMetadata(new BodyLimit(MaxBytes))
        .WithTags("Messages").WithSummary("Publishes a message: to the instance that waits for it, or kept until one does");

    private static async Task<IResult> Handle(JsonBody<PublishMessageRequest> body, Call call, MessagePost post, Writes writes)
    {
        var request = body.Value;
        if (Problem(request) is { } problem)
            return problem;
        // Made from the call's key, so that the same call once more is the same message even after a crash.
        var id = request.MessageId ?? StreamsOf.StartedUnder(call.TenantId, call.Idempotency.CredentialId, call.Idempotency.Key).ToString("D", CultureInfo.InvariantCulture);
        var life = request.TimeToLiveSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : MessagePost.UsualLife;
        var variables = request.Variables?.ToImmutableDictionary(StringComparer.Ordinal) ?? ImmutableDictionary<string, JsonElement>.Empty;
        var published = await post.Publish(new Message(call.TenantId, MessageSource.Api, id, request.Name, request.CorrelationKey, variables, life, call.Actor), call.Cancellation);
        return published.Refusal is { } refusal ? Problems.Of(refusal) : await writes.Keep(call, Answer.Ok(new MessageView(id, request.Name, Enum.Parse<MessageStatus>(published.Fate.ToString()), published.InstanceId)));
    }

    private static ProblemAnswer? Problem(PublishMessageRequest request) =>
        !IsText(request.Name, 1) ? Problems.Invalid("/name", $"A message's name is 1 to {MostText} characters without control characters, as in the diagram.")
        : !IsText(request.CorrelationKey, 0) ? Problems.Invalid("/correlationKey", $"A correlation key is at most {MostText} characters without control characters; empty for messages that only start instances.")
        : request.MessageId is { } id && !IsText(id, 1) ? Problems.Invalid("/messageId", $"A message id is 1 to {MostText} characters without control characters.")
        : request.TimeToLiveSeconds is { } life && (life < 0 || life > MessagePost.LongestLife.TotalSeconds) ? Problems.Invalid("/timeToLiveSeconds", "A time to live is 0 to 604,800 seconds.")
        : null;

    private static bool IsText(string text, int least) => text.Length >= least && text.Length <= MostText && !text.Any(char.IsControl);
}
