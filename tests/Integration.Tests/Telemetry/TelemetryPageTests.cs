using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Countersign.Integration.Tests.Instances;
using Countersign.Projections.Sealing;
using Countersign.TestKit.Databases;
using Countersign.Workers.Hosting;
using Countersign.Workers.Telemetry;
using Countersign.Workers.Trail;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Telemetry;

/// <summary>The page that operators build their dashboards on says what the code says.</summary>
public sealed partial class TelemetryPageTests(PostgresFixture postgres)
{
    [Fact]
    public async Task The_page_lists_every_instrument_with_its_unit_and_every_span_and_no_other()
    {
        var instruments = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var gauges = new ConcurrentDictionary<string, byte>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name != WorkersTelemetry.Name)
                    return;
                instruments[instrument.Name] = instrument.Unit ?? "";
                l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((i, _, _, _) => gauges[i.Name] = 0);
        listener.SetMeasurementEventCallback<int>((i, _, _, _) => gauges[i.Name] = 0);
        listener.Start();
        await using var database = await postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts(TenantPartsOf()), new TrailTables()]);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), acts: true);
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", "bank:transfer"));
        await node.StartInstance(tenant, "job");

        // The question to the database is one that its tables answer.
        await node.Host.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Backlog>().Single().Read(TestContext.Current.CancellationToken);
        listener.RecordObservableInstruments();
        foreach (var gauge in (string[])["countersign.jobs.waiting", "countersign.jobs.oldest_waiting", "countersign.timers.overdue", "countersign.incidents.open", "countersign.webhooks.waiting",
            "countersign.messages.dead", "countersign.trail.lag", "countersign.trail.behind", "countersign.runner.waiting"])
            gauges.ShouldContainKey(gauge);

        var page = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "reference", "telemetry.md"), TestContext.Current.CancellationToken);
        var listed = MetricRow().Matches(page).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["unit"].Value, StringComparer.Ordinal);
        listed.Select(p => $"{p.Key} {p.Value}").Order(StringComparer.Ordinal).ShouldBe(instruments.Select(p => $"{p.Key} {p.Value}").Order(StringComparer.Ordinal));
        SpanRow().Matches(page).Select(m => m.Groups["name"].Value).ShouldBe(WorkersTelemetry.Spans, ignoreOrder: true);
    }

    private static Action<Marten.StoreOptions> TenantPartsOf() => Projections.Store.TenantParts.Configure;

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "global.json")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The repository's root is not above the tests.");
        return folder.FullName;
    }

    [GeneratedRegex(@"^\| `(?<name>countersign\.[a-z_.]+)` \| [a-z]+ \| `(?<unit>[^`]+)` \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MetricRow();

    [GeneratedRegex(@"^\| `(?<name>[a-z ]+)` \| (internal|producer|consumer) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SpanRow();
}
