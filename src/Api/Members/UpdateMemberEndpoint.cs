using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Members;
using Countersign.Domain.Tenants;
using Countersign.Projections.Tenants;
using Countersign.Workers.Tenants;
using Marten;

namespace Countersign.Api.Members;

internal sealed class UpdateMemberEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Put("/members/{id}", Permission.MembersManage, Handle).Produces<MemberView>().WithTags("Members")
        .WithSummary("Sets what a member may do");

    private static async Task<IResult> Handle(string id, JsonBody<UpdateMemberRequest> body, Call call, Writes writes, MemberChanges members)
    {
        if (id.Length > 64)
            return Problems.NotFound();
        var r = body.Value;
        var command = new ChangeMember([.. r.Roles], [.. r.Groups], r.Active, r.Reason, call.Actor);
        return await members.Change(call, writes, id, command);
    }
}

/// <summary>Changes members, with the name for the answer opened before: no fact changes it.</summary>
internal sealed class MemberChanges(Lists lists, MemberViews views, IDirectory directory, TimeProvider clock)
{
    public async Task<IResult> Change(Call call, Writes writes, string id, ChangeMember command)
    {
        MemberView? known;
        await using (var session = lists.Open(call))
            known = await views.Of(call.TenantId, await session.LoadAsync<MemberRecord>(id, call.Cancellation), call.Cancellation);
        var change = TenantStreams.Member(call.TenantId, id, call.Actor, state => MemberDecider.Decide(state, command, clock.GetUtcNow()));
        var answer = await writes.Change(call, change, result =>
        {
            var s = result.State!;
            return Answer.Ok(new MemberView(s.Id, known?.Name ?? s.Id, known?.Email, [.. s.Roles], [.. s.Groups], s.Active, result.Version), result.Version);
        });
        directory.Forget(call.TenantId);
        return answer;
    }
}
