using Countersign.Api.Hosting;
using Countersign.Api.Identity;
using Countersign.Api.Identity.Entra;
using Countersign.Billing;
using Countersign.Billing.Usage;
using Countersign.Console;
using Countersign.Projections.Batches;
using Countersign.Projections.Databases;
using Countersign.Projections.Documents;
using Countersign.Projections.Exports;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Workers.Batches;
using Countersign.Workers.Exports;
using Countersign.Workers.Hosting;
using Countersign.Workers.Plans;
using Countersign.Workers.Trail;
using Countersign.Workers.Webhooks;

// The table of contents: each floor adds its services and maps its routes, in this order.
return await StartUp.Run(async report =>
{
    IReadOnlyList<IDatabasePart> parts = [.. CountersignWorkers.DatabaseParts(TenantParts.Configure), new DocumentTables(), new TrailTables(), new ExportTables(), new BatchTables(), new UsageTables()];
    if (args is ["migrate", .. var rest])
    {
        await DatabaseSetup.Migrate(WebApplication.CreateBuilder(rest).Configuration, parts, report);
        return;
    }

    if (args is ["rebuild", ..])
    {
        await DatabaseSetup.Rebuild(WebApplication.CreateBuilder(args[Math.Min(2, args.Length)..]).Configuration, args.ElementAtOrDefault(1), report);
        return;
    }

    if (args is ["health", .. var asked])
    {
        await HealthProbe.Ask(WebApplication.CreateBuilder(asked).Configuration);
        return;
    }

    var builder = WebApplication.CreateBuilder(args);
    var roles = builder.AddHost(report);
    builder.AddHealth();
    builder.AddTelemetry(roles);
    await using var database = await builder.AddDatabase(roles, parts, report);
    if (database is not null)
    {
        builder.AddCountersignStore(database.Connections, KeyRing.Open(builder.DataFolder(), builder.Configuration["Countersign:Keys:Master"]), configure: null, TenantParts.Configure);
        builder.Services.AddSharedSecrets();
        builder.Services.AddTrail(TrailSetup.Options(builder.Configuration, builder.DataFolder()), sequence: roles.Workers);
        if (roles.Workers)
            builder.AddCountersignWorkers();

        builder.AddWebhooks(database.Connections, roles.Workers);
        builder.AddExports(builder.DataFolder());
        builder.AddBatches();
        builder.Services.AddPlanFacts();
        builder.AddBilling(database.Connections, roles.Workers);
        if (roles.Api)
        {
            builder.AddApi();
            builder.AddDemoPack();
        }
    }

    if (roles.Console)
        builder.AddCountersignConsole(builder.SignInOfConsole());

    var app = builder.Build();
    app.UseMetricsEndpoint();
    if (roles.Api)
    {
        app.UseApi();
        app.MapApi();
        await app.SeedDemoTenants(report);
        await app.SeedEntraTenants();
        app.PublishDemoPackWhenStarted(report);
    }

    if (roles.Console)
        app.MapCountersignConsole();
    app.MapHealth();
    app.ReportWhenStarted(roles, report);
    await app.RunAsync();
});
