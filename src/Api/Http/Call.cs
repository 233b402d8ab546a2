using System.Diagnostics;
using System.Reflection;
using Countersign.Api.Identity;
using Countersign.Domain.Tenants;

namespace Countersign.Api.Http;

/// <summary>One call of a caller: what every endpoint needs and nothing a request could forge.</summary>
internal sealed class Call
{
    private Call(HttpContext http, Caller caller) => (Http, Caller) = (http, caller);

    public HttpContext Http { get; }

    public Caller Caller { get; }

    public string TenantId => Caller.TenantId;

    public Actor Actor => Caller.Actor;

    public CancellationToken Cancellation => Http.RequestAborted;

    public static string? TraceId => Activity.Current?.TraceId.ToString();

    /// <summary>The idempotency key of this call; set by the route's filter on every POST.</summary>
    public IdempotencyScope Idempotency => Http.Features.Get<IdempotencyScope>() ?? throw new InvalidOperationException("This route takes no Idempotency-Key.");

    public static ValueTask<Call?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        _ = parameter;
        var caller = context.Features.Get<Caller>() ?? throw new InvalidOperationException("The route declares no permission, so there is no caller.");
        return ValueTask.FromResult<Call?>(new Call(context, caller));
    }
}

/// <summary>What identifies a repeat: who calls, with which key, and what was asked.</summary>
/// <param name="CredentialId">Kind and id of the caller.</param>
/// <param name="Key">The key as sent.</param>
/// <param name="BodyHash">Digest over method, path, query and body.</param>
internal sealed record IdempotencyScope(string CredentialId, string Key, string BodyHash);
