using Countersign.Projections.Invoices;
using JasperFx;
using Marten;

namespace Countersign.Workers.Invoices;

/// <summary>Decides which of several instances with the same invoice came first. Safe in races and repeats: the row's primary key decides.</summary>
public sealed class InvoiceClaims(IDocumentStore store)
{
    /// <summary>The instance that handles this invoice; the caller's own when it is the first.</summary>
    public async Task<Guid> Claim(string tenantId, string vendor, string number, Guid instanceId, CancellationToken cancellation)
    {
        var id = InvoiceClaim.IdOf(vendor, number);
        await using var session = store.LightweightSession(tenantId);
        if (await session.LoadAsync<InvoiceClaim>(id, cancellation) is { } earlier)
            return earlier.InstanceId;
        try
        {
            session.Insert(new InvoiceClaim(id, instanceId));
            await session.SaveChangesAsync(cancellation);
            return instanceId;
        }
        catch (DocumentAlreadyExistsException)
        {
            await using var again = store.QuerySession(tenantId);
            return (await again.LoadAsync<InvoiceClaim>(id, cancellation))?.InstanceId ?? instanceId;
        }
    }
}
