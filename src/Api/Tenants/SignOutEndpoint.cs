using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Members;
using Countersign.Domain.Tenants;
using Countersign.Workers.Tenants;

namespace Countersign.Api.Tenants;

internal sealed class SignOutEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/me/sign-out", Permission.SelfSignIn, Handle).Produces<MeView>().WithTags("Tenant")
        .WithSummary("A console tells that the caller has signed out of it; kept in the trail");

    private static async Task<IResult> Handle(Call call, Writes writes, AccessLog log)
    {
        if (call.Actor.Kind != ActorKind.Person)
            return Problems.Invalid("", "Only a person signs out. A program's key is revoked.");
        await log.Record(call.TenantId, call.Actor, at => new SignedOut(call.Actor.Id, Call.TraceId, at), call.Cancellation);
        return await writes.Keep(call, Answer.Ok(MeViews.Of(call.Caller)));
    }
}
