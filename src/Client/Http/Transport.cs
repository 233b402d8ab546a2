using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Countersign.Client;

/// <summary>Sends requests: credential, idempotency key, repeats, problems. Every call of this API may be repeated: reads by nature, acts by their key.</summary>
internal sealed class Transport(HttpClient http, ITokenProvider? tokens, CountersignClientOptions options)
{
    private const int MaxProblemBytes = 64 * 1024;

    public Task<T> Get<T>(string path, CancellationToken ct) => SendForJson<T>(() => new HttpRequestMessage(HttpMethod.Get, path), ct);

    public async Task<string> GetText(string path, CancellationToken ct)
    {
        using var response = await Send(() => new HttpRequestMessage(HttpMethod.Get, path), ct);
        return await response.Content.ReadAsStringAsync(ct);
    }

    public async Task<byte[]> GetBytes(string path, CancellationToken ct)
    {
        using var response = await Send(() => new HttpRequestMessage(HttpMethod.Get, path), ct);
        return await response.Content.ReadAsByteArrayAsync(ct);
    }

    public Task<HttpResponseMessage> GetResponse(string path, CancellationToken ct) => Send(() => new HttpRequestMessage(HttpMethod.Get, path), ct);

    public Task<T> Post<T>(string path, object? body, CallOptions? call, CancellationToken ct) =>
        PostContent<T>(path, body is null ? null : () => JsonContent.Create(body, body.GetType(), mediaType: null, ClientJson.Options), call, ct);

    public Task<T> PostContent<T>(string path, Func<HttpContent>? content, CallOptions? call, CancellationToken ct)
    {
        var key = call?.IdempotencyKey ?? Guid.CreateVersion7().ToString("N");
        return SendForJson<T>(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content?.Invoke() };
                request.Headers.Add("Idempotency-Key", key);
                if (call?.IfVersion is { } version)
                    request.Headers.IfMatch.Add(TagOf(version));
                return request;
            },
            ct);
    }

    public Task<T> Change<T>(HttpMethod method, string path, object? body, long version, CancellationToken ct) =>
        SendForJson<T>(() => Conditional(method, path, body, version), ct);

    public async Task Delete(string path, long version, CancellationToken ct)
    {
        using var response = await Send(() => Conditional(HttpMethod.Delete, path, null, version), ct);
    }

    /// <summary>Walks all pages of a list. Each page is fetched when its first item is asked for.</summary>
    public async IAsyncEnumerable<T> Pages<T>(string path, [EnumeratorCancellation] CancellationToken ct)
    {
        string? cursor = null;
        do
        {
            var page = await Get<Page<T>>(cursor is null ? path : Query.Append(path, "cursor", cursor), ct);
            foreach (var item in page.Items)
                yield return item;
            cursor = page.Next;
        }
        while (cursor is not null);
    }

    private static HttpRequestMessage Conditional(HttpMethod method, string path, object? body, long version)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = JsonContent.Create(body, body.GetType(), mediaType: null, ClientJson.Options);
        request.Headers.IfMatch.Add(TagOf(version));
        return request;
    }

    private static EntityTagHeaderValue TagOf(long version) => new($"\"{version}\"");

    private async Task<T> SendForJson<T>(Func<HttpRequestMessage> make, CancellationToken ct)
    {
        using var response = await Send(make, ct);
        return await response.Content.ReadFromJsonAsync<T>(ClientJson.Options, ct)
            ?? throw new InvalidDataException("The service answered with an empty body where content was expected.");
    }

    private async Task<HttpResponseMessage> Send(Func<HttpRequestMessage> make, CancellationToken ct)
    {
        var renewed = false;
        for (var attempt = 0; ; attempt++)
        {
            HttpResponseMessage response;
            try
            {
                using var request = make();
                if (tokens is not null && await tokens.GetTokenAsync(renew: false, ct) is { } token)
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            }
            catch (HttpRequestException) when (attempt < options.Retries)
            {
                await Pause(Backoff(attempt), ct);
                continue;
            }

            if (response.IsSuccessStatusCode)
                return response;
            using (response)
            {
                if (response.StatusCode == HttpStatusCode.Unauthorized && !renewed && tokens is not null && await tokens.GetTokenAsync(renew: true, ct) is not null)
                {
                    renewed = true;
                    attempt--;
                    continue;
                }

                var problem = await ReadProblem(response, ct);
                if (attempt >= options.Retries || !MayRepeat(problem) || (problem.RetryAfter ?? Backoff(attempt)) is var pause && pause > options.LongestPause)
                    throw problem;
                await Pause(pause, ct);
            }
        }
    }

    private static bool MayRepeat(CountersignProblemException problem) =>
        problem.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
        || problem.Code == "idempotency.in_flight";

    private async Task<CountersignProblemException> ReadProblem(HttpResponseMessage response, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        var problem = new Problem(null, response.ReasonPhrase, status, "The answer carried no problem description.", null);
        if (response.Content.Headers.ContentType?.MediaType == "application/problem+json" && response.Content.Headers.ContentLength is null or <= MaxProblemBytes)
        {
            try
            {
                problem = await response.Content.ReadFromJsonAsync<Problem>(ClientJson.Options, ct) is { } read ? read with { Status = status } : problem;
            }
            catch (JsonException)
            {
                // The status alone still says what happened; the body was not what its type promised.
                problem = problem with { Detail = "The answer's problem description could not be read." };
            }
        }

        return new CountersignProblemException(problem, RetryAfter(response));
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > options.Clock.GetUtcNow() => date - options.Clock.GetUtcNow(),
        { Date: not null } => TimeSpan.Zero,
        _ => null,
    };

    private TimeSpan Backoff(int attempt) => options.FirstPause * Math.Pow(2, attempt) * (0.8 + (Random.Shared.NextDouble() * 0.4));

    private Task Pause(TimeSpan pause, CancellationToken ct) => Task.Delay(pause, options.Clock, ct);
}

/// <summary>Builds query strings.</summary>
internal static class Query
{
    public static string Of(string path, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        foreach (var (name, value) in parameters)
        {
            var text = value switch
            {
                null => null,
                string s => s,
                bool b => b ? "true" : "false",
                DateTimeOffset t => t.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture),
                Enum e => JsonNamingPolicy.SnakeCaseLower.ConvertName(e.ToString()),
                IFormattable f => f.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
                _ => value.ToString(),
            };
            if (text is not null)
                path = Append(path, name, text);
        }

        return path;
    }

    public static string Append(string path, string name, string value) =>
        $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={Uri.EscapeDataString(value)}";

    public static string Escape(string segment) => Uri.EscapeDataString(segment);
}
