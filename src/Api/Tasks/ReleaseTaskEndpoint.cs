using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client.Tasks;
using Countersign.Domain.Instances;

namespace Countersign.Api.Tasks;

internal sealed class ReleaseTaskEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/tasks/{id}/release", Permission.TasksWork, Handle).ReceiptByRunner().Produces<TaskResult>().WithTags("Tasks").WithSummary("Puts a claimed task back");

    private static Task<IResult> Handle(string id, Call call, InstanceWrites writes) =>
        TaskResults.Act(id, call, writes, instance => new ReleaseTask(call.TenantId, instance, call.Actor, id));
}
