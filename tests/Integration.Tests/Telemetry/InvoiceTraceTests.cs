using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Decisions;
using Countersign.Client.Instances;
using Countersign.Client.Webhooks;
using Countersign.Integration.Tests.Databases;
using Countersign.TestKit.Services;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Telemetry;

/// <summary>One invoice through the whole service, seen from outside: by its exported spans, metrics and log entries.</summary>
public sealed class InvoiceTraceTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string MetricsToken = "a-token-for-the-one-who-scrapes";
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);
    private readonly TemporaryFolder _folder = new();
    private OtlpReceiver _collector = null!;
    private EffectReceiver _partner = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _collector = await OtlpReceiver.StartAsync(Cancel);
        _partner = await EffectReceiver.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _partner.DisposeAsync();
        await _collector.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_span_tree_of_an_invoice_has_no_hole()
    {
        var port = ServiceProcess.FreePort();
        await using var service = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Countersign__DataFolder"] = _folder.Path,
            ["Countersign__Telemetry__MetricsPort"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["Countersign__Telemetry__MetricsToken"] = MetricsToken,
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Endpoint,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            // Entries within a request: what goes well says nothing by default.
            ["Logging__LogLevel__Microsoft.AspNetCore.Hosting"] = "Information",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
            ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        });
        using var http = new HttpClient { BaseAddress = service.Address };
        await service.StartAsync(http, Bound, Cancel);
        var (ana, dora) = (new DemoPerson(service.Address, "ana"), new DemoPerson(service.Address, "dora").Act());
        await dora.Webhooks.CreateAsync(new CreateWebhookEndpointRequest(_partner.Address.ToString() + "?secret=of-the-tenant", ["invoice.*"]), cancellationToken: Cancel);
        await Until(async () => await dora.Processes.ListAsync(Cancel).AnyAsync(p => p.Key == "invoice", Cancel), "the demo pack is published");

        // The partner's own span, above all of ours.
        var (trace, root) = (ActivityTraceId.CreateRandom().ToHexString(), ActivitySpanId.CreateRandom().ToHexString());
        var parent = $"00-{trace}-{root}-01";
        var file = Path.Combine(AppContext.BaseDirectory, "samples", "invoice", "documents", "R002014-1.pdf");
        var document = await Post(http, ana, parent, "v1/documents?name=invoice.pdf", await File.ReadAllBytesAsync(file, Cancel), "application/pdf");
        var variables = JsonSerializer.Serialize(new { process = "invoice", variables = new { document = new { id = document.GetProperty("id").GetString(), mediaType = "application/pdf" } } });
        var started = await Post(http, ana, parent, "v1/instances", Encoding.UTF8.GetBytes(variables), "application/json");
        var id = started.GetProperty("id").GetGuid();
        await Until(async () => (await dora.Instances.GetAsync(id, Cancel)).Status != InstanceStatus.Running, "the invoice is through");
        (await dora.Instances.GetAsync(id, Cancel)).Status.ShouldBe(InstanceStatus.Completed);
        await Until(() => Task.FromResult(Of(trace).Count(s => s.Name == "deliver webhook") >= 2), "both deliveries are exported");
        await Until(() => Task.FromResult(_collector.Metrics.Contains("countersign.instances.ended")), "metrics are exported");
        await Task.WhenAll(Readable(port), Complete(trace, root));

        var spans = Of(trace);
        output.WriteLine(Tree(spans, root));
        Hole(spans, root).ShouldBeEmpty();
        foreach (var hop in (string[])["POST /v1/documents", "POST /v1/instances", "run command", "commit batch", "publish job", "enqueue inference", "process inference", "attempt job", "read document", "deliver webhook"])
            spans.ShouldContain(s => s.Name == hop, hop);
        spans.ShouldContain(s => s.Source == "Wolverine");
        spans.ShouldContain(s => s.Source == "Npgsql");
        spans.Where(s => s.Name == "run command").Select(s => s.Tags["countersign.command"]).ShouldBeSubsetOf(["start_instance", "complete_job"]);

        // The receiver outside is told the trace, and nothing a caller keeps to itself.
        _partner.Deliveries.ShouldAllBe(d => d.Headers["traceparent"].Contains(trace));
        _partner.Deliveries.ShouldAllBe(d => !d.Headers.ContainsKey("tracestate") && !d.Headers.ContainsKey("baggage"));

        // The decision's record names it.
        DecisionListItem? decision = null;
        await Until(async () => (decision = await dora.Decisions.ListAsync(cancellationToken: Cancel).FirstOrDefaultAsync(d => d.InstanceId == id, Cancel)) is not null, "the decision is listed");
        (await dora.Decisions.GetAsync(decision!.Id, Cancel)).TraceId.ShouldBe(trace);

        await Until(() => Task.FromResult(_collector.Logs.Any(l => l.TraceId == trace)), "log entries of the trace are exported");
        NothingPersonal(await dora.Instances.GetAsync(id, Cancel));
    }

    private async Task Readable(int port)
    {
        using var scraper = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        (await scraper.GetAsync(new Uri("metrics", UriKind.Relative), Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        scraper.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", MetricsToken);
        (await scraper.GetAsync(new Uri("health/live", UriKind.Relative), Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var page = await scraper.GetStringAsync(new Uri("metrics", UriKind.Relative), Cancel);
        page.ShouldContain("countersign_instances_ended");
        page.ShouldContain("http_server_request_duration");
        page.ShouldContain("db_client_");
        _collector.Metrics.ShouldContain("countersign.decisions");
    }

    private Task Complete(string trace, string root) => Until(() => Task.FromResult(Hole(Of(trace), root).Count == 0), "every span's parent is exported", giveUp: false);

    private void NothingPersonal(InstanceView instance)
    {
        var said = _collector.Spans.SelectMany(s => s.Tags.Values.Append(s.Name)).Concat(_collector.Logs.SelectMany(l => l.Attributes.Values.Append(l.Body))).ToList();
        var invoice = instance.Variables["invoice"];
        var secrets = Texts(invoice).Where(t => t.Length > 6).Append("of-the-tenant").Append("ana-acme").ToList();
        secrets.Count.ShouldBeGreaterThan(10);
        secrets.Where(secret => said.Any(s => s.Contains(secret, StringComparison.OrdinalIgnoreCase))).ShouldBeEmpty();
    }

    // What the document says: names, addresses, numbers. Words of ours (formats, checks, the reader's name) are in the list of names below.
    private static IEnumerable<string> Texts(JsonElement value)
    {
        string[] parts = ["seller", "buyer", "number", "iban", "lines", "payee"];
        return value.EnumerateObject().Where(p => parts.Contains(p.Name, StringComparer.OrdinalIgnoreCase)).SelectMany(p => Strings(p.Value)).Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Strings(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => Strings(p.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Strings),
        _ => [],
    };

    private List<ReceivedSpan> Of(string trace) => [.. _collector.Spans.Where(s => s.TraceId == trace).OrderBy(s => s.Start)];

    private static List<string> Hole(List<ReceivedSpan> spans, string root)
    {
        var known = spans.Select(s => s.Id).Append(root).ToHashSet(StringComparer.Ordinal);
        return [.. spans.Where(s => !known.Contains(s.Parent)).Select(s => $"{s.Source}: {s.Name}")];
    }

    private static string Tree(List<ReceivedSpan> spans, string root)
    {
        var text = new StringBuilder();
        var below = spans.ToLookup(s => s.Parent, StringComparer.Ordinal);
        Write(root, 0);
        return text.ToString();

        void Write(string parent, int depth)
        {
            foreach (var span in below[parent])
            {
                var what = span.Tags.GetValueOrDefault("countersign.command") ?? span.Tags.GetValueOrDefault("countersign.job.type") ?? "";
                text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"{new string(' ', 2 * depth)}{span.Name} {what} [{span.Source}] {(span.End - span.Start) / 1e6:0.0} ms");
                Write(span.Id, depth + 1);
            }
        }
    }

    private static async Task<JsonElement> Post(HttpClient http, DemoPerson who, string parent, string path, byte[] body, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await who.GetTokenAsync(renew: false, Cancel));
        // Always the same: an instance's id follows from its key, and whether a person sees an accepted case as a sample follows from its id.
        request.Headers.Add("Idempotency-Key", "trace-" + path.Split('/', '?')[1]);
        request.Headers.Add("traceparent", parent);
        request.Headers.Add("tracestate", "partner=keeps-this");
        request.Headers.Add("baggage", "person=of-the-partner");
        using var answer = await http.SendAsync(request, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private static async Task Until(Func<Task<bool>> holds, string what, bool giveUp = true)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(giveUp ? Bound : TimeSpan.FromSeconds(10));
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            while (!await holds())
                await ticks.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException e) when (!Cancel.IsCancellationRequested)
        {
            if (giveUp)
                throw new TimeoutException($"Not within {Bound}: {what}.", e);
        }
    }
}
