using Countersign.Domain;
using Countersign.Domain.Plans;
using Countersign.Domain.Tenants;
using Countersign.Projections.Plans;
using Countersign.Projections.Store;
using Countersign.Workers.Streams;

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
        (session, result) => session.Store(new PlanRecord(PlanRecord.Only, result.State!.Plan, result.State.Since)));
}
