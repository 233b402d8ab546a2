using Countersign.Domain.Tenants;
using Countersign.Projections.Databases;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Workers.Streams;
using Countersign.Workers.Tenants;

namespace Countersign.Api.Identity.Entra;

/// <summary>Makes the registered tenants and the people invited by settings; what is there stays as it is.</summary>
internal static class EntraSeed
{
    public static async Task SeedEntraTenants(this WebApplication app)
    {
        if (app.Services.GetService<EntraOptions>() is not { } options)
            return;
        var door = app.Services.GetRequiredService<StreamDoor>();
        var texts = app.Services.GetRequiredService<PersonalTexts>();
        var now = app.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        foreach (var tenant in options.Tenants.Values)
        {
            await door.Execute(TenantStreams.Create(tenant.TenantId, tenant.Name, tenant.TimeZone, now), null, null, CancellationToken.None);
            foreach (var person in tenant.Members)
            {
                var id = EntraRules.IdOf(tenant.DirectoryId, person.ObjectId);
                // Sealed before the fact is decided: its key is durable when the fact is.
                var name = new PersonalText(person.Name, await texts.Seal(tenant.TenantId, StreamsOf.Member(id), person.Name, CancellationToken.None));
                var command = new AddMember(id, name, null, person.Roles, person.Groups, Actor.System);
                var result = await door.Execute(TenantStreams.Member(tenant.TenantId, id, Actor.System, s => MemberDecider.Decide(s, command, now)), null, null, CancellationToken.None);
                if (result.Refusal is { } refusal)
                    throw new StartUpException($"The member {person.ObjectId} under {EntraOptions.Section}:Tenants cannot be added: {refusal.Detail}");
            }

            app.Services.GetRequiredService<IDirectory>().Forget(tenant.TenantId);
        }
    }
}
