using System.Text;
using Countersign.Projections.Instances;
using Countersign.Projections.Store;
using Countersign.Workers.Streams;
using JasperFx;
using Marten;
using Microsoft.AspNetCore.DataProtection;

namespace Countersign.Api.Http;

/// <summary>What was answered before under an idempotency key. Answers that hold a secret are stored sealed.</summary>
internal sealed class IdempotencyStore(PointReads reads, IDocumentStore writer, IDataProtectionProvider protection, TimeProvider clock)
{
    private const string SealedType = "application/vnd.countersign.sealed";
    private const string JsonType = "application/json; charset=utf-8";
    private readonly IDataProtector _protector = protection.CreateProtector("receipt");

    /// <summary>The answer stored for the same call, a problem for another request under the same key, or null.</summary>
    public async Task<IResult?> Find(string tenantId, IdempotencyScope scope, CancellationToken cancellation)
    {
        if (await reads.Receipt(tenantId, CommandReceipt.IdOf(scope.CredentialId, scope.Key), cancellation) is not { } receipt)
            return null;
        return receipt.BodyHash != scope.BodyHash
            ? Problems.Of("idempotency.key_reused", "This Idempotency-Key was used for another request. Use a new key for a new request.")
            : Replay(receipt.Response);
    }

    /// <summary>Writes the receipt of a call in a transaction of its own.</summary>
    /// <exception cref="ReceiptRaceException">Another process carried out the same call.</exception>
    public async Task Keep(Call call, Answer answer)
    {
        var scope = call.Idempotency;
        await using var session = writer.LightweightSession(call.TenantId);
        session.Insert(new CommandReceipt(CommandReceipt.IdOf(scope.CredentialId, scope.Key), scope.BodyHash, Store(answer), Guid.Empty, clock.GetUtcNow()));
        try
        {
            await session.SaveChangesAsync(call.Cancellation);
        }
        catch (DocumentAlreadyExistsException)
        {
            throw new ReceiptRaceException();
        }
    }

    /// <summary>The stored form of an answer.</summary>
    public StoredResponse Store(Answer answer) => answer.HoldsSecret
        ? new StoredResponse(answer.Status, SealedType, _protector.Protect(Encoding.UTF8.GetString(answer.Body)), answer.Location, answer.ETag)
        : new StoredResponse(answer.Status, answer.Body.Length == 0 ? null : JsonType, answer.Body.Length == 0 ? null : Encoding.UTF8.GetString(answer.Body), answer.Location, answer.ETag);

    /// <summary>The answer of a stored form.</summary>
    public IResult Replay(StoredResponse stored) => stored.ContentType switch
    {
        Problems.MediaType => new StoredProblem(stored),
        SealedType => new Answer(stored.Status, Encoding.UTF8.GetBytes(_protector.Unprotect(stored.Body!)), stored.Location, stored.ETag) { HoldsSecret = true },
        _ => new Answer(stored.Status, Encoding.UTF8.GetBytes(stored.Body ?? ""), stored.Location, stored.ETag),
    };

    private sealed class StoredProblem(StoredResponse stored) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = stored.Status;
            httpContext.Response.ContentType = Problems.MediaType;
            httpContext.Response.Headers.CacheControl = "no-store";
            await httpContext.Response.WriteAsync(stored.Body ?? "", httpContext.RequestAborted);
        }
    }
}
