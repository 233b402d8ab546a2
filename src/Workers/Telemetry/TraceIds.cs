using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Countersign.Workers.Telemetry;

/// <summary>
/// Keeps trace ids alive where nobody records spans (no exporter, a sampler that says no): a decision's record and a problem's answer
/// name the trace in any case. Costs a span without content at each hop.
/// </summary>
internal sealed class TraceIds : IHostedService, IDisposable
{
    private static readonly string[] Hops = [WorkersTelemetry.Name, "Wolverine", "Microsoft.AspNetCore"];

    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => Hops.Contains(source.Name, StringComparer.Ordinal),
        Sample = static (ref _) => ActivitySamplingResult.PropagationData,
    };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        ActivitySource.AddActivityListener(_listener);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _listener.Dispose();
}
