using Countersign.Api.Http;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;

namespace Countersign.Api.Instances;

/// <summary>What operators do to an instance: found first, so that the answer says in words what it waits for afterwards.</summary>
internal sealed class InstanceActs(InstanceReader reader, InstanceWrites writes)
{
    /// <summary>Carries out an act that answers with the instance.</summary>
    public async Task<IResult> Do(Call call, Guid id, string reason, InstanceCommand command)
    {
        if (Reasons.Problem(reason) is { } problem)
            return problem;
        return await reader.Find(call.TenantId, id, call.Cancellation) is { } found ? await Do(call, command, found.Graph) : Problems.NotFound();
    }

    private Task<IResult> Do(Call call, InstanceCommand command, ProcessGraph? graph) =>
        writes.Execute(call, command, r => Answer.Ok(InstanceViews.Of(r.State!, r.Version, graph), r.Version));
}
