using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Members;

namespace Countersign.Api.Tenants;

internal sealed class GetMeEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/me", Permission.SelfRead, Handle).Produces<MeView>().WithTags("Tenant").WithSummary("Who the caller is and may do");

    private static Answer Handle(Call call) => Answer.Ok(MeViews.Of(call.Caller));
}
