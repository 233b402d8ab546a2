using System.Globalization;
using Countersign.Projections.Databases;

namespace Countersign.Api.Hosting;

/// <summary>What a node says about itself, and to whom. Exporters are set by the usual <c>OTEL_*</c> variables; see docs/reference/telemetry.md.</summary>
/// <param name="Traces">Whether spans are sent by OTLP.</param>
/// <param name="Metrics">Whether metrics are sent by OTLP.</param>
/// <param name="Logs">Whether log entries are sent by OTLP.</param>
/// <param name="MetricsPort"><c>Countersign:Telemetry:MetricsPort</c>; null means that nobody can fetch metrics.</param>
/// <param name="MetricsToken"><c>Countersign:Telemetry:MetricsToken</c>; with it the port is open to the network and asks for it, without it the port is this machine's own.</param>
internal sealed record TelemetryOptions(bool Traces, bool Metrics, bool Logs, int? MetricsPort, string? MetricsToken)
{
    private const int ShortestToken = 24;

    public static TelemetryOptions From(IConfiguration configuration)
    {
        var (port, token) = (NullIfBlank(configuration["Countersign:Telemetry:MetricsPort"]), NullIfBlank(configuration["Countersign:Telemetry:MetricsToken"]));
        if (port is not null && (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65_535))
            throw new StartUpException($"The setting Countersign:Telemetry:MetricsPort is '{port}': use a port from 1 to 65535, or leave it out.");
        if (token?.Length < ShortestToken)
            throw new StartUpException($"The setting Countersign:Telemetry:MetricsToken is shorter than {ShortestToken} characters: draw a new one, for example with 'openssl rand -hex 24'.");
        if (token is not null && port is null)
            throw new StartUpException("The setting Countersign:Telemetry:MetricsToken guards a port that is not open: set Countersign:Telemetry:MetricsPort as well.");
        var off = string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);
        return new TelemetryOptions(Sent("TRACES"), Sent("METRICS"), Sent("LOGS"), port is null ? null : int.Parse(port, CultureInfo.InvariantCulture), token);

        // By the specification an exporter is otlp unless the variable says otherwise; without an address nothing is sent, so that a first run tries no port.
        bool Sent(string signal) => !off && (NullIfBlank(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]) ?? NullIfBlank(configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"])) is not null
            && (NullIfBlank(configuration[$"OTEL_{signal}_EXPORTER"]) ?? "otlp") switch
            {
                "otlp" => true,
                "none" => false,
                var other => throw new StartUpException($"The variable OTEL_{signal}_EXPORTER is '{other}': use otlp or none."),
            };
    }

    /// <summary>Where metrics can be fetched, or null.</summary>
    public string? MetricsAddress => MetricsPort is { } port ? string.Create(CultureInfo.InvariantCulture, $"http://{(MetricsToken is null ? "127.0.0.1" : "*")}:{port}") : null;

    private static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
