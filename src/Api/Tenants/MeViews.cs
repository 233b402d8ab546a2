using Countersign.Api.Identity;
using Countersign.Client.Members;
using Countersign.Domain.Tenants;

namespace Countersign.Api.Tenants;

/// <summary>The caller, for the caller.</summary>
internal static class MeViews
{
    public static MeView Of(Caller caller) => new(caller.Id, caller.Name, caller.Actor.Kind == ActorKind.Key ? CallerKind.Key : CallerKind.Person, caller.TenantId, caller.TenantName,
        [.. caller.Actor.Roles], [.. caller.Actor.Groups], [.. caller.Permissions.Order(StringComparer.Ordinal)]);
}
