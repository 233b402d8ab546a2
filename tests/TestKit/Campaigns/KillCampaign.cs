using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Countersign.Client.Webhooks;
using Countersign.Samples.Generator;
using Countersign.TestKit.Services;

namespace Countersign.TestKit.Campaigns;

/// <summary>
/// The real service on a real database works on invoices while it is killed at random moments and started again at once (G1). Partners hand in and people answer through the public
/// API, a receiver applies each effect once by its key; when every instance has ended, an oracle compares the books, and the exported trail is verified offline.
/// </summary>
public sealed class KillCampaign : IAsyncDisposable
{
    private const string Tenant = "acmefinance";
    private static readonly string[] Events = ["invoice.booked", "invoice.decided"];
    private readonly CampaignPlan _plan;
    private readonly string _folder;
    private readonly CampaignNodes _nodes;
    private readonly CampaignBooks _books;
    private readonly AcknowledgementLog _log;
    private readonly EffectReceiver _receiver;
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly List<PatientCaller> _callers = [];
    private readonly CampaignPeople _people;
    private readonly DateTimeOffset _from = TimeProvider.System.GetUtcNow().AddMinutes(-1);
    private readonly Random _random;
    private long _ended;

    private KillCampaign(CampaignPlan plan, string connectionString, string folder, EffectReceiver receiver)
    {
        (_plan, _folder, _receiver, _random) = (plan, folder, receiver, new Random(plan.Seed));
        _nodes = new CampaignNodes(plan.Nodes, connectionString, Path.Combine(folder, "data"));
        _books = new CampaignBooks(connectionString, Tenant);
        _log = new AcknowledgementLog(Path.Combine(folder, "acknowledged.log"));
        _people = new CampaignPeople(plan.Seed);
    }

    /// <summary>Runs a campaign.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="connectionString">An administrator's connection to a database for the campaign alone.</param>
    /// <param name="folder">An existing folder for the nodes' data and the campaign's own files.</param>
    /// <param name="report">Told about progress, several times a second.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<CampaignResult> Run(CampaignPlan plan, string connectionString, string folder, Action<CampaignProgress> report, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(report);
        await using var receiver = await EffectReceiver.StartAsync(cancellation);
        await using var campaign = new KillCampaign(plan, connectionString, folder, receiver);
        return await campaign.Run(report, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        await _books.DisposeAsync();
        _log.Dispose();
        foreach (var caller in _callers)
            caller.Dispose();
    }

    private async Task<CampaignResult> Run(Action<CampaignProgress> report, CancellationToken cancellation)
    {
        await _nodes.Start(cancellation);
        var stock = SampleStock.Make(_plan.Seed, _plan.Invoices);
        await Prepare(stock, cancellation);
        var clock = Stopwatch.StartNew();
        var handedIn = TimeSpan.Zero;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] people = [_people.Work(Caller("ben"), over.Token), _people.Work(Caller("cleo"), over.Token)];
        var load = HandIn();
        var kills = Kill(over.Token);
        var stuck = await Watch(load, kills, people, report, cancellation);
        var ended = clock.Elapsed;
        await over.CancelAsync();
        await Quietly(Task.WhenAll([load, kills, .. people]));
        List<string> broken = [.. _faults.Distinct(StringComparer.Ordinal).Take(5).Select(f => $"A service at work answered 500: {f}"), .. stuck];
        if (stuck.Count == 0)
            await Settle(cancellation);
        var settled = clock.Elapsed;
        var oracle = new CampaignOracle(_books, _receiver, AcknowledgementLog.Read(_log.Path));
        broken.AddRange(await oracle.Judge(_plan.Invoices, cancellation));
        var verdict = await Prove(broken, cancellation);
        return new CampaignResult
        {
            Broken = broken,
            Kills = _nodes.Kills,
            FirstEffects = FirstEffects(),
            Acknowledged = _log.Count,
            Repeats = _callers.Sum(c => c.Repeats),
            Answered = _people.Answered,
            Expected = oracle.Expected,
            Applied = _receiver.Applied.Count,
            Deliveries = _receiver.Deliveries.Count,
            RepeatedAfter = [.. _receiver.Deliveries.GroupBy(d => d.EffectId).SelectMany(g => g.OrderBy(d => d.At).Zip(g.OrderBy(d => d.At).Skip(1), (a, b) => b.At - a.At)).Order()],
            HandedIn = handedIn,
            AllEnded = ended,
            Settled = settled - ended,
            Proven = clock.Elapsed - settled,
            Verdict = verdict,
            Output = _nodes.Output,
        };

