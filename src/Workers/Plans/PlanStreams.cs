using Countersign.Domain;
using Countersign.Domain.Plans;
using Countersign.Domain.Tenants;
using Countersign.Projections.Plans;
using Countersign.Projections.Store;
using Countersign.Workers.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Countersign.Workers.Plans;

/// <summary>Changes to a tenant's plan, with the row that requests read.</summary>
public static class PlanStreams
{
    /// <summary>A change to the plan.</summary>
    public static StreamChange<PlanState, IPlanEvent> Change(string tenantId, Actor by, Func<PlanState?, Outcome> decide) => new(
        tenantId,
        StreamsOf.Plan,
        by,
        PlanState.Evolve,
        decide,
        (session, result) => session.Store(new PlanRecord(PlanRecord.Only, result.State!.Plan, result.State.Since, result.State.EndedAt, result.State.OverdueSince, result.State.OverdueSubscription)));

    /// <summary>Gives billing its way to the stream.</summary>
    public static IServiceCollection AddPlanFacts(this IServiceCollection services)
    {
        services.TryAddSingleton<StreamDoor>();
        return services.AddSingleton<IPlanFacts, PlanFacts>();
    }
}

/// <summary>Writes what billing learned into the plan's stream.</summary>
internal sealed class PlanFacts(StreamDoor door, TimeProvider clock) : IPlanFacts
{
    public Task See(string tenant, SeeSubscription reading, CancellationToken cancel) =>
        door.Execute(PlanStreams.Change(tenant, Actor.System, state => PlanDecider.Decide(state, reading, clock.GetUtcNow())), null, null, cancel);
}
