using Countersign.Api.Identity.Local;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Countersign.Api.Hosting;

/// <summary>What a person needs at the first start: where to click, as whom.</summary>
internal static class Banner
{
    public static void ReportWhenStarted(this WebApplication app, NodeRoles roles, StartUpReport report) =>
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? HostSetup.DefaultAddress;
            report.Step("Ready");
            // Demo people are there where the built-in provider is, and nowhere else.
            report.Banner(Lines(address, roles, app.Environment.IsDevelopment() && LocalIdentityOptions.From(app.Configuration, app.Environment) is not null));
        });

    internal static IEnumerable<string> Lines(string address, NodeRoles roles, bool demo)
    {
        yield return $"Countersign   {address}";
        if (roles.Api)
        {
            yield return $"API           {address}{ApiPage.Path}/";
            yield return $"              {address}/openapi/v1.json";
        }

        yield return $"Health        {address}/health/ready";
        if (demo && roles.Console)
        {
            yield return "";
            yield return $"Sign in as (password: {DemoPeople.Password})";
            foreach (var person in DemoPeople.All.Where(p => !p.Login.EndsWith(DemoPeople.ProgramSuffix, StringComparison.Ordinal)))
                yield return $"  {person.Login,-6}{DemoPeople.Tenants.Single(t => t.Id == person.TenantId).Name}: {person.Does}";
        }

        yield return "";
        yield return "Stop with Ctrl+C.";
    }
}
