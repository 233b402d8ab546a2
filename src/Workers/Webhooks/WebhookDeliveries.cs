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
    private const string Take = $"""
        with due as (
            select tenant_id, id from {DatabaseRoles.Schema}.mt_doc_webhookdelivery
            where status = 'pending' and due_at <= $1 and coalesce((data ->> 'leasedUntil')::timestamptz, '-infinity') <= $1
            order by due_at limit $3 for update skip locked)
        update {DatabaseRoles.Schema}.mt_doc_webhookdelivery d set data = jsonb_set(d.data, array['leasedUntil'], to_jsonb($2::text))
        from due where d.tenant_id = due.tenant_id and d.id = due.id
        returning d.tenant_id, d.data::text
        """;

    /// <summary>The delivery of an effect to an endpoint, not yet stored. The same effect and endpoint always have the same id.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="endpointId">The endpoint.</param>
    /// <param name="effectId">Stable id of the effect.</param>
    /// <param name="eventType">Type such as <c>invoice.booked</c>.</param>
    /// <param name="instanceId">Where it comes from.</param>
    /// <param name="data">What it says.</param>
    /// <param name="job">Job and attempt that wait for it, or null.</param>
    public WebhookDelivery Make(string tenantId, Guid endpointId, string effectId, string eventType, Guid? instanceId, JsonElement data, (string Id, int Attempt)? job)
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
            time = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
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

    /// <summary>Takes due deliveries of all tenants; each goes to one sender until its lease ends.</summary>
    public async Task<List<TakenDelivery>> TakeDue(int most, TimeSpan lease, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var command = writer.CreateCommand(Take);
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue((now + lease).ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        command.Parameters.AddWithValue(most);
        var taken = new List<TakenDelivery>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            taken.Add(new TakenDelivery(row.GetString(0), JsonSerializer.Deserialize<WebhookDelivery>(row.GetString(1), StoreJson.Options)!));
        return taken;
    }
}
