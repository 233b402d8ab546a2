using System.Collections.Immutable;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Instances;
using Countersign.Domain.Instances;

namespace Countersign.Api.Instances;

internal sealed class SetVariablesEndpoint : IEndpoint
{
    private const long MaxBytes = (2 * 1024 * 1024) + (16 * 1024);

    public static void Map(RouteTable routes) => routes.Post("/instances/{id:guid}/variables", Permission.InstancesOperate, Handle).Produces<InstanceView>().TakesIfMatch()
        .WithMetadata(new BodyLimit(MaxBytes)).WithTags("Instances").WithSummary("Sets variables of an instance from outside, with a reason");

    private static async Task<IResult> Handle(Guid id, JsonBody<SetVariablesRequest> body, Call call, InstanceActs acts)
    {
        var r = body.Value;
        if (Problem(r.Variables.Keys) is { } problem)
            return problem;
        return await acts.Do(call, id, r.Reason, new SetVariables(call.TenantId, id, call.Actor, r.Variables.ToImmutableDictionary(StringComparer.Ordinal), r.Reason));
    }

    /// <summary>What is wrong with the names, or null.</summary>
    public static ProblemAnswer? Problem(IEnumerable<string> names)
    {
        var given = names as IReadOnlyCollection<string> ?? [.. names];
        return VariableNames.Problem(given) is { } problem ? Problems.Invalid("/variables", problem) : given.Count > 0 ? null : Problems.Invalid("/variables", "Name at least one variable.");
    }
}
