namespace Countersign.Client.Usage;

/// <summary>Usage and plans.</summary>
public sealed class UsageClient
{
    private readonly Transport transport;

    internal UsageClient(Transport transport) => this.transport = transport;

    /// <summary>What was used of a month, and what it costs.</summary>
    /// <param name="month">Any day of it (UTC); this month when null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<UsageView> GetAsync(DateOnly? month = null, CancellationToken cancellationToken = default) => transport.Get<UsageView>(Query.Of("v1/usage", ("month", Text(month))), cancellationToken);

    /// <summary>The lines of a month, in the order of the trail.</summary>
    /// <param name="month">Any day of it (UTC); this month when null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public IAsyncEnumerable<UsageLineView> ListLinesAsync(DateOnly? month = null, CancellationToken cancellationToken = default) =>
        transport.Pages<UsageLineView>(Query.Of("v1/usage/lines", ("month", Text(month))), cancellationToken);

    /// <summary>The plans that are offered.</summary>
    public IAsyncEnumerable<PlanView> ListPlansAsync(CancellationToken cancellationToken = default) => transport.Pages<PlanView>("v1/plans", cancellationToken);

    /// <summary>Chooses a plan; it holds from now on.</summary>
    /// <param name="request">Which, and why.</param>
    /// <param name="options">Settings of this call.</param>
    /// <param name="cancellationToken">Ends the call; the service may have acted all the same.</param>
    public Task<PlanView> ChoosePlanAsync(ChoosePlanRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<PlanView>("v1/plan/choose", request, options, cancellationToken);

    private static string? Text(DateOnly? month) => month?.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture);
}
