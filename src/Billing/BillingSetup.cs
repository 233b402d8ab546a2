using Countersign.Billing.Payments;
using Countersign.Billing.Plans;
using Countersign.Billing.Usage;
using Countersign.Projections.Databases;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Countersign.Billing;

/// <summary>Puts billing into the service.</summary>
public static class BillingSetup
{
    /// <summary>Name of the HTTP client that calls Stripe.</summary>
    public const string HttpClientName = "stripe";

    /// <summary>Registers plans, usage and, where a key is set, Stripe. <see cref="UsageTables"/> goes to the migration.</summary>
    /// <param name="builder">The application; stores and pools are registered.</param>
    /// <param name="connections">Pools of the roles.</param>
    /// <param name="work">Whether this node may count and tell.</param>
    /// <exception cref="InvalidDataException">Plans or Stripe's settings do not say what they must.</exception>
    public static IHostApplicationBuilder AddBilling(this IHostApplicationBuilder builder, DatabaseConnections connections, bool work)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connections);
        var services = builder.Services;
        var options = StripeOptions.From(builder.Configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(PlanCatalog.From(builder.Configuration));
        services.AddSingleton(new UsageQueries(connections.Reader));
        services.AddSingleton(new UsageLedger(connections.Statements));
        services.AddSingleton<Entitlements>();
        services.AddSingleton(s => new StripeInbox(connections.Writer, options, s.GetRequiredService<TimeProvider>()));
        if (!work)
            return builder;
        if (options.IsOn)
        {
            services.AddHttpClient(HttpClientName, c => c.Timeout = TimeSpan.FromSeconds(30));
            services.AddSingleton(s => new StripeGateway(s.GetRequiredService<IHttpClientFactory>().CreateClient(HttpClientName), options));
            services.AddSingleton(new BillingAccounts(connections.Writer));
            services.AddSingleton<StripeEvents>();
            services.AddSingleton<Subscriptions>();
            services.AddSingleton(s => new MeterReports(connections.Writer, s.GetRequiredService<StripeGateway>(), s.GetRequiredService<TimeProvider>()));
            services.AddSingleton(s => ActivatorUtilities.CreateInstance<StripeWork>(s, connections.Writer));
        }

        services.AddSingleton(s => new BillingService(connections, s.GetRequiredService<UsageLedger>(), options, s.GetService<StripeWork>(), s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<BillingService>>()));
        services.AddHostedService(s => s.GetRequiredService<BillingService>());
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<StripeSweeper>(s, connections.Statements));
        services.AddHostedService(s => s.GetRequiredService<StripeSweeper>());
        return builder;
    }
}
