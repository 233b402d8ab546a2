using Countersign.Projections.Databases;
using Countersign.Projections.Exports;
using Countersign.Workers.Leases;

namespace Countersign.Workers.Exports;

/// <summary>Leases on exports, and how far each is.</summary>
internal sealed class ExportQueue(DatabaseConnections connections)
{
    private readonly LeaseTable _leases = new(connections, ExportTables.Work, "export_id", "write");

    /// <summary>Takes what is due.</summary>
    public Task<Taken?> Take(TimeSpan lease, CancellationToken cancellation) => _leases.Take(lease, cancellation);

    /// <summary>Keeps the lease and says how far the work is; false when another attempt has begun.</summary>
    public Task<bool> Renew(Taken taken, TimeSpan lease, double progress, string step, CancellationToken cancellation) =>
        _leases.Update(taken, "until = now() + $4, progress = $5, step = $6", cancellation, lease, progress, step);

    /// <summary>Gives the work back, to be taken again after a while.</summary>
    public Task<bool> Release(Taken taken, TimeSpan after, string step, CancellationToken cancellation) =>
        _leases.Update(taken, "until = now() + $4, node = null, step = $5", cancellation, after, step);

    /// <summary>Exports of a tenant that wait or are written.</summary>
    public Task<int> Open(string tenantId, CancellationToken cancellation) => _leases.Open(tenantId, cancellation);
}
