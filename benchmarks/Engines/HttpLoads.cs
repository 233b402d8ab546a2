using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Countersign.Client.Keys;
using Countersign.Client.Processes;
using Countersign.TestKit.Services;
using Countersign.Workers.Trail;
using Npgsql;

namespace Countersign.Benchmarks.Engines;

/// <summary>The whole service as a process of its own, over HTTP with an API key and an idempotency key for each call: W1, and W3 with external workers.</summary>
internal static class HttpLoads
{
    private const string Name = "service";
    private static readonly string Text = new('x', 180);

    public static async Task Run(EngineRun run)
    {
        var hand = await run.Hand();
        var node = await run.Node();
        await using var service = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Logging__LogLevel__Default"] = "Warning",
            ["ConnectionStrings__Countersign"] = run.Server.ConnectionString(Name),
            ["Countersign__DataFolder"] = Path.Combine(run.Server.Folder, "node"),
            ["Countersign__RateLimits__TenantPerMinute"] = "10000000",
            ["Countersign__RateLimits__CredentialPerMinute"] = "10000000",
        });
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 512 }) { BaseAddress = service.Address };
        await service.StartAsync(http, TimeSpan.FromSeconds(120));
        var dora = new DemoPerson(service.Address, "dora").Act();
        var key = (await dora.Keys.CreateAsync(new CreateKeyRequest("bench", ["integrator"]))).Secret;
        foreach (var bpmn in (string[])[BenchProcesses.W1, BenchProcesses.W3])
            await dora.Processes.PublishAsync(new PublishProcessRequest(bpmn));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var load = new Load(run.Server, Name);
        Func<TimeSpan> cpu = () => Processes.CpuOf(service.ProcessId);
        var start = Bytes(new { process = "w1", variables = new { amount = 100, text = Text } });
        Task W1(int number) => Post(http, "v1/instances", start);
        await load.Closed(run.Quick ? 10 : 60, 64, W1);
        var rounds = await Turns.Take(run.Rounds, () => run.Load.Closed(run.Round, run.Saturating, node.W1), () => load.Closed(run.Round, run.Saturating / 2, W1, alsoCpu: cpu));
        run.Detail("HTTP", $"W1 in process: {rounds.Of(0)}");
        run.Detail("HTTP", $"W1 over HTTP:  {rounds.Of(1)}");
        run.Judge("W1 over HTTP with key, rights and idempotency key, against in process without projections and trail", "at least 0.4", rounds.Ratio(1, 0), "x", least: 0.4);
        await Alike(run, load, W1, cpu);
        await External(run, hand, http, load, cpu);
        await Idle(run, cpu);
    }

    /// <summary>Last, when the code of a node that has worked is compiled and what the loads left behind is done.</summary>
    private static async Task Idle(EngineRun run, Func<TimeSpan> cpu)
    {
        await using (var service = NpgsqlDataSource.Create(run.Server.ConnectionString(Name)))
            await Sharing.Settled(service);
        await Task.Delay(TimeSpan.FromSeconds(run.Quick ? 15 : 45));
        var idle = await LargeThings.Idle(run, Name, run.Quick ? 10 : 40, cpu);
        run.Detail("HTTP", $"idle service: {idle.Transactions:F1} transactions/s, CPU {idle.Cpu:F2} % of a core");
        run.Judge("An idle node, whole service: transactions", "at most 12/s", idle.Transactions, "/s", most: 12);
        run.Judge("An idle node, whole service: CPU of one core", "at most 1 %", idle.Cpu, "%", most: 1);
    }

    /// <summary>
    /// The same against a node in this process that also projects and keeps the trail, as the service does for every instance: what is between the two is HTTP,
    /// the key, the rights, the plan and the receipt.
    /// </summary>
    private static async Task Alike(EngineRun run, Load load, Func<int, Task> overHttp, Func<TimeSpan> cpu)
    {
        const string name = "whole";
        await using var database = await run.Server.Open(name, writers: 46, more: new TrailTables());
        await using var node = await BenchNode.Start(database, acts: false, projects: true,
            trail: new TrailOptions { SecondPlace = Path.Combine(run.Server.Folder, name, "trail"), KeyFile = Path.Combine(run.Server.Folder, name, "trail.key") });
        await node.Publish(BenchProcesses.W1);
        var inProcess = new Load(run.Server, name);
        await using var service = NpgsqlDataSource.Create(run.Server.ConnectionString(Name));
        await inProcess.Closed(run.Quick ? 3 : 10, 64, node.W1);
        await Sharing.Settled(database.Connections.Writer);
        var rounds = await Turns.Take(run.Rounds,
            () => Settling(inProcess.Closed(run.Round, run.Saturating, node.W1), database.Connections.Writer),
            () => Settling(load.Closed(run.Round, run.Saturating / 2, overHttp, alsoCpu: cpu), service));
        run.Detail("HTTP", $"W1 in process, with projections and trail: {rounds.Of(0)}");
        run.Detail("HTTP", $"W1 over HTTP:                              {rounds.Of(1)}");
        run.Judge("W1 over HTTP, against in process with projections and trail as well (the same work)", "at least 0.4", rounds.Ratio(1, 0), "x", least: 0.4);
    }

    private static async Task<Measured> Settling(Task<Measured> load, NpgsqlDataSource source)
    {
        var measured = await load;
        await Sharing.Settled(source);
        return measured;
    }

    private static async Task External(EngineRun run, HandLoops hand, HttpClient http, Load load, Func<TimeSpan> cpu)
    {
        var start = Bytes(new { process = "w3", variables = new { amount = 100, text = Text } });
        var waiting = new ConcurrentDictionary<Guid, TaskCompletionSource>();
        using var over = new CancellationTokenSource();
        // Two programs for each type of job, as a customer would run them.
        var workers = new[] { "bench:one", "bench:two", "bench:three" }.SelectMany(type => Enumerable.Range(0, 2).Select(i => Task.Run(() => Work(http, type, waiting, over.Token)))).ToArray();
        async Task W3(int number)
        {
            var ended = waiting.GetOrAdd(IdIn(await Post(http, "v1/instances", start)), _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            await ended.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }

        await load.Closed(2, 16, W3);
        var rounds = await Turns.Take(run.Rounds,
            () => run.HandLoad.Closed(run.Round, run.Connections, i => hand.W1e(i, false), () => hand.Commits),
            () => run.HandLoad.Closed(run.Round, run.Saturating, i => hand.W1e(i, true), () => hand.Commits),
            () => load.Closed(run.Round, run.Saturating / 2, W3, alsoCpu: cpu));
        run.Detail("W3", $"by hand, a commit for each outside event: {rounds.Of(0)}");
        run.Detail("W3", $"by hand, grouped commits: {rounds.Of(1)}");
        run.Detail("W3", $"external workers:         {rounds.Of(2)}");
        run.Judge("W3 (external workers over HTTP), against grouped commits by hand", "at least 0.5", rounds.Ratio(2, 1), "x", least: 0.5);
        run.Judge("W3, against a commit for each outside event by hand", "", EngineRun.Short(rounds.Ratio(2, 0)) + " x", null);
        var calm = await load.Open(Math.Max(5, run.Seconds), 20, W3, cpu);
        run.Detail("W3", $"20/s: {calm}");
        run.Judge("W3 at 20/s, p50 / p99", "", string.Create(CultureInfo.InvariantCulture, $"{calm.P50:0.0} / {calm.P99:0.0} ms"), null);
        await over.CancelAsync();
        await Task.WhenAll(workers);
    }

    private static async Task Work(HttpClient http, string type, ConcurrentDictionary<Guid, TaskCompletionSource> waiting, CancellationToken over)
    {
        var (fetch, done) = (Bytes(new { type, worker = "bench", maxJobs = 50, leaseSeconds = 60 }), Bytes(new { attempt = 1, variables = new { ok = true } }));
        try
        {
            while (true)
            {
                var found = JsonSerializer.Deserialize<Found>(await Post(http, "v1/jobs/activate?wait=20", fetch, over), JsonSerializerOptions.Web)!;
                await Task.WhenAll(found.Items.Select(async job =>
                {
                    await Post(http, $"v1/jobs/{job.Id}/complete", done, over);
                    if (type == "bench:three")
                        waiting.GetOrAdd(job.InstanceId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
                }));
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The measurement is over.
        }
    }

    /// <summary>The id an answer begins with.</summary>
    private static Guid IdIn(byte[] answer)
    {
        var reader = new Utf8JsonReader(answer);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("id"u8) && reader.Read())
                return reader.GetGuid();
        }

        throw new InvalidOperationException("An answer without an id.");
    }

    private sealed record Found(List<FoundJob> Items);

    private sealed record FoundJob(string Id, Guid InstanceId);

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private static byte[] Bytes(object body) => JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web);

    // An answer that says 'later' is obeyed, as a client does. Bodies are made once and answers are read whole; what load's own programs cost counts as well.
    private static async Task<byte[]> Post(HttpClient http, string path, byte[] body, CancellationToken cancellation = default)
    {
        var key = Guid.CreateVersion7().ToString();
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) { Headers = { ContentType = Json } } };
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
            using var answer = await http.SendAsync(request, cancellation);
            if (answer.IsSuccessStatusCode)
                return await answer.Content.ReadAsByteArrayAsync(cancellation);
            if ((int)answer.StatusCode != 429)
                throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellation)}");
            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromMilliseconds(100), cancellation);
        }
    }
}
