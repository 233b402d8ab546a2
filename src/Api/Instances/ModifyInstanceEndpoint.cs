using System.Collections.Immutable;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Instances;
using Countersign.Domain.Instances;
using TokenMove = Countersign.Domain.Instances.TokenMove;
using TokenPlace = Countersign.Domain.Instances.TokenPlace;

namespace Countersign.Api.Instances;

internal sealed class ModifyInstanceEndpoint : IEndpoint
{
    private const int Most = 100;

    public static void Map(RouteTable routes) => routes.Post("/instances/{id:guid}/modify", Permission.InstancesOperate, Handle).Produces<InstanceView>().TakesIfMatch().WithTags("Instances")
        .WithSummary("Moves tokens: ends some, puts new ones at elements, lets some go on elsewhere");

    private static async Task<IResult> Handle(Guid id, JsonBody<ModifyInstanceRequest> body, Call call, InstanceActs acts)
    {
        var r = body.Value;
        if (Problem(r) is { } problem)
            return problem;
        return await acts.Do(call, id, r.Reason, new ModifyInstance(call.TenantId, id, call.Actor, [.. r.End ?? []], [.. (r.Begin ?? []).Select(b => new TokenPlace(b.ElementId, b.ScopeId))],
            r.Reason, MovesOf(r)));
    }

    /// <summary>What is wrong with the lists, or null.</summary>
    public static ProblemAnswer? Problem(ModifyInstanceRequest r)
    {
        foreach (var (name, count) in (ReadOnlySpan<(string, int)>)[("move", r.Move?.Count ?? 0), ("end", r.End?.Count ?? 0), ("begin", r.Begin?.Count ?? 0)])
        {
            if (count > Most)
                return Problems.Invalid("/" + name, $"At most {Most} of them in one call; send the rest in another.");
        }

        return r is { Move: null or [], End: null or [], Begin: null or [] } ? Problems.Invalid("", "Say what to do: name tokens to move or to end, or elements at which one begins.") : null;
    }

    public static ImmutableArray<TokenMove> MovesOf(ModifyInstanceRequest r) => [.. (r.Move ?? []).Select(m => new TokenMove(m.From, m.To))];
}
