using System.Collections.Immutable;
using System.Data;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Countersign.Projections.Databases;
using Countersign.Projections.Processes;
using Countersign.Workers.Instances;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Countersign.Workers.Timers;

/// <summary>
/// Starts the processes whose timers are due. The instance's id follows from tenant, process, start event and due time, so a start that is made again, by another
/// node or after a crash between the start and the moving on of its row, is the same instance. What was missed is made up for by one late start.
/// </summary>
internal sealed partial class ProcessStarts(DatabaseConnections connections, IServiceScopeFactory scopes, IDueClock clock, ILogger<ProcessStarts> logger)
{
    private const int Batch = 50;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Later = TimeSpan.FromMinutes(1);

    // What is rolled out beside the version whose timer it is comes with the row. The limit stands inside, so that only rows of this batch are locked.
    private const string Due = $"""
        with due as materialized (select * from {TimerStartTable.Table} where try_at <= $1 order by try_at limit 100)
        select tenant_id, {TimerStartTable.Columns}, (select (h.data -> 'candidate')::text from {DatabaseRoles.Schema}.mt_doc_processhead h
            where h.tenant_id = due.tenant_id and h.id = due.process_key and due.process_key || ':' || h.in_force = due.version_id) as candidate from due
        where pg_try_advisory_xact_lock(hashtextextended(tenant_id || '/' || process_key || '/' || element_id || '/' || timer, 7436)) limit $2
        """;

    /// <summary>Starts what is due now; answers how many, and when the next one is to be tried.</summary>
    public async Task<(int Started, DateTimeOffset? Next)> StartDue(CancellationToken cancellation)
    {
        await using var connection = await connections.Statements.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var now = await clock.Now(connection, cancellation);
        var due = new List<(string TenantId, ScheduledStart Start, string? Candidate)>();
        await using (var select = new NpgsqlCommand(Due, connection, transaction) { Parameters = { new() { Value = now }, new() { Value = Batch } } })
        await using (var row = await select.ExecuteReaderAsync(cancellation))
        {
            while (await row.ReadAsync(cancellation))
                due.Add((row.GetString(0), TimerStartTable.Read(row, 1), await row.IsDBNullAsync("candidate", cancellation) ? null : row.GetString("candidate")));
        }

        // Side by side, so that they share transactions of the runner and this one is short.
        var made = await Task.WhenAll(due.Select(d => Start(d.TenantId, d.Start, d.Candidate, cancellation)));
        for (var i = 0; i < due.Count; i++)
            await MoveOn(connection, transaction, due[i].TenantId, due[i].Start, now, made[i], cancellation);

        await using var look = new NpgsqlCommand($"select min(try_at) from {TimerStartTable.Table} where try_at is not null", connection, transaction);
        DateTimeOffset? next = await look.ExecuteScalarAsync(cancellation) is DateTime first ? new DateTimeOffset(first, TimeSpan.Zero) : null;
        await transaction.CommitAsync(cancellation);
        return (made.Count(m => m.Problem is null), next);
    }

