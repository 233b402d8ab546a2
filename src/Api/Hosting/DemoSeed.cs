using Countersign.Api.Identity;
using Countersign.Api.Identity.Local;
using Countersign.Domain.Tenants;
using Countersign.Workers.Streams;
using Countersign.Workers.Tenants;

namespace Countersign.Api.Hosting;

/// <summary>Makes the demo tenants and their people in Development; what is there stays as it is.</summary>
internal static class DemoSeed
{
    public static async Task SeedDemoTenants(this WebApplication app, StartUpReport report)
    {
        if (app.Services.GetService<LocalIdentityOptions>() is null)
            return;
        var door = app.Services.GetRequiredService<StreamDoor>();
        var now = app.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        foreach (var tenant in DemoPeople.Tenants)
        {
            await door.Execute(TenantStreams.Create(tenant.Id, tenant.Name, tenant.TimeZone, now), null, null, CancellationToken.None);
            foreach (var person in DemoPeople.All.Where(p => p.TenantId == tenant.Id))
            {
                var command = new AddMember(person.MemberId, person.Name, null, person.Roles, person.Groups, Actor.System);
                await door.Execute(TenantStreams.Member(tenant.Id, person.MemberId, Actor.System, s => MemberDecider.Decide(s, command, now)), null, null, CancellationToken.None);
            }

            app.Services.GetRequiredService<IDirectory>().Forget(tenant.Id);
        }

        report.Step("The demo tenants Acme Finance and Globex are there");
    }
}
