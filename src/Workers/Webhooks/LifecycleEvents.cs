using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Domain.Webhooks;
using Countersign.Projections.Store;
using Countersign.Projections.Webhooks;
using Marten;
using Marten.Services;
using Npgsql;

namespace Countersign.Workers.Webhooks;

/// <summary>
/// Turns facts of instances into deliveries for the endpoints that subscribed to them. It follows the tenant's trail, which has every event once and none late without saying so;
/// the deliveries of a stretch and the mark behind it are one transaction. Nothing personal is said: ids, by which a partner asks for the rest.
/// </summary>
/// <param name="writer">The writer's pool: it sees every tenant.</param>
public sealed class LifecycleEvents(NpgsqlDataSource writer, IDocumentStore store, WebhookDeliveries deliveries, WebhookWake wake)
{
    private const int Stretch = 1_000;

    /// <summary>What of an event is told, besides the instance; none of it is personal.</summary>
    private static readonly string[] Told = ["taskId", "elementId", "incidentId", "decisionId", "code", "verdict", "resolution", "endElementId", "successorId"];

    private const string Endpoints = "select tenant_id, data::text, mt_last_modified from cs.mt_doc_webhookendpointrecord";

    // A tenant is followed from the moment somebody wants its facts: behind the last leaf of an event before that.
    private const string Begin = $"""
        insert into {WebhookTables.Marks} (tenant_id, epoch, leaf)
        select $1, coalesce(l.epoch, 0), coalesce(l.index, -1) from (select 1) one
        left join lateral (
            select l.epoch, l.index from cs.trail_leaves l join cs.mt_events e on e.seq_id = l.seq_id
            where l.tenant_id = $1 and e.timestamp < $2 order by l.epoch desc, l.index desc limit 1) l on true
        on conflict do nothing
        """;

    private const string Newer = $"""
        select m.tenant_id from {WebhookTables.Marks} m
        cross join lateral (select l.epoch, l.index from cs.trail_leaves l where l.tenant_id = m.tenant_id order by l.epoch desc, l.index desc limit 1) newest
        where (newest.epoch, newest.index) > (m.epoch, m.leaf)
        """;

    private const string Next = """
        select l.epoch, l.index, e.id, e.type, substring(e.stream_id from 10)::uuid, e.timestamp, e.data::text,
            s.data ->> 'processKey', (s.data ->> 'version')::integer, case when jsonb_typeof(s.data -> 'businessKey') = 'string' then s.data ->> 'businessKey' end
        from (select l.epoch, l.index, l.seq_id from cs.trail_leaves l where l.tenant_id = $1 and (l.epoch, l.index) > ($2, $3) order by l.epoch, l.index limit $4) l
        left join cs.mt_events e on e.seq_id = l.seq_id and e.tenant_id = $1 and e.type = any($5) and e.stream_id like 'instance/%'
        left join cs.mt_events s on s.tenant_id = $1 and s.stream_id = e.stream_id and s.version = 1
        order by l.epoch, l.index
        """;

    private HashSet<string> _followed = [];

    /// <summary>One pass over all tenants with an endpoint for such facts; the deliveries made.</summary>
    /// <param name="cancellation">Gives up; the next pass goes on from the marks.</param>
    public async Task<int> Pass(CancellationToken cancellation)
    {
        var wanting = await Wanting(cancellation);
        if (!_followed.SetEquals(wanting.Keys))
            await Follow(wanting, cancellation);
        var made = 0;
        foreach (var tenant in await Behind(cancellation))
        {
            // Another node began to follow it a moment ago: that one goes on, or this one at its next look.
            if (!wanting.TryGetValue(tenant, out var wanted))
                continue;
            int leaves;
            do
            {
                (leaves, var some) = await Turn(tenant, wanted.Endpoints, cancellation);
                made += some;
            }
            while (leaves == Stretch);
        }

        if (made > 0)
            wake.Now();
        return made;
    }

    /// <summary>Marks of tenants nobody asks for any more are dropped, so that a new endpoint begins with its own time.</summary>
    private async Task Follow(Dictionary<string, (List<WebhookEndpointRecord> Endpoints, DateTimeOffset Since)> wanting, CancellationToken cancellation)
    {
        await using (var forget = writer.CreateCommand($"delete from {WebhookTables.Marks} where tenant_id <> all($1)"))
        {
            forget.Parameters.AddWithValue(wanting.Keys.ToArray());
            await forget.ExecuteNonQueryAsync(cancellation);
        }

        foreach (var (tenant, (_, since)) in wanting)
        {
            await using var begin = writer.CreateCommand(Begin);
            begin.Parameters.AddWithValue(tenant);
            begin.Parameters.AddWithValue(since);
            await begin.ExecuteNonQueryAsync(cancellation);
        }

        _followed = [.. wanting.Keys];
    }

    private async Task<List<string>> Behind(CancellationToken cancellation)
    {
        var behind = new List<string>();
        if (_followed.Count == 0)
            return behind;
        await using var command = writer.CreateCommand(Newer);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            behind.Add(row.GetString(0));
        return behind;
    }

