using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Countersign.Domain.Webhooks;
using Countersign.Projections.Webhooks;

namespace Countersign.Workers.Webhooks;

/// <summary>How an attempt ended.</summary>
/// <param name="Status">HTTP status, or null without an answer.</param>
/// <param name="Error">Why there was none, one sentence.</param>
/// <param name="RetryAfter">What the receiver asked for.</param>
/// <param name="Response">First part of the body as text.</param>
public sealed record PostResult(int? Status, string? Error, TimeSpan? RetryAfter, string? Response)
{
    /// <summary>Only 2xx is success.</summary>
    public bool Succeeded => Status is >= 200 and <= 299;
}

/// <summary>Sends one message once: signed, bounded in time and in what is read, never redirected.</summary>
public sealed class WebhookPoster(IHttpClientFactory clients, WebhookSecrets secrets, WebhookOptions options, TimeProvider clock)
{
    private const int KeptOfAnswer = 1_000;

    /// <summary>Sends.</summary>
    public async Task<PostResult> Post(string tenantId, WebhookEndpointRecord endpoint, WebhookDelivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(delivery);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.Timeout);
        try
        {
            var body = Encoding.UTF8.GetBytes(secrets.Open(delivery.Body, tenantId, delivery.Id));
            using var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json") { CharSet = "utf-8" };
            request.Options.Set(WebhookHttp.Outside, true);
            Sign(request.Headers, tenantId, endpoint, delivery, body);
            using var client = clients.CreateClient(WebhookHttp.Client);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return new PostResult((int)response.StatusCode, null, RetryAfter(response.Headers.RetryAfter), await Read(response.Content, limit.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new PostResult(null, string.Create(CultureInfo.InvariantCulture, $"The receiver did not answer within {options.Timeout.TotalSeconds:0} seconds."), null, null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            var refused = e as WebhookTargetRefusedException ?? e.InnerException as WebhookTargetRefusedException;
            return new PostResult(null, refused?.Message ?? $"The connection failed ({(e as HttpRequestException)?.HttpRequestError.ToString() ?? "broken off"}).", null, null);
        }
    }

    private void Sign(HttpRequestHeaders headers, string tenantId, WebhookEndpointRecord endpoint, WebhookDelivery delivery, byte[] body)
    {
        var now = clock.GetUtcNow();
        var seconds = now.ToUnixTimeSeconds();
        var signatures = new List<string> { Signature(endpoint.SealedSecret) };
        if (endpoint.PreviousSealedSecret is { } previous && endpoint.PreviousUntil > now)
            signatures.Add(Signature(previous));
        headers.Add("webhook-id", delivery.MessageId);
        headers.Add("webhook-timestamp", seconds.ToString(CultureInfo.InvariantCulture));
        headers.Add("webhook-signature", string.Join(' ', signatures));
        headers.Add("Idempotency-Key", delivery.MessageId);
        headers.UserAgent.ParseAdd("Countersign-Webhooks/1");

        string Signature(string sealedSecret) => WebhookSignature.Sign(WebhookSignature.KeyOf(secrets.Open(sealedSecret, tenantId, endpoint.Id)), delivery.MessageId, seconds, body);
    }

    private async Task<string?> Read(HttpContent content, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[options.MaxAnswer];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        var text = Encoding.UTF8.GetString(buffer.AsSpan(0, Math.Min(length, KeptOfAnswer))).Replace("\0", "", StringComparison.Ordinal);
        return text.Length == 0 ? null : text;
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > clock.GetUtcNow() => date - clock.GetUtcNow(),
        _ => null,
    };
}
