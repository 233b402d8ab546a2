using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client.Tasks;
using Countersign.Domain.Instances;

namespace Countersign.Api.Tasks;

internal sealed class ClaimTaskEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/tasks/{id}/claim", Permission.TasksWork, Handle).ReceiptByRunner().Produces<TaskResult>().WithTags("Tasks").WithSummary("Takes a task out of its groups' pool");

    private static Task<IResult> Handle(string id, Call call, InstanceWrites writes) =>
        TaskResults.Act(id, call, writes, instance => new ClaimTask(call.TenantId, instance, call.Actor, id));
}
