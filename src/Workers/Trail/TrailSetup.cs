using Countersign.Projections.Documents;
using Countersign.Workers.Trail.Exports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Countersign.Workers.Trail;

/// <summary>Puts the trail into the service; for nodes with role <c>workers</c>.</summary>
public static class TrailSetup
{
    /// <summary>Reads the options.</summary>
    /// <param name="configuration">The service's settings.</param>
    /// <param name="dataFolder">The data folder.</param>
    public static TrailOptions Options(IConfiguration configuration, string dataFolder)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection("Countersign:Trail");
        var (reason, by) = (section["Restore:Reason"], section["Restore:Operator"]);
        return new TrailOptions
        {
            Host = section["Host"] is { Length: > 0 } host ? host : "countersign.local",
            SecondPlace = section["SecondPlace"] is { Length: > 0 } place ? place : Path.Combine(dataFolder, "trail"),
            KeyFile = section["KeyFile"] is { Length: > 0 } file ? file : Path.Combine(dataFolder, "keys", "trail.key"),
            Keys = string.IsNullOrWhiteSpace(section["Keys"]) ? null : section["Keys"],
            Restore = reason is { Length: > 0 } && by is { Length: > 0 } ? new RestoreWord(reason, by) : null,
        };
    }

    /// <summary>
    /// Registers the trail: exports and keys on every node with a database; the sequencer on nodes with role <c>workers</c>, of which one at a time leads.
    /// <see cref="TrailTables"/> goes to the migration.
    /// </summary>
    /// <param name="services">The service's parts; the store must be among them.</param>
    /// <param name="options">From <see cref="Options"/>.</param>
    /// <param name="sequence">Whether this node may keep the trail.</param>
    public static IServiceCollection AddTrail(this IServiceCollection services, TrailOptions options, bool sequence)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.AddSingleton(options);
        services.AddSingleton<ITrailKeys>(s => options.Keys is { } given ? FileTrailKeys.Of(given) : FileTrailKeys.Open(options.KeyFile, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ISecondPlace>(new FolderSecondPlace(options.SecondPlace));
        services.AddSingleton<TrailAlarms>();
        services.AddSingleton<TrailFaults>();
        services.TryAddSingleton<DocumentContents>();
        services.AddSingleton<IExportContents, OpenedContents>();
        services.AddSingleton<TrailExport>();
        services.AddSingleton<TrailReader>();
        services.AddSingleton<TrailService>();
        if (sequence)
            services.AddHostedService(s => s.GetRequiredService<TrailService>());
        return services;
    }
}
