using Countersign.Domain.Plans;

namespace Countersign.Projections.Plans;

/// <summary>Where billing writes down what it learned about a plan's subscription. Billing reads; this is its one way to the stream.</summary>
public interface IPlanFacts
{
    /// <summary>Writes down a reading, if it says anything new, together with the row that requests read.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="reading">What was read.</param>
    /// <param name="cancel">Gives up waiting.</param>
    Task See(string tenant, SeeSubscription reading, CancellationToken cancel);
}
