using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Members;
using Countersign.Domain.Tenants;
using Countersign.Workers.Tenants;

namespace Countersign.Api.Members;

internal sealed class UpdateMemberEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Put("/members/{id}", Permission.MembersManage, Handle).Produces<MemberView>().WithTags("Members")
        .WithSummary("Sets what a member may do");

    private static async Task<IResult> Handle(string id, JsonBody<UpdateMemberRequest> body, Call call, Writes writes, IDirectory directory, TimeProvider clock)
    {
        if (id.Length > 64)
            return Problems.NotFound();
        var r = body.Value;
        var command = new ChangeMember([.. r.Roles], [.. r.Groups], r.Active, r.Reason, call.Actor);
        var change = TenantStreams.Member(call.TenantId, id, call.Actor, state => MemberDecider.Decide(state, command, clock.GetUtcNow()));
        var answer = await writes.Change(call, change, result =>
        {
            var s = result.State!;
            return Answer.Ok(new MemberView(s.Id, s.Name, s.Email, [.. s.Roles], [.. s.Groups], s.Active, result.Version), result.Version);
        });
        directory.Forget(call.TenantId);
        return answer;
    }
}
