using Countersign.Projections.Batches;
using Countersign.Workers.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Batches;

/// <summary>Batches, for the composition root.</summary>
public static class BatchSetup
{
    /// <summary>Registers what carries out batches; the store must be registered too. <see cref="BatchTables"/> goes to the migration.</summary>
    public static IHostApplicationBuilder AddBatches(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.TryAddSingleton<StreamDoor>();
        services.TryAddSingleton(BatchOptions.From(builder.Configuration));
        services.AddSingleton<BatchValues>();
        services.AddSingleton<BatchProgress>();
        services.AddSingleton<BatchQueue>();
        services.AddSingleton<BatchActors>();
        services.AddSingleton<BatchPart>();
        services.AddSingleton<BatchJob>();
        services.AddSingleton(s => new BatchRunner(s.GetRequiredService<BatchQueue>(), s.GetRequiredService<BatchJob>(), s.GetRequiredService<BatchOptions>(), s.GetRequiredService<ILogger<BatchRunner>>()));
        services.AddHostedService(s => s.GetRequiredService<BatchRunner>());
        return builder;
    }
}
