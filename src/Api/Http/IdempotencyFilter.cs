using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Countersign.Client;
using Countersign.Workers.Streams;

namespace Countersign.Api.Http;

/// <summary>
/// Requires <c>Idempotency-Key</c>. A repeat of a call that was carried out gets the stored answer; another request under the same key is refused; while a call
/// is carried out in this process a second one is told so. Between processes the row's primary key decides: only one transaction can write it.
/// </summary>
internal sealed class IdempotencyFilter(IdempotencyStore store, InFlightCalls inFlight) : IEndpointFilter
{
    private const string Header = "Idempotency-Key";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var header = http.Request.Headers[Header];
        if (header.Count == 0)
            return Problems.Of("idempotency.key_missing", "Send an Idempotency-Key of your own making, and the same one when you repeat the call.", new ProblemError(Header, "missing"));
        if (header.Count != 1 || header[0] is not { Length: >= 1 and <= 255 } key || key.Any(c => c is < '!' or > '~'))
            return Problems.Of("idempotency.key_invalid", "An Idempotency-Key is 1 to 255 printable ASCII characters without spaces.", new ProblemError(Header, "not valid"));

        var call = (await Call.BindAsync(http, null!))!;
        var body = context.Arguments.OfType<IRequestBody>().FirstOrDefault();
        if (body?.Problem is { } problem)
            return problem;
        var scope = new IdempotencyScope(
            $"{(call.Actor.Kind == Domain.Tenants.ActorKind.Key ? "key" : "person")}:{call.Caller.Id}",
            key,
            Hash($"{http.Request.Method}\n{http.Request.Path}\n{http.Request.QueryString}", body?.Hash ?? []));
        using var mine = inFlight.TryEnter(call.TenantId, $"{scope.CredentialId}\n{key}");
        if (mine is null)
        {
            return new ProblemAnswer(ProblemTable.Kinds["idempotency.in_flight"], "The call with this key is being carried out. Repeat it in a moment to get its answer.", [])
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }

        // Where the runner answers, it reads the receipt itself with what it loads anyway.
        var byRunner = http.GetEndpoint()!.Metadata.GetMetadata<ReceiptByRunner>() is not null;
        if (!byRunner && await store.Find(call.TenantId, scope, http.RequestAborted) is { } before)
            return before;
        http.Features.Set(scope);
        try
        {
            var answer = await next(context);
            // Answered before the runner was asked, by a check or a full queue: the answer of the call that was carried out goes before.
            return byRunner && http.Features.Get<ReceiptRead>() is null ? await store.Find(call.TenantId, scope, http.RequestAborted) ?? answer : answer;
        }
        catch (ReceiptRaceException)
        {
            // Another process wrote the row first: ours rolled back as a whole, theirs is the answer.
            return await store.Find(call.TenantId, scope, http.RequestAborted) ?? (IResult)Problems.OfStatus(StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static string Hash(string text, byte[] more) => Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(text), 0, .. more]));
}

/// <summary>Marks routes that act by one command of an instance and have no effect before it: their receipts are read by the runner, in its own statement.</summary>
internal sealed class ReceiptByRunner
{
    public static ReceiptByRunner Instance { get; } = new();
}

/// <summary>Says that the runner has looked for the call's receipt, so that its answer stands.</summary>
internal sealed class ReceiptRead
{
    public static ReceiptRead Instance { get; } = new();
}

/// <summary>Calls being carried out in this process. Bounded by the requests the server has open.</summary>
internal sealed class InFlightCalls
{
    private readonly ConcurrentDictionary<(string, string), byte> _open = new();

    /// <summary>Enters, or returns null when the same call is inside.</summary>
    public IDisposable? TryEnter(string tenantId, string rowId) => _open.TryAdd((tenantId, rowId), 0) ? new Leave(this, (tenantId, rowId)) : null;

    private sealed class Leave(InFlightCalls calls, (string, string) key) : IDisposable
    {
        public void Dispose() => calls._open.TryRemove(key, out _);
    }
}
