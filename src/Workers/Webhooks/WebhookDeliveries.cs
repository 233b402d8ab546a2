using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Projections.Databases;
using Countersign.Projections.Store;
using Countersign.Projections.Webhooks;
using Countersign.Workers.Telemetry;
using Marten;
using Npgsql;

namespace Countersign.Workers.Webhooks;

/// <summary>A delivery that this node has taken for one attempt.</summary>
public sealed record TakenDelivery(string TenantId, WebhookDelivery Delivery);

/// <summary>Deliveries as rows: made once for an event and an endpoint, taken when due by one sender at a time.</summary>
public sealed class WebhookDeliveries(NpgsqlDataSource writer, WebhookSecrets secrets, TimeProvider clock)
{
    /// <summary>How far one look goes past deliveries whose endpoint has no room.</summary>
    private const int Candidates = 2_000;

    private const string Table = DatabaseRoles.Schema + ".mt_doc_webhookdelivery";

    private const string Take = $"""
        with due as (
            select tenant_id, id, endpoint_id, due_at from {Table}
            where status = 'pending' and due_at <= $1 and coalesce((data ->> 'leasedUntil')::timestamptz, '-infinity') <= $1
                and endpoint_id not in (select b.id from unnest($4::uuid[], $5::int[]) b(id, room) where b.room <= 0)
            order by due_at limit $7),
        placed as (select due.*, row_number() over (partition by endpoint_id order by due_at, id) as place from due),
        picked as (
            select p.tenant_id, p.id from placed p left join unnest($4::uuid[], $5::int[]) b(id, room) on b.id = p.endpoint_id
            where p.place <= coalesce(b.room, $6) order by p.due_at limit $3),
        mine as (
            select d.tenant_id, d.id from {Table} d join picked p on p.tenant_id = d.tenant_id and p.id = d.id
            where d.status = 'pending' and d.due_at <= $1 and coalesce((d.data ->> 'leasedUntil')::timestamptz, '-infinity') <= $1
            for update of d skip locked)
        update {Table} d set data = jsonb_set(d.data, array['leasedUntil'], to_jsonb($2::text))
        from mine where d.tenant_id = mine.tenant_id and d.id = mine.id
        returning d.tenant_id, d.data::text
        """;

    private const string Keep = $"""
        update {DatabaseRoles.Schema}.mt_doc_webhookdelivery d set data = jsonb_set(d.data, array['leasedUntil'], to_jsonb($3::text))
        from unnest($1, $2) as mine(tenant_id, id)
        where d.tenant_id = mine.tenant_id and d.id = mine.id and d.status = 'pending' and d.data ->> 'leasedUntil' is not null
        """;

    // A settled delivery whose job still waits at the same attempt: the process that should have told it is gone. The pause leaves alone what is being told now.
    private const string Untold = $"""
        select d.tenant_id, d.data::text from {DatabaseRoles.Schema}.mt_doc_jobrow j
        join {DatabaseRoles.Schema}.mt_doc_webhookdelivery d on d.tenant_id = j.tenant_id and d.job_id = j.id
        where j.type = 'countersign:send-event' and not coalesce((j.data ->> 'failed')::boolean, false) and d.status <> 'pending'
          and (d.data ->> 'attempt')::integer = (j.data ->> 'attempt')::integer and d.mt_last_modified < now() - $1
        limit 100
        """;

    /// <summary>The delivery of an effect to an endpoint, not yet stored. The same effect and endpoint always have the same id.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="endpointId">The endpoint.</param>
    /// <param name="effectId">Stable id of the effect.</param>
    /// <param name="eventType">Type such as <c>invoice.booked</c>.</param>
    /// <param name="instanceId">Where it comes from.</param>
    /// <param name="data">What it says.</param>
    /// <param name="job">Job and attempt that wait for it, or null.</param>
    /// <param name="at">When it happened (UTC); now when left out.</param>
    public WebhookDelivery Make(string tenantId, Guid endpointId, string effectId, string eventType, Guid? instanceId, JsonElement data, (string Id, int Attempt)? job,
        DateTimeOffset? at = null)
    {
        var now = clock.GetUtcNow();
        var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenantId}\n{effectId}\n{endpointId:D}"))[..16]);
        var type = CloudType(eventType);
        var body = JsonSerializer.Serialize(new
        {
            specversion = "1.0",
            id = effectId,
            source = instanceId is null ? $"urn:countersign:{tenantId}" : $"urn:countersign:{tenantId}:instance:{instanceId:D}",
            type,
            subject = instanceId?.ToString("D"),
            time = (at ?? now).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
            datacontenttype = "application/json",
            data,
        }, StoreJson.Options);
        return new WebhookDelivery(id, endpointId, effectId, type, secrets.Seal(body, tenantId, id), "pending", now, now, null, null, 0, 0, instanceId, job?.Id, job?.Attempt ?? 0, [])
        {
            TraceParent = TraceContext.Now,
        };
    }

    /// <summary>CloudEvents type of a type such as <c>invoice.booked</c>.</summary>
    public static string CloudType(string eventType) => $"com.countersign.{eventType}.v1";

    /// <summary>Keeps deliveries that are still being sent, so that only a dead sender's become free.</summary>
    public async Task KeepTaken(IReadOnlyCollection<TakenDelivery> taken, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = writer.CreateCommand(Keep);
        command.Parameters.AddWithValue(taken.Select(t => t.TenantId).ToArray());
        command.Parameters.AddWithValue(taken.Select(t => t.Delivery.Id).ToArray());
        command.Parameters.AddWithValue((clock.GetUtcNow() + lease).ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Deliveries that ended this long ago and whose job was never told.</summary>
    public async Task<List<TakenDelivery>> FindUntold(TimeSpan since, CancellationToken cancellation)
    {
        await using var command = writer.CreateCommand(Untold);
        command.Parameters.AddWithValue(since);
        return await Read(command, cancellation);
    }

    /// <summary>Takes due deliveries of all tenants, the longest due first; each goes to one sender until its lease ends.</summary>
    /// <param name="most">At most so many.</param>
    /// <param name="ofEndpoint">At most so many of one endpoint.</param>
    /// <param name="rooms">How many more an endpoint may get, for endpoints this node is sending to.</param>
    /// <param name="lease">How long the sender has them.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<List<TakenDelivery>> TakeDue(int most, int ofEndpoint, IReadOnlyDictionary<Guid, int> rooms, TimeSpan lease, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        var now = clock.GetUtcNow();
        await using var command = writer.CreateCommand(Take);
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue((now + lease).ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        command.Parameters.AddWithValue(most);
        command.Parameters.AddWithValue(rooms.Keys.ToArray());
        command.Parameters.AddWithValue(rooms.Values.ToArray());
        command.Parameters.AddWithValue(ofEndpoint);
        command.Parameters.AddWithValue(Candidates);
        return await Read(command, cancellation);
    }

    /// <summary>When the next delivery is due, be it in the past; null when none waits.</summary>
    internal async Task<DateTimeOffset?> NextDue(CancellationToken cancellation)
    {
        await using var command = writer.CreateCommand($"select min(due_at) from {Table} where status = 'pending'");
        return await command.ExecuteScalarAsync(cancellation) is DateTime due ? new DateTimeOffset(due, TimeSpan.Zero) : null;
    }

    private static async Task<List<TakenDelivery>> Read(NpgsqlCommand command, CancellationToken cancellation)
    {
        var taken = new List<TakenDelivery>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            taken.Add(new TakenDelivery(row.GetString(0), JsonSerializer.Deserialize<WebhookDelivery>(row.GetString(1), StoreJson.Options)!));
        return taken;
    }
}
