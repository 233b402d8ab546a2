using Countersign.Api.Identity;
using Countersign.Api.Identity.Local;
using Countersign.Domain;
using Countersign.Domain.Plans;
using Countersign.Domain.Tenants;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Workers.Plans;
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
        var texts = app.Services.GetRequiredService<PersonalTexts>();
        var now = app.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        foreach (var tenant in DemoPeople.Tenants)
        {
            await door.Execute(TenantStreams.Create(tenant.Id, tenant.Name, tenant.TimeZone, now), null, null, CancellationToken.None);
            // A demo day has more cases than the free plan; a plan that was chosen since stays.
            await door.Execute(PlanStreams.Change(tenant.Id, Actor.System,
                s => s is null ? PlanDecider.Decide(s, new ChoosePlan("business", "Demo tenant", Actor.System), ["business"], now) : Outcome.Nothing), null, null, CancellationToken.None);
            foreach (var person in DemoPeople.All.Where(p => p.TenantId == tenant.Id))
            {
                // Sealed before the fact is decided: its key is durable when the fact is.
                var name = new PersonalText(person.Name, await texts.Seal(tenant.Id, StreamsOf.Member(person.MemberId), person.Name, CancellationToken.None));
                var command = new AddMember(person.MemberId, name, null, person.Roles, person.Groups, Actor.System);
                await door.Execute(TenantStreams.Member(tenant.Id, person.MemberId, Actor.System, s => MemberDecider.Decide(s, command, now)), null, null, CancellationToken.None);
            }

            app.Services.GetRequiredService<IDirectory>().Forget(tenant.Id);
        }

        report.Step("The demo tenants Acme Finance and Globex are there");
    }
}
