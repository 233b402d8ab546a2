using Countersign.Projections.Databases;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Streams;

/// <summary>
/// Removes receipts whose time is over: a repeat of a call is promised its answer for 24 hours, and what is kept longer than needed is other people's data in a table
/// that only grows.
/// </summary>
public sealed class ReceiptSweeper(DatabaseConnections connections, TimeProvider time, ILogger<ReceiptSweeper> logger)
    : Sweeper(connections.Statements, new Sweeping("receipts of idempotent calls", Remove, Retention, 5_000, TimeSpan.Zero, TimeSpan.FromMinutes(15)), time, logger)
{
    /// <summary>How long a receipt is kept: the promised 24 hours, and as much again for a caller whose clock or queue is late.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(48);

    private const string Remove = """
        delete from cs.mt_doc_commandreceipt where (tenant_id, id) in
            (select tenant_id, id from cs.mt_doc_commandreceipt where at < $1 order by at limit $2 for update skip locked)
        """;
}
