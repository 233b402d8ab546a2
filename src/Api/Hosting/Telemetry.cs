using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Countersign.Workers.Telemetry;
using Countersign.Workers.Webhooks;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Countersign.Api.Hosting;

/// <summary>Spans, metrics and log entries by OpenTelemetry's conventions: which sources are heard, and who gets them.</summary>
internal static class Telemetry
{
    /// <summary>Where metrics are fetched, on a port of their own.</summary>
    public const string MetricsPath = "/metrics";

    public static void AddTelemetry(this WebApplicationBuilder builder, NodeRoles roles)
    {
        var options = TelemetryOptions.From(builder.Configuration);
        builder.Services.AddSingleton(options);
        if (options.MetricsAddress is { } address)
            builder.WebHost.UseUrls([.. HostSetup.Addresses(builder.Configuration), address]);
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(r => r
            .AddService("countersign", serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString(3))
            .AddAttributes([new("countersign.roles", roles.ToString())])
            // Last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
            .AddEnvironmentVariableDetector());
        if (options.Traces)
            telemetry.WithTracing(Trace);
        if (options.Metrics || options.MetricsPort is not null)
            telemetry.WithMetrics(m => Measure(m, options));
        if (options.Logs)
            telemetry.WithLogging(l => l.AddOtlpExporter(), l => (l.IncludeFormattedMessage, l.IncludeScopes) = (true, false));
    }

    /// <summary>Metrics on their own port and nothing else there; none of them on the others.</summary>
    public static void UseMetricsEndpoint(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<TelemetryOptions>();
        if (options.MetricsPort is not { } port)
            return;
        app.UseWhen(context => context.Connection.LocalPort == port, metrics =>
        {
            metrics.Use(async (context, next) =>
            {
                if (options.MetricsToken is { } token && !IsToken(context.Request.Headers.Authorization.ToString(), token))
                {
                    context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                    context.Response.Headers.WWWAuthenticate = "Bearer";
                    return;
                }

                await next(context);
            });
            metrics.UseOpenTelemetryPrometheusScrapingEndpoint(MetricsPath);
            metrics.Run(context =>
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
        });
    }

    private static void Trace(TracerProviderBuilder tracing) => tracing
        .AddSource(WorkersTelemetry.Name, "Wolverine", "Npgsql")
        .AddAspNetCoreInstrumentation(http => http.Filter = context => !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
        .AddHttpClientInstrumentation(http => http.EnrichWithHttpRequestMessage = WithoutAddress)
        .AddProcessor<SpanNames>()
        .AddOtlpExporter();

    private static void Measure(MeterProviderBuilder metrics, TelemetryOptions options)
    {
        metrics.AddMeter(WorkersTelemetry.Name, "Wolverine:countersign", "Npgsql", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http")
            .AddRuntimeInstrumentation();
        if (options.MetricsPort is not null)
            metrics.AddPrometheusExporter();
        if (options.Metrics)
            metrics.AddOtlpExporter();
    }

    // The address of a receiver outside may hold what a tenant keeps to itself; its host is enough to find the trouble.
    private static void WithoutAddress(Activity span, HttpRequestMessage request)
    {
        if (request.Options.TryGetValue(WebhookHttp.Outside, out var outside) && outside && request.RequestUri is { } address)
            span.SetTag("url.full", $"{address.Scheme}://{address.Authority}/…");
    }

    private static bool IsToken(string header, string token) => header.StartsWith("Bearer ", StringComparison.Ordinal)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header["Bearer ".Length..])), SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Statements stay out of span names and tags: their text is long, and says nothing that their operation does not.</summary>
    private sealed class SpanNames : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data)
        {
            if (data.Source.Name == "Npgsql" && data.GetTagItem("db.query.text") is string { Length: > 200 } text)
                data.SetTag("db.query.text", text[..200] + "…");
        }
    }
}
