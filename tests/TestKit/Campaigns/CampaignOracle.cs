using System.Text.Json;
using Countersign.TestKit.Services;

namespace Countersign.TestKit.Campaigns;

/// <summary>Compares what was promised (the acknowledgements on disk), what is recorded, what the receiver applied, and what is left over. One sentence for each thing that does not hold.</summary>
internal sealed class CampaignOracle(CampaignBooks books, EffectReceiver receiver, IReadOnlyList<Acknowledged> acknowledged)
{
    private static readonly (string What, string Sql)[] Leftovers =
    [
        ("messages in the inbox", "select count(*) from wolverine.wolverine_incoming_envelopes where status <> 'Handled'"),
        ("messages in the outbox", "select count(*) from wolverine.wolverine_outgoing_envelopes"),
        ("dead letters", "select count(*) from wolverine.wolverine_dead_letters"),
        ("open jobs", "select count(*) from cs.mt_doc_jobrow where tenant_id = $1"),
        ("open timers", "select count(*) from cs.mt_doc_timerrow where tenant_id = $1"),
        ("open tasks", "select count(*) from cs.mt_doc_taskrow where tenant_id = $1"),
        ("leases on jobs", "select count(*) from cs.job_leases where tenant_id = $1"),
        ("deliveries not delivered", "select count(*) from cs.mt_doc_webhookdelivery where tenant_id = $1 and status <> 'delivered'"),
        ("queued or running jobs of Hangfire", "select count(*) from hangfire.job where statename in ('Enqueued', 'Processing', 'Scheduled')"),
        ("failed jobs of Hangfire", "select count(*) from hangfire.job where statename = 'Failed'"),
    ];

    private readonly List<string> _broken = [];

    /// <summary>Expected effects: one for each instance and kind of event.</summary>
    public int Expected { get; private set; }

    /// <summary>What does not hold; empty when all is well.</summary>
    public async Task<IReadOnlyList<string>> Judge(int invoices, CancellationToken cancellation)
    {
        if (acknowledged.Count != invoices)
            _broken.Add($"{invoices - acknowledged.Count} of {invoices} starts were never acknowledged.");
        var ends = await Instances(cancellation);
        await Documents(cancellation);
        Effects(ends);
        foreach (var (what, sql) in Leftovers)
        {
            if (await books.Count(sql, cancellation) is > 0 and var left)
                _broken.Add($"{left} {what} are left over.");
        }

        return _broken;
    }

    private async Task<Dictionary<Guid, string>> Instances(CancellationToken cancellation)
    {
        var started = await books.Rows("select data ->> 'instanceId' from cs.mt_events where tenant_id = $1 and type = 'instance.started' and data ->> 'processKey' = 'invoice'", cancellation);
        var ids = started.Select(r => Guid.Parse(r[0])).ToList();
        Say(ids.Count - ids.Distinct().Count(), "instances were started twice");
        Say(acknowledged.Count - acknowledged.DistinctBy(a => a.Instance).Count(), "acknowledgements name an instance of another one");
        Say(acknowledged.Select(a => a.Instance).Except(ids).Count(), "acknowledged starts are lost");
        Say(ids.Except(acknowledged.Select(a => a.Instance)).Count(), "instances are there that nobody was told of");
        var terminal = await books.Rows("""
            select s.data ->> 'instanceId', e.type, coalesce(e.data ->> 'endElementId', '') from cs.mt_events e
            join cs.mt_events s on s.tenant_id = e.tenant_id and s.stream_id = e.stream_id and s.type = 'instance.started'
            where e.tenant_id = $1 and e.type in ('instance.completed', 'instance.cancelled')
            """, cancellation);
        var ends = terminal.GroupBy(r => Guid.Parse(r[0])).ToDictionary(g => g.Key, g => g.ToList());
        Say(ids.Distinct().Count(i => !ends.ContainsKey(i)), "instances have not ended");
        Say(ends.Count(e => e.Value.Count > 1), "instances ended twice");
        Say(terminal.Count(r => r[1] == "instance.cancelled"), "instances were cancelled though nobody asked for it");
        Say((int)await books.Count("""
            select count(*) from cs.mt_events i where i.tenant_id = $1 and i.type = 'incident.raised'
            """, cancellation), "incidents were raised");
        Say((int)await books.Count("""
            select count(*) from (select stream_id, count(*) from cs.mt_events where tenant_id = $1 and type = 'job.completed' group by stream_id, data ->> 'jobId' having count(*) > 1) twice
            """, cancellation), "jobs were completed twice");
        return ends.ToDictionary(e => e.Key, e => e.Value[0][2]);
    }

    private async Task Documents(CancellationToken cancellation)
    {
        var used = await books.Rows("""
            select e.stream_id, e.data -> 'variables' -> 'document' ->> 'id' from cs.mt_events e
            where e.tenant_id = $1 and e.type = 'variables.set' and e.version <= 3 and e.data -> 'variables' -> 'document' ->> 'id' is not null
            """, cancellation);
        Say(acknowledged.Count - used.Count, "instances do not name their document");
        Say(used.Count - used.DistinctBy(r => r[1]).Count(), "documents were started twice");
        Say(acknowledged.Select(a => a.Document.ToString("D")).Except(used.Select(r => r[1])).Count(), "acknowledged documents were never started");
    }

    // What the receiver applied is its own book: the key decides there, and the message says which instance and event it was.
    private void Effects(Dictionary<Guid, string> ends)
    {
        var expected = ends.SelectMany(e => (e.Value == "rejected" ? (string[])["invoice.decided"] : ["invoice.booked", "invoice.decided"]).Select(kind => (e.Key, Kind: kind))).ToHashSet();
        Expected = expected.Count;
        var applied = receiver.Applied.Values.Select(d => JsonSerializer.Deserialize<JsonElement>(d.Body))
            .Select(m => (Instance: m.GetProperty("subject").GetGuid(), Kind: m.GetProperty("type").GetString()!.Replace("com.countersign.", "", StringComparison.Ordinal).Replace(".v1", "", StringComparison.Ordinal)))
            .ToList();
        Say(expected.Except(applied).Count(), "effects were never applied");
        Say(applied.Except(expected).Count(), "effects were applied that should not be");
        Say(applied.Count - applied.Distinct().Count(), "effects were applied twice under different keys");
        Say(receiver.Deliveries.Count(d => d.EffectId.Length == 0), "deliveries came without a key");
        Say(receiver.Deliveries.GroupBy(d => d.EffectId).Count(g => g.Select(d => d.Body).Distinct(StringComparer.Ordinal).Count() > 1), "keys came with different bodies");
    }

    private void Say(int count, string what)
    {
        if (count != 0)
            _broken.Add($"{count} {what}.");
    }
}
