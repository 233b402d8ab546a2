using Countersign.Domain.Instances;
using Countersign.Projections.Databases;
using Countersign.Workers.Instances;
using Microsoft.Extensions.Configuration;

namespace Countersign.Workers.Hosting;

/// <summary>Reads the runner's bounds, refusing values out of range with a sentence.</summary>
internal static class RunnerSettings
{
    public static RunnerOptions From(IConfiguration configuration)
    {
        var defaults = new RunnerOptions();
        return defaults with
        {
            Writers = Number("Writers", defaults.Writers, 1, 16),
            BatchCommands = Number("BatchCommands", defaults.BatchCommands, 1, 1_000),
            BatchOfTenant = Number("BatchOfTenant", defaults.BatchOfTenant, 1, 1_000),
            BatchBytes = Number("BatchBytes", defaults.BatchBytes, 64 * 1024, 64 * 1024 * 1024),
            Waiting = Number("Waiting", defaults.Waiting, 10, 100_000),
            WaitingOfTenant = Number("WaitingOfTenant", defaults.WaitingOfTenant, 1, 100_000),
            CachedStates = Number("CachedStates", defaults.CachedStates, 0, 1_000_000),
            CachedBytes = Number("CachedMegabytes", (int)(defaults.CachedBytes / 1024 / 1024), 1, 4_096) * 1024L * 1024,
            InstanceFacts = Number("InstanceFacts", defaults.InstanceFacts, 100, DecideLimits.MostEvents),
            InstanceBytes = Number("InstanceMegabytes", (int)(defaults.InstanceBytes / 1024 / 1024), 1, 500) * 1024L * 1024,
        };

        int Number(string name, int @default, int from, int to)
        {
            var text = configuration["Countersign:Runner:" + name];
            if (string.IsNullOrWhiteSpace(text))
                return @default;
            return int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var value) && value >= from && value <= to
                ? value
                : throw new StartUpException($"The setting Countersign:Runner:{name} is '{text}': use a whole number from {from} to {to}.");
        }
    }
}
