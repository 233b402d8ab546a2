using Countersign.Projections.Exports;
using Countersign.Workers.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Exports;

/// <summary>Exports, for the composition root.</summary>
public static class ExportSetup
{
    /// <summary>Registers what writes and keeps exports; the trail must be registered too. <see cref="ExportTables"/> goes to the migration.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="dataFolder">The data folder.</param>
    public static IHostApplicationBuilder AddExports(this IHostApplicationBuilder builder, string dataFolder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.TryAddSingleton<StreamDoor>();
        services.TryAddSingleton(ExportOptions.From(builder.Configuration, dataFolder));
        services.AddSingleton<ExportVault>();
        services.AddSingleton<ExportSteps>();
        services.AddSingleton<ExportQueue>();
        services.AddSingleton<ExportSelection>();
        services.AddSingleton<ExportJob>();
        services.AddSingleton(s => new ExportRunner(s.GetRequiredService<ExportQueue>(), s.GetRequiredService<ExportJob>(), s.GetRequiredService<StreamDoor>(),
            s.GetRequiredService<ExportOptions>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<ExportRunner>>()));
        services.AddHostedService(s => s.GetRequiredService<ExportRunner>());
        return builder;
    }
}
