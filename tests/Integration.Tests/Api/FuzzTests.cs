using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>Thousands of generated requests to every route: none breaks the service, and every refusal is a problem that tells nothing of the inside.</summary>
public sealed class FuzzTests(RunningService service)
{
    private const int Requests = 10_000;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("COUNTERSIGN_FUZZ_SECONDS") ?? "30", CultureInfo.InvariantCulture));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_generated_requests_break_nothing_and_tell_nothing()
    {
        await service.Start(Cancel);
        var program = await service.Key("dora", Cancel);
        var operations = service.Operations.ToArray();
        string[] ids = [.. service.Acme.Values];
        var seed = int.TryParse(Environment.GetEnvironmentVariable("COUNTERSIGN_FUZZ_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        var wrong = new ConcurrentQueue<string>();
        var statuses = new ConcurrentDictionary<int, int>();
        var reached = new ConcurrentDictionary<string, byte>(StringComparer.Ordinal);
        var watch = Stopwatch.StartNew();
        // Each request has a seed of its own, so that one alone can be drawn again.
        await Parallel.ForEachAsync(Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancel }, async (i, cancel) =>
        {
            // Bounded for a slow machine, but never before every route had its share.
            if (watch.Elapsed > Within && i >= operations.Length * 10)
                return;
            var operation = operations[i % operations.Length];
            using var request = new Hostile(seed + i).Request(operation, ids);
            var since = Stopwatch.GetTimestamp();
            var got = await service.Send(request, operation.Someone(program), cancel);
            statuses.AddOrUpdate(got.Status, 1, (_, n) => n + 1);
            if (got.Status is not (401 or 405 or 414))
                reached.TryAdd(operation.Name, 0);
            var what = $"seed {seed + i}: {operation.Method} {request.RequestUri!.PathAndQuery}";
            what = what[..Math.Min(400, what.Length)];
            // The server's own refusal of a line it cannot parse or hold has no body: no route has seen it.
            if (ProblemRules.Broken(got) is { } broken && !(got.Status is 400 or 414 or 431 && got.Body.Length == 0))
                wrong.Enqueue($"{what}: {broken}");
            if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(10))
                wrong.Enqueue($"{what} took {Stopwatch.GetElapsedTime(since)}");
        });
        var counts = string.Join(", ", statuses.OrderBy(s => s.Key).Select(s => $"{s.Key}: {s.Value}"));
        TestContext.Current.SendDiagnosticMessage($"{statuses.Values.Sum()} requests in {watch.Elapsed.TotalSeconds:0} s, seed {seed}; {counts}");
        wrong.Take(20).ShouldBeEmpty($"{wrong.Count} of seed {seed} (COUNTERSIGN_FUZZ_SEED); {counts}");
        reached.Count.ShouldBe(operations.Length);
        statuses.Values.Sum().ShouldBeGreaterThanOrEqualTo(Math.Min(Requests, operations.Length * 10));
        (await service.Send("GET", "/v1/me", "dora", cancel: Cancel)).Status.ShouldBe(200);
    }
}
