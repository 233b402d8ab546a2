using Countersign.Domain;
using Countersign.Projections.Instances;
using Countersign.Workers.Streams;
using Countersign.Workers.Tenants;

namespace Countersign.Api.Http;

/// <summary>From a decided change to an answer: receipts, refusals, stale versions, denied attempts. Endpoints say only what is their own.</summary>
internal sealed class Writes(StreamDoor streams, IdempotencyStore receipts, AccessLog log)
{
    /// <summary>Carries out a change to a stream that is not an instance.</summary>
    public async Task<IResult> Change<TState, TEvent>(Call call, StreamChange<TState, TEvent> change, Func<StreamResult<TState>, Answer> map)
        where TState : class
        where TEvent : class
    {
        var scope = call.Http.Features.Get<IdempotencyScope>();
        var receipt = scope is null ? null : new ReceiptOf(CommandReceipt.IdOf(scope.CredentialId, scope.Key), scope.BodyHash);
        change = change with { ExpectedVersion = call.Http.Features.Get<ExpectedVersion>()?.Value, TraceId = Call.TraceId };
        var result = await streams.Execute(change, receipt, scope is null ? null : r => receipts.Store(map(r)), call.Cancellation);
        if (result.Refusal is { } refusal)
            return await Refuse(call, refusal, change.Stream.Split('/')[0]);
        if (result.Stale)
            return Problems.Of("precondition.failed", "The resource has changed since you read it. Read it again, and repeat the change if it still makes sense.");
        return result.Response is { } stored ? receipts.Replay(stored) : map(result);
    }

    /// <summary>Keeps the answer of an act whose effect is written elsewhere (a lease), so that a repeat of the call gets it again.</summary>
    public async Task<Answer> Keep(Call call, Answer answer)
    {
        await receipts.Keep(call, answer);
        return answer;
    }

    private async Task<IResult> Refuse(Call call, Refusal refusal, string noun)
    {
        if (refusal.Kind == RefusalKind.Denied)
            await log.Record(call.TenantId, call.Actor, refusal.Code, noun, null, null, Call.TraceId, call.Cancellation);
        return Problems.Of(refusal);
    }
}
