using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Decisions;
using Countersign.Client.Instances;

namespace Countersign.Cli.Demo;

/// <summary>One document to feed.</summary>
internal sealed record DemoDocument(string Name, string MediaType, ReadOnlyMemory<byte> Content);

/// <summary>How far a demo run is.</summary>
internal sealed record DemoProgress(int Sent, int Decided, int Failed);

/// <summary>Feeds documents through the running service as a partner system would, and watches until each is decided.</summary>
internal sealed class DemoLoad(CountersignClient client, int concurrency, string runId, TimeProvider clock)
{
    /// <summary>Without a new decision for this long, the rest counts as not decided.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<Guid, InstanceView> started = new();
    private readonly ConcurrentDictionary<Guid, DecisionListItem> decided = new();
    private readonly ConcurrentQueue<string> failures = new();
    private int sent;

    public async Task<DemoResult> Run(IReadOnlyCollection<DemoDocument> documents, Action<DemoProgress> report, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var from = clock.GetUtcNow().AddMinutes(-1);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watching = Watch(documents.Count, from, report, over.Token);
        await Parallel.ForEachAsync(documents.Index(), new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellation },
            async (document, token) => await Feed(document.Index, document.Item, token));
        await watching;
        return new DemoResult([.. started.Values], [.. decided.Values], [.. failures], await Incidents(from, cancellation), watch.Elapsed);
    }

    private async Task Feed(int number, DemoDocument document, CancellationToken cancellation)
    {
        try
        {
            var stored = await client.Documents.UploadAsync(document.Name, document.MediaType, document.Content, Key("document", number), cancellation);
            var variables = new Dictionary<string, JsonElement>(StringComparer.Ordinal)
            {
                ["document"] = JsonSerializer.SerializeToElement(new { id = stored.Id, name = stored.Name, mediaType = stored.MediaType, sha256 = stored.Sha256 }),
            };
            var instance = await client.Instances.StartAsync(new StartInstanceRequest("invoice", variables), null, Key("instance", number), cancellation);
            started[instance.Id] = instance;
        }
        catch (CountersignProblemException problem)
        {
            failures.Enqueue($"{document.Name}: {problem.Message}");
        }
        catch (HttpRequestException error)
        {
            failures.Enqueue($"{document.Name}: no answer from the service ({error.HttpRequestError}).");
        }
        finally
        {
            Interlocked.Increment(ref sent);
        }
    }

    // Decisions are read newest first; everything older than the newest decision of the last round was read before.
    private async Task Watch(int total, DateTimeOffset from, Action<DemoProgress> report, CancellationToken cancellation)
    {
        var last = clock.GetTimestamp();
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(500), clock);
        do
        {
            var before = decided.Count;
            var newest = from;
            await foreach (var decision in client.Decisions.ListAsync(new DecisionFilter(Process: "invoice", From: from), cancellation))
            {
                newest = decision.At > newest ? decision.At : newest;
                if (started.ContainsKey(decision.InstanceId))
                    decided.AddOrUpdate(decision.InstanceId, decision, (_, earlier) => earlier.At <= decision.At ? earlier : decision);
            }

            // Lists may lag by a moment, so a margin is read twice.
            if (Volatile.Read(ref sent) == total || newest - from > TimeSpan.FromSeconds(30))
                from = Max(from, newest.AddSeconds(-20));
            if (decided.Count > before || Volatile.Read(ref sent) < total)
                last = clock.GetTimestamp();
            report(new DemoProgress(Volatile.Read(ref sent), decided.Count, failures.Count));
            if (Volatile.Read(ref sent) == total && decided.Count >= started.Count)
                return;
            if (clock.GetElapsedTime(last) > Patience)
                return;
        }
        while (await ticks.WaitForNextTickAsync(cancellation));
    }

    private async Task<int> Incidents(DateTimeOffset from, CancellationToken cancellation)
    {
        var count = 0;
        await foreach (var instance in client.Instances.ListAsync(new InstanceFilter(Process: "invoice", StartedFrom: from, WithIncident: true), cancellation))
            count += started.ContainsKey(instance.Id) ? 1 : 0;
        return count;
    }

    private CallOptions Key(string kind, int number) => new() { IdempotencyKey = $"demo-{runId}-{kind}-{number}" };

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}

/// <summary>What came out of a demo run.</summary>
internal sealed record DemoResult(IReadOnlyList<InstanceView> Started, IReadOnlyList<DecisionListItem> Decided, IReadOnlyList<string> Failures, int Incidents, TimeSpan Elapsed)
{
    /// <summary>Times from receipt to decision, ascending, by the service's own clock.</summary>
    public IReadOnlyList<TimeSpan> ReceiptToDecision { get; } =
        [.. Decided.Join(Started, d => d.InstanceId, s => s.Id, (d, s) => d.At - s.StartedAt).Order()];

    public TimeSpan Percentile(double share) =>
        ReceiptToDecision.Count == 0 ? TimeSpan.Zero : ReceiptToDecision[Math.Min(ReceiptToDecision.Count - 1, (int)Math.Ceiling(share * ReceiptToDecision.Count) - 1 is var i && i < 0 ? 0 : i)];
}
