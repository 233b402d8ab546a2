using Countersign.Workers.Trail;
using Countersign.Workers.Trail.Exports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Countersign.Workers.Exports;

/// <summary>Exports, for the composition root; for nodes with role <c>api</c>.</summary>
public static class ExportSetup
{
    /// <summary>Registers what writes and keeps exports.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="dataFolder">The data folder.</param>
    public static IHostApplicationBuilder AddExports(this IHostApplicationBuilder builder, string dataFolder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = TrailSetup.Options(builder.Configuration, dataFolder);
        var services = builder.Services;
        services.TryAddSingleton(options);
        services.TryAddSingleton<ITrailKeys>(s => FileTrailKeys.Open(options.KeyFile, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new ExportFiles(Path.Combine(dataFolder, "exports")));
        services.AddSingleton<IExportContents, TenantContents>();
        services.AddSingleton<TrailExport>();
        services.AddSingleton<TrailReader>();
        services.AddSingleton<ExportRunner>();
        services.AddHostedService(s => s.GetRequiredService<ExportRunner>());
        return builder;
    }
}
