using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Countersign.Projections.Databases;
using Countersign.Projections.Store;
using Npgsql;

namespace Countersign.Workers.Messages;

/// <summary>
/// Pairs messages with subscriptions. Each step is one short transaction under an advisory lock on (tenant, name, key), and writes down whom a message is
/// promised to before anybody is told: after a crash the same instance is asked again, never another. The database's clock says what has expired.
/// </summary>
internal sealed class MessageStore(DatabaseConnections connections)
{
    /// <summary>Messages that may wait in one tenant.</summary>
    public const int MostBuffered = 10_000;

    private const int AtOnce = 50;
    private const string Columns = "m.tenant_id, m.source, m.message_id, m.name, m.correlation_key, m.variables, m.actor_id, m.actor_kind, m.status, m.instance_id, m.subscription_id, m.start_version, m.start_element, m.detail, m.start_rollout, m.start_chain";

    /// <summary>Takes a message in, and pairs what can be paired.</summary>
    /// <returns>Whom to tell; a repeat of a message that is promised is told again.</returns>
    public async Task<(Refusal? Refusal, List<MessageRow> Assigned)> Add(Message message, byte[] variables, byte[] digest, MessageStart? start, CancellationToken cancellation)
    {
        await using var work = await Locked.Open(connections, message.TenantId, message.Name, message.CorrelationKey, cancellation);
        if (!await Insert(work, message, variables, digest))
            return await Repeat(message, digest, cancellation);
        var assigned = await Match(work, (message.Source, message.Id), null);
        if (assigned.TrueForAll(m => m.Id != message.Id || m.Source != message.Source))
        {
            if (start is not null)
                assigned.AddRange(await Promise(work, (message.Source, message.Id), start.InstanceId, null, start));
            else if (message.TimeToLive == TimeSpan.Zero)
                await work.Execute($"update {MessageTables.Messages} set status = 'unmatched', variables = null where tenant_id = $1 and source = $2 and message_id = $3", message.TenantId, message.Source, message.Id);
            else if (await IsFull(work))
                return (new Refusal(RefusalKind.Limit, "message.buffer_full", $"{MostBuffered} messages of this tenant wait for a receiver already. Start the receivers, or send shorter times to live."), []);
        }

        await work.Commit();
        return (null, assigned);
    }

    /// <summary>Pairs what waits, when an instance has begun to listen.</summary>
    public async Task<List<MessageRow>> Match(string tenantId, string name, string key, CancellationToken cancellation)
    {
        await using var work = await Locked.Open(connections, tenantId, name, key, cancellation);
        var assigned = await Match(work, null, null);
        await work.Commit();
        return assigned;
    }

    /// <summary>Writes down how a promise ended, and pairs what can be paired now: what does not interrupt listens on.</summary>
    /// <param name="row">The message as it was promised.</param>
    /// <param name="status"><c>correlated</c>, <c>refused</c>, or <c>buffered</c> when the instance no longer waited.</param>
    /// <param name="detail">Why it was refused.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<List<MessageRow>> Settle(MessageRow row, string status, string? detail, CancellationToken cancellation)
    {
        await using var work = await Locked.Open(connections, row.TenantId, row.Name, row.CorrelationKey, cancellation);
        var again = status == "buffered";
        await work.Execute(
            $"""
            update {MessageTables.Messages} set status = $5, detail = $6, variables = case when $5 = 'buffered' then variables end, assigned_at = null, subscription_id = null,
                instance_id = case when $5 = 'correlated' then instance_id end
            where tenant_id = $1 and source = $2 and message_id = $3 and status = 'assigned' and subscription_id is not distinct from $4
            """,
            row.TenantId, row.Source, row.Id, row.SubscriptionId, status, detail);
        var assigned = await Match(work, again ? (row.Source, row.Id) : null, again ? row.SubscriptionId : null);
        if (again)
        {
            await work.Execute(
                $"update {MessageTables.Messages} set status = 'unmatched', variables = null where tenant_id = $1 and source = $2 and message_id = $3 and status = 'buffered' and expires_at <= clock_timestamp()",
                row.TenantId, row.Source, row.Id);
        }

        await work.Commit();
        return assigned;
    }

    public async Task<MessageRow> Find(string tenantId, string source, string id, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand($"select {Columns} from {MessageTables.Messages} m where m.tenant_id = $1 and m.source = $2 and m.message_id = $3");
        command.Parameters.AddWithValue(tenantId);
        command.Parameters.AddWithValue(source);
        command.Parameters.AddWithValue(id);
        return (await Read(command, cancellation)).Single();
    }

    /// <summary>Messages promised longer ago than the grace, each handed to one sweeper.</summary>
    public async Task<List<MessageRow>> Untold(TimeSpan grace, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand(
            $"""
            update {MessageTables.Messages} m set assigned_at = clock_timestamp() from (
                select tenant_id, source, message_id from {MessageTables.Messages} where status = 'assigned' and assigned_at <= clock_timestamp() - $1 order by assigned_at limit 100 for update skip locked) d
            where m.tenant_id = d.tenant_id and m.source = d.source and m.message_id = d.message_id returning {Columns}
            """);
        command.Parameters.AddWithValue(grace);
        return await Read(command, cancellation);
    }

