using Countersign.Api.Identity.Local;
using Countersign.Client;
using Countersign.Client.Policies;
using Countersign.Client.Processes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Countersign.Api.Hosting;

/// <summary>
/// Publishes the invoice pack in the demo tenants once the service answers, through the public API and as the demo people: designers publish and draft, a
/// colleague approves. What a tenant has already, in whatever version, stays as it is: a restart must not put the sample back over somebody's own.
/// </summary>
internal static class DemoPack
{
    private const string HttpName = "demo-pack";
    private static readonly string[] Tables = ["vendors", "purchase-orders", "purchase-order-lines"];

    // A dozen calls to ourselves are no news.
    public static void AddDemoPack(this WebApplicationBuilder builder) => builder.Services.AddHttpClient(HttpName).RemoveAllLoggers();

    public static void PublishDemoPackWhenStarted(this WebApplication app, StartUpReport report)
    {
        if (app.Services.GetService<LocalTokens>() is null)
            return;
        var folder = Path.Combine(AppContext.BaseDirectory, "samples", "invoice");
        app.Lifetime.ApplicationStarted.Register(() => _ = Publish(app, folder, report));
    }

    // Runs beside the service: the service is useful without the pack, and the pack needs the service.
    private static async Task Publish(WebApplication app, string folder, StartUpReport report)
    {
        try
        {
            await Publish(app, DemoPeople.Acme, "dora", "cleo", folder);
            await Publish(app, DemoPeople.Globex, "gus", "gil", folder);
            report.Step("The invoice pack is published in the demo tenants; sample documents lie in samples/invoice/documents");
        }
        catch (Exception error) when (error is CountersignProblemException or HttpRequestException or IOException && !app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(DemoPack)).LogError(error, "The invoice pack could not be published. Restart to try again.");
        }
        catch (OperationCanceledException)
        {
            // The service stops before the pack was published: the next start does it.
        }
    }

    private static async Task Publish(WebApplication app, string tenant, string designer, string approver, string folder)
    {
        var stop = app.Lifetime.ApplicationStopping;
        var author = ClientOf(app, tenant, designer);
        var tables = await author.ReferenceTables.ListAsync(stop).Select(t => t.Name).ToListAsync(stop);
        foreach (var table in Tables.Except(tables, StringComparer.Ordinal))
            await author.ReferenceTables.PublishCsvAsync(table, await Read(folder, table + ".csv", stop), cancellationToken: stop);
        // Drafted and not yet approved: the process died between the two.
        if (!await author.Policies.ListAsync(stop).AnyAsync(p => p.Key == "invoice-approval" && p.ActiveVersion is not null, stop))
        {
            var draft = await author.Policies.DraftAsync("invoice-approval",
                new DraftPolicyRequest(await Read(folder, "policy.json", stop), await Read(folder, "gate.dmn", stop), "The sample pack's policy."), cancellationToken: stop);
            if (draft.Status == PolicyStatus.Draft)
                await ClientOf(app, tenant, approver).Policies.PublishAsync(draft.Key, draft.Version, new PublishPolicyRequest(draft.Hash), cancellationToken: stop);
        }

        if (await author.Processes.ListAsync(stop).AnyAsync(p => p.Key == "invoice", stop))
            return;
        await author.Processes.PublishAsync(
            new PublishProcessRequest(await Read(folder, "invoice.bpmn", stop), [new ProcessResource("review.form", await Read(folder, Path.Combine("forms", "review.form"), stop))]), cancellationToken: stop);
    }

    private static CountersignClient ClientOf(WebApplication app, string tenant, string login)
    {
        var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpName);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? HostSetup.DefaultAddress;
        // Bound to every interface, the service is still asked on loopback.
        http.BaseAddress = new Uri(address.Replace("//*", "//localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal)
            .Replace("//0.0.0.0", "//localhost", StringComparison.Ordinal).Replace("//[::]", "//localhost", StringComparison.Ordinal) + "/");
        var person = DemoPeople.All.Single(p => p.TenantId == tenant && p.Login == login);
        return new CountersignClient(http, new FixedToken(app.Services.GetRequiredService<LocalTokens>().For(person)));
    }

    private static Task<string> Read(string folder, string file, CancellationToken cancellation) => File.ReadAllTextAsync(Path.Combine(folder, file), cancellation);
}