    /// <summary>The instance that a timer starts at a time.</summary>
    internal static Guid IdOf(string tenantId, string processKey, string elementId, DateTimeOffset due)
    {
        // Lengths in front keep ("ab", "c") and ("a", "bc") apart.
        var text = string.Create(CultureInfo.InvariantCulture, $"timer start {tenantId} {processKey.Length}:{processKey}{elementId.Length}:{elementId}{due.UtcTicks}");
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16);
        // RFC 9562 version 8 (vendor-specific), variant 2.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private async Task<Made> Start(string tenantId, ScheduledStart scheduled, string? candidate, CancellationToken cancellation)
    {
        var due = scheduled.Start.DueAt!.Value;
        var id = IdOf(tenantId, scheduled.ProcessKey, scheduled.Start.ElementId, due);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var (version, why) = await Choose(scope.ServiceProvider.GetRequiredService<IProcessCatalog>(), tenantId, scheduled, candidate, id, cancellation);
            var command = new StartInstance(tenantId, id, Actor.System, version, ImmutableDictionary<string, JsonElement>.Empty, null, scheduled.Start.ElementId, null, due, why);
            var result = await scope.ServiceProvider.GetRequiredService<CommandDoor>().Execute(command, null, cancellation);
            if (result.Refusal is not { } refusal)
                return new Made(id, null, default);
            Refused(scheduled.VersionId, scheduled.Start.ElementId, refusal.Code, refusal.Detail);
            return new Made(id, refusal.Detail, refusal.Kind == RefusalKind.Limit ? Soon : Later);
        }
        catch (Exception error) when (error is not (OperationCanceledException or NpgsqlException or TimeoutException or IOException))
        {
            // One process's trouble must not hold up the others' starts.
            Broken(scheduled.VersionId, scheduled.Start.ElementId, error);
            return new Made(id, "The start failed inside the service; it is tried again every minute. The service's log says why.", Later);
        }
    }

    // The timers of the version in force are those that count. A candidate takes its share of the starts by a timer that it has as well: the same place with the same value.
    private static async Task<(string VersionId, StartRollout? Why)> Choose(IProcessCatalog catalog, string tenantId, ScheduledStart scheduled, string? candidate, Guid id, CancellationToken cancellation)
    {
        if (StartVersion.RolloutOf(scheduled.ProcessKey, scheduled.VersionId, candidate) is not { } rollout)
            return (scheduled.VersionId, null);
        var version = ProcessVersion.IdOf(scheduled.ProcessKey, rollout.Candidate);
        var has = await catalog.Find(tenantId, version, cancellation) is { } graph
            && TimerStarts.Of(graph, scheduled.Start.DueAt!.Value, out _).Any(t => t.ElementId == scheduled.Start.ElementId && t.Timer == scheduled.Start.Timer);
        var why = rollout.Choose(scheduled.ProcessKey, id, begins: has);
        return (why.Taken ? version : scheduled.VersionId, why);
    }

    // Only the row that was read is moved: a version published meanwhile has put its own in its place.
    private static async Task MoveOn(NpgsqlConnection connection, NpgsqlTransaction transaction, string tenantId, ScheduledStart scheduled, DateTimeOffset now, Made made,
        CancellationToken cancellation)
    {
        var next = made.Problem is null ? scheduled.Start.After(now) : scheduled.Start;
        await using var update = new NpgsqlCommand(
            $"""
            update {TimerStartTable.Table} set due_at = $6, remaining = $7, try_at = $8, problem = $9,
                last_at = case when $9 is null then $10 else last_at end, last_instance_id = case when $9 is null then $11 else last_instance_id end
            where tenant_id = $1 and process_key = $2 and element_id = $3 and timer = $4 and due_at = $5
            """, connection, transaction);
        foreach (var value in (object[])[tenantId, scheduled.ProcessKey, scheduled.Start.ElementId, scheduled.Start.Timer, scheduled.Start.DueAt!.Value])
            update.Parameters.Add(new NpgsqlParameter { Value = value });
        Add(next.DueAt, NpgsqlDbType.TimestampTz);
        Add(next.Remaining, NpgsqlDbType.Integer);
        Add(made.Problem is null ? next.DueAt : now + made.Again, NpgsqlDbType.TimestampTz);
        Add(made.Problem, NpgsqlDbType.Text);
        Add(now, NpgsqlDbType.TimestampTz);
        Add(made.Instance, NpgsqlDbType.Uuid);
        await update.ExecuteNonQueryAsync(cancellation);

        void Add(object? value, NpgsqlDbType type) => update.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = type });
    }

    /// <summary>What a start came to: the instance, or why there is none and when to try again.</summary>
    private readonly record struct Made(Guid Instance, string? Problem, TimeSpan Again);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The timer {ElementId} could not start {VersionId}: {Code} {Detail}")]
    private partial void Refused(string versionId, string elementId, string code, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "The timer {ElementId} could not start {VersionId}; it is tried again in a minute.")]
    private partial void Broken(string versionId, string elementId, Exception error);
}
