using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Countersign.Projections.Databases;
using Countersign.Workers.Instances;
using Countersign.Workers.Trail;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Telemetry;

/// <summary>
/// What waits: this node's queue of commands, and what the database holds for all nodes (every node with role <c>workers</c> reports the same; take the
/// largest, not the sum). The database is asked every fifteen seconds, and only while somebody listens.
/// </summary>
internal sealed partial class Backlog : BackgroundService
{
    private const string Sql = """
        select 'countersign.jobs.waiting', type, count(*)::float8 from cs.mt_doc_jobrow where due_at <= now() and not coalesce((data ->> 'failed')::boolean, false) group by type
        union all select 'countersign.jobs.oldest_waiting', type, greatest(extract(epoch from now() - min(due_at)), 0)::float8 from cs.mt_doc_jobrow where due_at <= now() and not coalesce((data ->> 'failed')::boolean, false) group by type
        union all select 'countersign.timers.overdue', null, coalesce(greatest(extract(epoch from now() - min(due_at)), 0), 0)::float8 from cs.mt_doc_timerrow where due_at <= now()
        union all select 'countersign.incidents.open', null, count(*)::float8 from cs.mt_doc_incidentrow
        union all select 'countersign.webhooks.waiting', null, count(*)::float8 from cs.mt_doc_webhookdelivery where status = 'pending'
        union all select 'countersign.webhooks.oldest_waiting', null, coalesce(greatest(extract(epoch from now() - min((data ->> 'createdAt')::timestamptz)), 0), 0)::float8 from cs.mt_doc_webhookdelivery where status = 'pending'
        union all select 'countersign.messages.dead', null, count(*)::float8 from wolverine.wolverine_dead_letters
        union all select 'countersign.trail.behind', null, count(*)::float8 from cs.mt_events where seq_id > (select coalesce(max(seq_id), 0) from cs.trail_leaves)
        union all select 'countersign.trail.lag', null, coalesce(greatest(extract(epoch from now() - min(timestamp)), 0), 0)::float8 from cs.mt_events where seq_id > (select coalesce(max(seq_id), 0) from cs.trail_leaves)
        """;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15);
    private readonly DatabaseConnections _connections;
    private readonly TimeProvider _time;
    private readonly ILogger<Backlog> _logger;
    private readonly ObservableGauge<double> _any;
    private readonly Meter _meter = new(WorkersTelemetry.Name);
    private ImmutableArray<Figure> _figures = [];

    public Backlog(DatabaseConnections connections, InstanceRunner runner, TimeProvider time, ILogger<Backlog> logger, TrailAlarms? alarms = null)
    {
        (_connections, _time, _logger) = (connections, time, logger);
        _meter.CreateObservableGauge("countersign.runner.waiting", () => runner.Waiting, "{command}", "Commands that wait at this node's runner");
        _meter.CreateObservableGauge("countersign.trail.alarms", () => alarms?.Active.Count ?? 0, "{alarm}", "Alarms of the trail that stand; only the node that keeps it has any");
        Gauge("countersign.jobs.waiting", "{job}", "Attempts that are due and not done, by type");
        Gauge("countersign.jobs.oldest_waiting", "s", "How long the oldest due attempt waits, by type");
        Gauge("countersign.timers.overdue", "s", "How late the latest timer is");
        Gauge("countersign.incidents.open", "{incident}", "Incidents that wait for a person");
        Gauge("countersign.webhooks.waiting", "{delivery}", "Deliveries not yet taken by their receivers");
        Gauge("countersign.webhooks.oldest_waiting", "s", "Age of the oldest delivery not yet taken");
        Gauge("countersign.messages.dead", "{message}", "Messages that no handler could take; kept for a person");
        Gauge("countersign.trail.behind", "{event}", "Events that are not yet in the trail");
        _any = Gauge("countersign.trail.lag", "s", "Age of the oldest event that is not yet in the trail");
    }

    /// <summary>Reads all figures once.</summary>
    public async Task Read(CancellationToken cancellation)
    {
        var figures = ImmutableArray.CreateBuilder<Figure>();
        await using var command = _connections.Statements.CreateCommand(Sql);
        command.CommandTimeout = 10;
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            figures.Add(new Figure(rows.GetString(0), rows.IsDBNull(1) ? null : rows.GetString(1), rows.GetDouble(2)));
        ImmutableInterlocked.InterlockedExchange(ref _figures, figures.DrainToImmutable());
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, _time);
        do
        {
            if (!_any.Enabled)
                continue;
            try
            {
                await Read(stoppingToken);
            }
            catch (Exception error) when (error is NpgsqlException or TimeoutException && !stoppingToken.IsCancellationRequested)
            {
                // Old figures would look like health: better none.
                ImmutableInterlocked.InterlockedExchange(ref _figures, []);
                Unread(error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private ObservableGauge<double> Gauge(string name, string unit, string what) => _meter.CreateObservableGauge(
        name,
        () => _figures.Where(f => f.Name == name).Select(f => f.Type is null ? new Measurement<double>(f.Value) : new Measurement<double>(f.Value, new KeyValuePair<string, object?>(WorkersTelemetry.JobType, f.Type))),
        unit,
        what);

    private sealed record Figure(string Name, string? Type, double Value);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What waits could not be counted; its gauges are silent until the database answers.")]
    private partial void Unread(Exception error);
}
