using System.Diagnostics;
using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Projections.Databases;
using Countersign.Projections.Store;
using Countersign.Workers.Hosting;
using Countersign.Workers.Instances;
using Countersign.Workers.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Timers;

/// <summary>Which clock says that a timer is due.</summary>
public interface IDueClock
{
    /// <summary>The time now, asked on the connection that looks for timers.</summary>
    ValueTask<DateTimeOffset> Now(NpgsqlConnection connection, CancellationToken cancellation);
}

/// <summary>The database's clock: one for all nodes, however wrong theirs are.</summary>
public sealed class DatabaseDueClock : IDueClock
{
    /// <inheritdoc/>
    public async ValueTask<DateTimeOffset> Now(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select clock_timestamp()", connection);
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellation))!, TimeSpan.Zero);
    }
}

/// <summary>A clock that a test moves.</summary>
public sealed class ProvidedDueClock(TimeProvider time) : IDueClock
{
    /// <inheritdoc/>
    public ValueTask<DateTimeOffset> Now(NpgsqlConnection connection, CancellationToken cancellation) => ValueTask.FromResult(time.GetUtcNow());
}

/// <summary>
/// Fires timers that are due. A timer's row belongs to its instance and goes with the transaction that fires it; while a node is at it,
/// an advisory lock keeps other nodes from the same row. A second firing would add nothing.
/// </summary>
public sealed partial class TimerService(DatabaseConnections connections, IServiceScopeFactory scopes, Notices notices, IDueClock clock, TimeProvider time, ILoggerFactory loggers)
    : BackgroundService
{
    private readonly ILogger _logger = loggers.CreateLogger<TimerService>();
    private readonly ProcessStarts _starts = new(connections, scopes, clock, loggers.CreateLogger<ProcessStarts>());
    private const int Batch = 100;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    // The limit stands inside, so that only rows of this batch are locked.
    private const string Due = """
        with due as materialized (select tenant_id, id, data, due_at from cs.mt_doc_timerrow where due_at <= $1 order by due_at limit 200)
        select tenant_id, data from due where pg_try_advisory_xact_lock(hashtextextended(tenant_id || '/' || id, 7434)) limit $2
        """;

    /// <summary>Fires what is due now, and starts the processes whose timers are; answers how many, and when to look again.</summary>
    public async Task<(int Fired, TimeSpan Next)> FireDue(CancellationToken cancellation)
    {
        var (started, nextStart) = await _starts.StartDue(cancellation);
        var (fired, next) = await FireTimers(nextStart, cancellation);
        return (started + fired, started > 0 ? TimeSpan.Zero : next);
    }

    private async Task<(int Fired, TimeSpan Next)> FireTimers(DateTimeOffset? nextStart, CancellationToken cancellation)
    {
        await using var connection = await connections.Statements.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var now = await clock.Now(connection, cancellation);
        var due = new List<(string TenantId, TimerRow Timer)>();
        await using (var select = new NpgsqlCommand(Due, connection, transaction) { Parameters = { new() { Value = now }, new() { Value = Batch } } })
        await using (var reader = await select.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
                due.Add((reader.GetString(0), JsonSerializer.Deserialize<TimerRow>(reader.GetString(1), StoreJson.Options)!));
        }

        var fired = await Task.WhenAll(due.Select(d => Fire(d.TenantId, d.Timer, cancellation)));
        // What was refused stays due (a suspended instance, say): it must not be asked again without a pause.
        if (due.Count > 0)
            return (fired.Count(f => f), fired.Any(f => f) ? TimeSpan.Zero : TimeSpan.FromSeconds(1));
        await using var next = new NpgsqlCommand("select min(due_at) from cs.mt_doc_timerrow", connection, transaction);
        var wait = await next.ExecuteScalarAsync(cancellation) is DateTime first ? new DateTimeOffset(first, TimeSpan.Zero) - now : Longest;
        if (nextStart is { } start && start - now < wait)
            wait = start - now;
        return (0, wait < TimeSpan.FromMilliseconds(10) ? TimeSpan.FromMilliseconds(10) : wait > Longest ? Longest : wait);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = notices.Listen(Channels.Timers, "");
        while (!stoppingToken.IsCancellationRequested)
        {
            var woken = listening.Next;
            var wait = Longest;
            try
            {
                (_, wait) = await FireDue(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException)
            {
                Failed(error);
                wait = TimeSpan.FromSeconds(1);
            }

            if (wait <= TimeSpan.Zero)
                continue;
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(woken, Task.Delay(wait, time, over.Token));
            await over.CancelAsync();
        }
    }

    private async Task<bool> Fire(string tenantId, TimerRow timer, CancellationToken cancellation)
    {
        using var span = WorkersTelemetry.Source.StartActivity(WorkersTelemetry.TimerSpan, ActivityKind.Internal, default(ActivityContext));
        span?.SetTag(WorkersTelemetry.Tenant, tenantId).SetTag(WorkersTelemetry.Instance, timer.InstanceId);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var door = scope.ServiceProvider.GetRequiredService<CommandDoor>();
            var result = await door.Execute(new FireTimer(tenantId, timer.InstanceId, Actor.System, timer.Id), null, cancellation);
            if (result.Refusal is { } refusal && refusal.Kind != RefusalKind.Limit)
                Refused(timer.Id, refusal.Code, refusal.Detail);
            return result.Outcome is Outcome.Facts;
        }
        catch (Exception error) when (error is not (OperationCanceledException or NpgsqlException or TimeoutException or IOException))
        {
            // One instance's trouble must not stop the clock of all the others.
            Broken(timer.Id, error);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Timers could not be fired; trying again.")]
    private partial void Failed(Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Timer {TimerId} could not be fired; it is tried again.")]
    private partial void Broken(string timerId, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Timer {TimerId} was refused: {Code} {Detail}")]
    private partial void Refused(string timerId, string code, string detail);
}