    private async Task<Dictionary<string, (List<WebhookEndpointRecord> Endpoints, DateTimeOffset Since)>> Wanting(CancellationToken cancellation)
    {
        var wanting = new Dictionary<string, (List<WebhookEndpointRecord> Endpoints, DateTimeOffset Since)>(StringComparer.Ordinal);
        await using var command = writer.CreateCommand(Endpoints);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var endpoint = JsonSerializer.Deserialize<WebhookEndpointRecord>(row.GetString(1), StoreJson.Options)!;
            if (!WebhookTypes.Lifecycle.Any(endpoint.Wants))
                continue;
            var (tenant, since) = (row.GetString(0), row.GetFieldValue<DateTimeOffset>(2));
            if (wanting.TryGetValue(tenant, out var known))
                (since, known.Endpoints) = (known.Since < since ? known.Since : since, [.. known.Endpoints, endpoint]);
            else
                known.Endpoints = [endpoint];
            wanting[tenant] = (known.Endpoints, since);
        }

        return wanting;
    }

    private async Task<(int Leaves, int Made)> Turn(string tenant, List<WebhookEndpointRecord> endpoints, CancellationToken cancellation)
    {
        await using var connection = await writer.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // The mark's row is the lock between two nodes: who finds it held has nothing to do.
        await using var look = new NpgsqlCommand($"select epoch, leaf from {WebhookTables.Marks} where tenant_id = $1 for update skip locked", connection, transaction);
        look.Parameters.AddWithValue(tenant);
        (int Epoch, long Leaf) mark;
        await using (var row = await look.ExecuteReaderAsync(cancellation))
        {
            if (!await row.ReadAsync(cancellation))
                return (0, 0);
            mark = (row.GetInt32(0), row.GetInt64(1));
        }

        var (facts, leaves, last) = await Read(connection, transaction, tenant, mark, cancellation);
        if (leaves == 0)
            return (0, 0);
        var made = facts.SelectMany(f => endpoints.Where(e => e.CreatedAt <= f.At && e.Wants(f.Type))
            .Select(e => deliveries.Make(tenant, e.Id, $"event-{f.Id:N}", f.Type, f.InstanceId, f.Data, null, f.At))).ToArray();
        if (made.Length > 0)
        {
            var options = SessionOptions.ForTransaction(transaction);
            options.TenantId = tenant;
            options.Tracking = DocumentTracking.None;
            await using var session = store.OpenSession(options);
            // A stretch comes again when its mark was dropped by a node that had not heard of the endpoint yet.
            var known = await session.Query<WebhookDelivery>().Where(d => d.Id.IsOneOf(made.Select(m => m.Id).ToArray())).Select(d => d.Id).ToListAsync(cancellation);
            made = [.. made.ExceptBy(known, m => m.Id)];
            session.Insert(made);
            await session.SaveChangesAsync(cancellation);
        }

        await using var move = new NpgsqlCommand($"update {WebhookTables.Marks} set (epoch, leaf) = ($2, $3) where tenant_id = $1", connection, transaction);
        move.Parameters.AddWithValue(tenant);
        move.Parameters.AddWithValue(last.Epoch);
        move.Parameters.AddWithValue(last.Leaf);
        await move.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (leaves, made.Length);
    }

    private static async Task<(List<Fact> Facts, int Leaves, (int Epoch, long Leaf) Last)> Read(
        NpgsqlConnection connection, NpgsqlTransaction transaction, string tenant, (int Epoch, long Leaf) mark, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Next, connection, transaction);
        command.Parameters.AddWithValue(tenant);
        command.Parameters.AddWithValue(mark.Epoch);
        command.Parameters.AddWithValue(mark.Leaf);
        command.Parameters.AddWithValue(Stretch);
        command.Parameters.AddWithValue(WebhookTypes.Lifecycle.ToArray());
        var (facts, leaves) = (new List<Fact>(), 0);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        for (; await row.ReadAsync(cancellation); leaves++)
        {
            mark = (row.GetInt32(0), row.GetInt64(1));
            if (!row.IsDBNull(2))
                facts.Add(new Fact(row.GetGuid(2), row.GetString(3), row.GetGuid(4), row.GetFieldValue<DateTimeOffset>(5), Data(row)));
        }

        return (facts, leaves, mark);
    }

    private static JsonElement Data(NpgsqlDataReader row)
    {
        var data = new JsonObject { ["instanceId"] = row.GetGuid(4), ["process"] = row.GetString(7), ["version"] = row.GetInt32(8) };
        if (!row.IsDBNull(9))
            data["businessKey"] = row.GetString(9);
        using var stored = JsonDocument.Parse(row.GetString(6));
        var fact = stored.RootElement.TryGetProperty("decision", out var decision) ? decision : stored.RootElement;
        foreach (var name in Told)
        {
            // A sealed value is an object: what is told is text.
            if (fact.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
                data[name] = value.GetString();
        }

        return JsonSerializer.SerializeToElement(data);
    }

    private sealed record Fact(Guid Id, string Type, Guid InstanceId, DateTimeOffset At, JsonElement Data);
}
