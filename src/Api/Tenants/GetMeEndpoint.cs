using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Members;
using Countersign.Domain.Tenants;

namespace Countersign.Api.Tenants;

internal sealed class GetMeEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/me", Permission.SelfRead, Handle).Produces<MeView>().WithTags("Tenant").WithSummary("Who the caller is and may do");

    private static Answer Handle(Call call)
    {
        var caller = call.Caller;
        return Answer.Ok(new MeView(caller.Id, caller.Name, caller.Actor.Kind == ActorKind.Key ? CallerKind.Key : CallerKind.Person, caller.TenantId, caller.TenantName,
            [.. caller.Actor.Roles], [.. caller.Actor.Groups], [.. caller.Permissions.Order(StringComparer.Ordinal)]));
    }
}
