using Countersign.Api.Decisions;
using Countersign.Api.Http;
using Countersign.Api.Instances;
using Countersign.Client.Tasks;
using Countersign.Domain.Instances;
using Countersign.Workers.Instances;
using TaskState = Countersign.Client.Tasks.TaskState;

namespace Countersign.Api.Tasks;

/// <summary>What the four acts on a task share.</summary>
internal static class TaskResults
{
    /// <summary>Carries out an act on a task; an id that cannot be one of ours is answered like an unknown one.</summary>
    public static async Task<IResult> Act(string id, Call call, InstanceWrites writes, Func<Guid, InstanceCommand> command) =>
        DecisionReader.InstanceOf(id) is { } instance ? await writes.Execute(call, command(instance), r => Answer.Ok(Of(id, instance, r), r.Version)) : Problems.NotFound();

    private static TaskResult Of(string id, Guid instance, CommandResult result)
    {
        var state = result.State!;
        var open = state.Tasks.GetValueOrDefault(id);
        return new TaskResult(id, instance, open is null ? TaskState.Completed : open.Assignee is null ? TaskState.Open : TaskState.Claimed, open?.Assignee,
            InstanceViews.StatusOf(state));
    }
}
