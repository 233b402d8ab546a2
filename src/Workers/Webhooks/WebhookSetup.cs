using System.Net;
using Countersign.Projections.Databases;
using Countersign.Workers.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Countersign.Workers.Webhooks;

/// <summary>Webhooks out, for the composition root.</summary>
public static class WebhookSetup
{
    /// <summary>What every node needs, and on nodes with role workers the sender.</summary>
    public static IHostApplicationBuilder AddWebhooks(this IHostApplicationBuilder builder, DatabaseConnections connections, bool workers)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connections);
        var services = builder.Services;
        services.AddSingleton(WebhookOptions.From(builder.Configuration, builder.Environment.IsDevelopment()));
        services.TryAddSingleton<ResolveName>((name, cancellation) => Dns.GetHostAddressesAsync(name, cancellation));
        services.TryAddSingleton<Streams.StreamDoor>();
        services.AddSingleton<WebhookNames>();
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<WebhookWake>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<WebhookDeliveries>(s, connections.Statements));
        services.AddScoped<IJobWorker, SendEventWorker>();
        if (!workers)
            return builder;
        services.AddHttpClient(WebhookHttp.Client)
            .ConfigurePrimaryHttpMessageHandler(s => WebhookHttp.Handler(s.GetRequiredService<WebhookOptions>().AllowLoopback, s.GetRequiredService<ResolveName>()))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // Addresses may hold what a tenant keeps to itself; the delivery log is where attempts are told.
            .RemoveAllLoggers()
            .ConfigureHttpClient(c => c.Timeout = Timeout.InfiniteTimeSpan);
        services.AddSingleton<WebhookPoster>();
        services.AddSingleton<WebhookAttempts>();
        services.AddSingleton<WebhookSender>();
        services.AddHostedService(s => s.GetRequiredService<WebhookSender>());
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<LifecycleEvents>(s, connections.Statements));
        services.AddHostedService<LifecycleService>();
        services.AddHostedService(s => ActivatorUtilities.CreateInstance<DeliverySweeper>(s, connections));
        return builder;
    }
}
