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
            report.Banner(Lines(address, roles, app.Environment.IsDevelopment()));
        });

    internal static IEnumerable<string> Lines(string address, NodeRoles roles, bool demo)
    {
        yield return $"Countersign   {address}";
        if (roles.Api)
            yield return $"API           {address}/openapi/v1.json";
        yield return $"Health        {address}/health/ready";
        if (demo && roles.Console)
        {
            yield return "";
            yield return "Sign in as (password: demo)";
            foreach (var (name, does) in DemoPeople)
                yield return $"  {name,-6} {does}";
        }

        yield return "";
        yield return "Stop with Ctrl+C.";
    }

    private static readonly (string Name, string Does)[] DemoPeople =
    [
        ("ana", "Acme Finance: clerk, reviews and prepares"),
        ("ben", "Acme Finance: approver"),
        ("cleo", "Acme Finance: approver, the second pair of eyes"),
        ("dora", "Acme Finance: administrator and designer"),
        ("otto", "Acme Finance: operator, incidents"),
        ("tess", "Acme Finance: auditor"),
    ];
}
