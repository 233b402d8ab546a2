using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client.Tasks;
using Countersign.Domain.Instances;

namespace Countersign.Api.Tasks;

internal sealed class ReassignTaskEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/tasks/{id}/reassign", Permission.TasksReassign, Handle).ReceiptByRunner().Produces<TaskResult>().WithTags("Tasks")
        .WithSummary("Gives a task to another member");

    private static async Task<IResult> Handle(string id, JsonBody<ReassignTaskRequest> body, Call call, InstanceWrites writes, IDirectory directory)
    {
        if (Reasons.Problem(body.Value.Reason) is { } problem)
            return problem;
        if (await directory.FindMember(call.TenantId, body.Value.To, call.Cancellation) is not { } to)
            return Problems.Invalid("/to", "There is no such active member. List /v1/members.");
        return await TaskResults.Act(id, call, writes, instance => new ReassignTask(call.TenantId, instance, call.Actor, id, to.Actor, body.Value.Reason));
    }
}
