using Countersign.Domain.Exports;
using Countersign.Domain.Trail;
using Countersign.Projections.Databases;
using Countersign.Projections.Instances;
using Countersign.Projections.Store;
using Countersign.Workers.Trail.Exports;
using Marten;

namespace Countersign.Workers.Exports;

/// <summary>What an export holds, as the bundle says it.</summary>
internal sealed class ExportSelection(IDocumentStore store, DatabaseConnections connections, TimeProvider clock)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the list of instances may be behind: 60 seconds unless set.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The selection of an export. That of a process names its instances, also those that began a moment ago.</summary>
    /// <exception cref="ExportException">The list of instances stands still; the message says what to do.</exception>
    public async Task<BundleSelection> Of(string tenantId, ExportState state, CancellationToken cancellation)
    {
        var selection = new BundleSelection(state.InstanceId is null ? "period" : "instance") { From = state.From, To = state.Before };
        if (state.InstanceId is { } one)
            return selection with { Streams = [StreamsOf.Instance(one)] };
        if (state.Process is not { } process)
            return selection;
        await Listed(tenantId, cancellation);
        await using var session = store.QuerySession(tenantId);
        return selection with { Kind = "process", Streams = [.. await session.Query<InstanceSummary>().Where(i => i.ProcessKey == process).Select(i => i.Id).ToListAsync(cancellation)] };
    }

    /// <summary>Waits until the list of instances knows all that is stored now: it is made from the facts, a moment behind them.</summary>
    private async Task Listed(string tenantId, CancellationToken cancellation)
    {
        var newest = await Ask($"select coalesce(max(seq_id), 0) from {DatabaseRoles.Schema}.mt_events where tenant_id = $1", tenantId, cancellation);
        for (var from = clock.GetTimestamp(); await Ask($"select coalesce(max(last_seq_id), 0) from {DatabaseRoles.Schema}.mt_event_progression where name like $1", InstanceSummaryProjection.ProjectionName + ":%", cancellation) < newest;)
        {
            if (clock.GetElapsedTime(from) > Patience)
                throw new ExportException($"The list of instances was behind the stored events for {Patience.TotalSeconds:0} seconds, so instances could be missing. See that a node with the role workers runs and what it logs, then ask again.");
            await Task.Delay(Look, clock, cancellation);
        }
    }

    private async Task<long> Ask(string sql, string value, CancellationToken cancellation)
    {
        await using var command = connections.Writer.CreateCommand(sql);
        command.Parameters.Add(new() { Value = value });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