        async Task HandIn()
        {
            await new CampaignLoad(Caller("ana"), _log, _plan.Seed).Run(stock.Files(), over.Token);
            handedIn = clock.Elapsed;
        }
    }

    private async Task Prepare(SampleStock stock, CancellationToken cancellation)
    {
        var dora = Caller("dora");
        // The process is the last of what a first start publishes.
        while (!await dora.Insist(async (c, t) => await c.Processes.ListAsync(t).AnyAsync(p => p.Key == "invoice", t), cancellation))
            await Task.Delay(100, cancellation);
        foreach (var (name, csv) in stock.Books.Tables().OrderBy(t => t.Key, StringComparer.Ordinal))
            await dora.Insist((c, t) => c.ReferenceTables.PublishCsvAsync(name, csv, cancellationToken: t), cancellation);
        await dora.Insist((c, t) => c.Webhooks.CreateAsync(new CreateWebhookEndpointRequest(_receiver.Address.AbsoluteUri, Events), new Client.CallOptions("campaign-endpoint"), t), cancellation);
    }

    /// <summary>Kills at random points of the work, so that none falls on an idle service; a kill right after a start is one of them.</summary>
    private async Task Kill(CancellationToken cancellation)
    {
        foreach (var point in Enumerable.Range(0, _plan.Kills).Select(_ => 0.03 + (0.94 * _random.NextDouble())).Order().ToList())
        {
            while (_log.Count + Volatile.Read(ref _ended) < point * 2 * _plan.Invoices)
                await Task.Delay(20, cancellation);
            await Task.Delay(_random.Next(0, 300), cancellation);
            await _nodes.KillAndStart(_random.Next(_plan.Nodes), cancellation);
        }
    }

    /// <summary>Until all has ended, a part of the campaign failed, or nothing moves any more; then what is stuck.</summary>
    private async Task<IReadOnlyList<string>> Watch(Task load, Task kills, Task[] people, Action<CampaignProgress> report, CancellationToken cancellation)
    {
        var (last, since) = (-1L, Stopwatch.GetTimestamp());
        while (true)
        {
            Volatile.Write(ref _ended, await _books.Ended(cancellation));
            report(new CampaignProgress(_log.Count, (int)_ended, _nodes.Kills.Count, _receiver.Deliveries.Count));
            foreach (var part in (Task[])[load, kills, .. people])
            {
                if (part.IsFaulted)
                    return [$"The campaign broke off: {part.Exception!.InnerException!.Message}"];
            }

            if (load.IsCompleted && kills.IsCompleted && _ended >= _plan.Invoices)
                return [];
            var moved = _log.Count + _ended + _nodes.Kills.Count + _people.Answered;
            if (moved != last)
                (last, since) = (moved, Stopwatch.GetTimestamp());
            if (Stopwatch.GetElapsedTime(since) > _plan.Patience)
                return await Stuck(cancellation);
            await Task.Delay(100, cancellation);
        }
    }

    private async Task<IReadOnlyList<string>> Stuck(CancellationToken cancellation)
    {
        var jobs = await _books.Rows("""
            select format('job %s (%s) of instance %s: attempt %s, due %s, lease %s', j.id, j.type, j.instance_id, j.data ->> 'attempt', j.due_at, coalesce(l.worker || ' until ' || l.until, 'none'))
            from cs.mt_doc_jobrow j left join cs.job_leases l on l.tenant_id = j.tenant_id and l.job_id = j.id where j.tenant_id = $1 order by j.id limit 10
            """, cancellation);
        var tasks = await _books.Rows("select format('task %s at %s', id, data ->> 'elementId') from cs.mt_doc_taskrow where tenant_id = $1 order by id limit 10", cancellation);
        return [$"Nothing moved for {_plan.Patience.TotalSeconds:0} seconds with {_ended} of {_plan.Invoices} instances ended.", .. jobs.Concat(tasks).Select(r => "Stuck: " + r[0])];
    }

    /// <summary>The last acknowledgements of messages follow the last events by a moment.</summary>
    private async Task Settle(CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(60) && await _books.Count("""
            select (select count(*) from wolverine.wolverine_incoming_envelopes where status <> 'Handled') + (select count(*) from wolverine.wolverine_outgoing_envelopes)
                + (select count(*) from hangfire.job where statename in ('Enqueued', 'Processing', 'Scheduled'))
            """, cancellation) > 0)
            await Task.Delay(100, cancellation);
    }

    private async Task<string> Prove(List<string> broken, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_plan.Patience);
        try
        {
            var (code, output) = await CampaignExport.Prove(Caller("tess"), _from, _folder, () => _plan.Kills == 0 ? Task.CompletedTask : _nodes.KillAndStart(0, limit.Token), limit.Token);
            if (code != 0)
                broken.Add($"The exported trail is not proven: {output.ReplaceLineEndings(" ")}");
            if (code == 2)
                return output;
            var verified = JsonSerializer.Deserialize<JsonElement>(output);
            return $"{verified.GetProperty("verdict").GetString()!.ToUpperInvariant()}, {verified.GetProperty("leaves").GetInt64()} leaves, {verified.GetProperty("contents").GetInt64()} contents";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            broken.Add($"The export that was asked for before a kill was not there {_plan.Patience.TotalSeconds:0} seconds later.");
            return "not exported";
        }
    }

    private List<TimeSpan?> FirstEffects()
    {
        var arrivals = _receiver.Deliveries.Select(d => d.At).Order().ToList();
        return [.. _nodes.Kills.Select(k => arrivals.Find(a => a > k.When) is var next && next == default ? (TimeSpan?)null : next - k.When)];
    }

    private static async Task Quietly(Task work)
    {
        try
        {
            await work;
        }
        catch (Exception e)
        {
            // What broke was said by the watch; a part that was told to stop is no news.
            Trace.WriteLine(e.Message);
        }
    }

    private PatientCaller Caller(string login)
    {
        var caller = new PatientCaller(_nodes.Addresses, login, _faults);
        _callers.Add(caller);
        return caller;
    }
}
