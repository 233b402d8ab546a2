using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Members;
using Countersign.Domain.Tenants;
using Countersign.Workers.Tenants;

namespace Countersign.Api.Tenants;

internal sealed class SignInEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/me/sign-in", Permission.SelfSignIn, Handle).Produces<MeView>().WithTags("Tenant")
        .WithSummary("A console tells that the caller has signed in to it; kept in the trail");

    private static async Task<IResult> Handle(Call call, Writes writes, AccessLog log)
    {
        if (call.Actor.Kind != ActorKind.Person)
            return Problems.Invalid("", "Only a person signs in. A program just calls.");
        await log.Record(call.TenantId, call.Actor, at => new SignedIn(call.Actor.Id, "console", Call.TraceId, at), call.Cancellation);
        return await writes.Keep(call, Answer.Ok(MeViews.Of(call.Caller)));
    }
}