    /// <summary>Ends what nobody took in its time, and forgets what has served its time.</summary>
    public async Task<int> Expire(CancellationToken cancellation)
    {
        // One statement, as an idle node says it every few seconds; by their status no row is in both parts.
        await using var command = connections.Statements.CreateCommand(
            $"""
            with expired as (
                update {MessageTables.Messages} set status = 'expired', variables = null where (tenant_id, source, message_id) in (
                    select tenant_id, source, message_id from {MessageTables.Messages} where status = 'buffered' and expires_at <= clock_timestamp() order by expires_at limit 5000 for update skip locked)
                returning 1),
            forgotten as (
                delete from {MessageTables.Messages} where (tenant_id, source, message_id) in (
                    select tenant_id, source, message_id from {MessageTables.Messages} where forget_at <= clock_timestamp() and status not in ('buffered', 'assigned') order by forget_at limit 5000 for update skip locked))
            select count(*)::integer from expired
            """);
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }

    // An id is remembered as long as the longest time to live, from when the message came.
    private static async Task<bool> Insert(Locked work, Message m, byte[] variables, byte[] digest) => await work.Execute(
        $"""
        insert into {MessageTables.Messages} (tenant_id, source, message_id, name, correlation_key, digest, variables, actor_id, actor_kind, status, expires_at, forget_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'buffered', clock_timestamp() + $10, clock_timestamp() + interval '8 days') on conflict do nothing
        """,
        m.TenantId, m.Source, m.Id, m.Name, m.CorrelationKey, digest, variables, m.By.Id, m.By.Kind.ToString(), m.TimeToLive) == 1;

    private async Task<(Refusal?, List<MessageRow>)> Repeat(Message message, byte[] digest, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand($"select digest = $4 from {MessageTables.Messages} where tenant_id = $1 and source = $2 and message_id = $3");
        foreach (var value in new object[] { message.TenantId, message.Source, message.Id, digest })
            command.Parameters.AddWithValue(value);
        if (await command.ExecuteScalarAsync(cancellation) is not true)
            return (new Refusal(RefusalKind.Invalid, "message.id_reused", "Another message was sent under this messageId. Use a new messageId for a new message."), []);
        var row = await Find(message.TenantId, message.Source, message.Id, cancellation);
        return (null, row.Status == "assigned" ? [row] : []);
    }

    private static async Task<bool> IsFull(Locked work) => (long)(await work.Scalar(
        $"select count(*) from (select 1 from {MessageTables.Messages} where tenant_id = $1 and status = 'buffered' limit {MostBuffered + 1}) b", work.TenantId))! > MostBuffered;

    // The oldest message goes to the oldest subscription, until one side has no more.
    private static async Task<List<MessageRow>> Match(Locked work, (string Source, string Id)? even, string? except)
    {
        var assigned = new List<MessageRow>();
        while (assigned.Count < AtOnce)
        {
            var message = await work.Read(
                $"""
                select {Columns} from {MessageTables.Messages} m where m.tenant_id = $1 and m.name = $2 and m.correlation_key = $3 and m.status = 'buffered'
                    and (m.expires_at > clock_timestamp() or (m.source = $4 and m.message_id = $5)) order by m.seq limit 1
                """,
                work.TenantId, work.Name, work.Key, even?.Source ?? "", even?.Id ?? "");
            var (subscription, instance) = message.Count == 0 ? default : await work.Free(except);
            if (subscription is null)
                break;
            assigned.AddRange(await Promise(work, (message[0].Source, message[0].Id), instance, subscription, null));
        }

        return assigned;
    }

    private static Task<List<MessageRow>> Promise(Locked work, (string Source, string Id) message, Guid instance, string? subscription, MessageStart? start) => work.Read(
        $"""
        update {MessageTables.Messages} m set status = 'assigned', assigned_at = clock_timestamp(), instance_id = $4, subscription_id = $5, start_version = $6, start_element = $7, start_rollout = $8, start_chain = $9
        where m.tenant_id = $1 and m.source = $2 and m.message_id = $3 returning {Columns}
        """,
        work.TenantId, message.Source, message.Id, instance, subscription, start?.VersionId, start?.ElementId, Json(start?.Rollout), Json(start?.Chain));

    internal static async Task<List<MessageRow>> Read(NpgsqlCommand command, CancellationToken cancellation)
    {
        var rows = new List<MessageRow>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            rows.Add(new MessageRow(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5),
                new Actor(row.GetString(6), Enum.Parse<ActorKind>(row.GetString(7)), [], []), row.GetString(8), row.IsDBNull(9) ? null : row.GetGuid(9),
                Text(row, 10), Text(row, 11), Text(row, 12), Text(row, 13), Of<StartRollout>(row, 14), Of<StartChain>(row, 15)));
        }

        return rows;
    }

    private static string? Json<T>(T? value) where T : class => value is null ? null : JsonSerializer.Serialize(value, StoreJson.Options);

    private static T? Of<T>(NpgsqlDataReader row, int column) where T : class => Text(row, column) is { } text ? JsonSerializer.Deserialize<T>(text, StoreJson.Options) : null;

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
