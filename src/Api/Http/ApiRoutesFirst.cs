using Countersign.Api.Identity;
using Microsoft.AspNetCore.Routing.Matching;

namespace Countersign.Api.Http;

/// <summary>
/// Where a path belongs to the API, nothing else competes for it. Without this the console's catch-all, which takes every method and every content type, would be a
/// candidate beside the API's route, and routing would hand it what the route refuses: a wrong method would be 404 instead of 405, a wrong content type 404 instead of 415.
/// </summary>
internal sealed class ApiRoutesFirst : MatcherPolicy, IEndpointComparerPolicy, INodeBuilderPolicy
{
    /// <summary>Before the policies that choose by method (-1000) and by content type (-100): those then see the API's routes alone.</summary>
    public override int Order => -10_000;

    public IComparer<Endpoint> Comparer { get; } = new ApiFirst();

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(IsApi) && !endpoints.All(IsApi);

    public IReadOnlyList<PolicyNodeEdge> GetEdges(IReadOnlyList<Endpoint> endpoints) => [new PolicyNodeEdge(this, [.. endpoints.Where(IsApi)])];

    public PolicyJumpTable BuildJumpTable(int exitDestination, IReadOnlyList<PolicyJumpTableEdge> edges) => new OnlyEdge(edges[0].Destination);

    private static bool IsApi(Endpoint endpoint) => endpoint.Metadata.GetMetadata<NeedsPermission>() is not null;

    private sealed class OnlyEdge(int destination) : PolicyJumpTable
    {
        public override int GetDestination(HttpContext httpContext) => destination;
    }

    private sealed class ApiFirst : IComparer<Endpoint>
    {
        public int Compare(Endpoint? x, Endpoint? y) => (x is not null && IsApi(x) ? 0 : 1) - (y is not null && IsApi(y) ? 0 : 1);
    }
}
