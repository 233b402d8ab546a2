using System.Globalization;
using Countersign.Projections.Databases;
using Microsoft.Extensions.Configuration;

namespace Countersign.Workers.Webhooks;

/// <summary>Settings of the sender, section <c>Countersign:Webhooks</c>. See docs/reference/settings.md.</summary>
public sealed record WebhookOptions
{
    private const string Section = "Countersign:Webhooks:";

    /// <summary>
    /// <c>AllowLoopback</c>. Whether http and loopback addresses are allowed, to try the product with a receiver of one's own. Unset: true in Development, false otherwise; set to
    /// true outside Development, the service does not start.
    /// </summary>
    public bool AllowLoopback { get; init; }

    /// <summary><c>TimeoutSeconds</c>. Longest time of one attempt, from connecting to the last byte read; 1 to 60 s, default 20 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Most of an answer that is read, in bytes. 64 KB.</summary>
    public int MaxAnswer { get; init; } = 64 * 1024;

    /// <summary><c>Parallel</c> and <c>ParallelOfEndpoint</c>. Attempts under way at once in this node, and to one endpoint; defaults 16 and 4.</summary>
    public (int Node, int Endpoint) Parallel { get; init; } = (16, 4);

    /// <summary>How often due deliveries that wait for room are looked for, and new facts at most. 1 s.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often this node looks for what another node has made due, or a notice was lost of, when nothing is due here. 10 s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// <c>KeepDays</c>. How long a delivery is kept after it was taken or given up, and can be sent again; 7 to 3650 days, default 90. The attempts of a delivery take about three days.
    /// </summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Reads the options, refusing values out of range with a sentence.</summary>
    /// <param name="configuration">The service's settings.</param>
    /// <param name="development">Whether the environment is Development.</param>
    public static WebhookOptions From(IConfiguration configuration, bool development)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var defaults = new WebhookOptions();
        return new WebhookOptions
        {
            AllowLoopback = Loopback(configuration[Section + "AllowLoopback"], development),
            Timeout = TimeSpan.FromSeconds(Number(configuration, "TimeoutSeconds", (int)defaults.Timeout.TotalSeconds, 60)),
            Parallel = (Number(configuration, "Parallel", defaults.Parallel.Node, 256), Number(configuration, "ParallelOfEndpoint", defaults.Parallel.Endpoint, 64)),
            Keep = TimeSpan.FromDays(Number(configuration, "KeepDays", (int)defaults.Keep.TotalDays, 3650, least: 7)),
        };
    }

    private static bool Loopback(string? text, bool development)
    {
        if (string.IsNullOrWhiteSpace(text))
            return development;
        if (!bool.TryParse(text, out var allowed))
            throw new StartUpException($"The setting {Section}AllowLoopback is '{text}': use true or false.");
        return !allowed || development ? allowed
            : throw new StartUpException($"The setting {Section}AllowLoopback is true, and the environment is not Development: webhooks could reach inner systems. Remove the setting.");
    }

    private static int Number(IConfiguration configuration, string name, int @default, int most, int least = 1)
    {
        if (configuration[Section + name] is not { } text || string.IsNullOrWhiteSpace(text))
            return @default;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw new StartUpException($"The setting {Section}{name} is '{text}': use a whole number from {least} to {most}.");
    }
}
