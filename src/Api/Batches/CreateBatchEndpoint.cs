using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client;
using Countersign.Client.Batches;
using Countersign.Client.Instances;
using Countersign.Domain.Batches;
using Countersign.Projections.Batches;
using Countersign.Projections.Processes;
using Countersign.Workers.Batches;
using BatchKind = Countersign.Client.Batches.BatchKind;

namespace Countersign.Api.Batches;

internal sealed class CreateBatchEndpoint : IEndpoint
{
    private const int MostValues = 64 * 1024;

    public static void Map(RouteTable routes) => routes.Post("/batches", Permission.BatchesRun, Handle).Produces<BatchView>(StatusCodes.Status201Created).WithTags("Batches")
        .WithSummary("Asks for an act on many instances or incidents, or for the verdicts about it");

    private static async Task<IResult> Handle(JsonBody<CreateBatchRequest> body, Call call, Writes writes, BatchSteps steps)
    {
        var r = body.Value;
        if ((Reasons.Problem(r.Reason) ?? BatchChoice.Problem(r.Selection) ?? Problem(r)) is { } problem)
            return problem;
        var order = Order(r);
        var targets = await steps.Choice.Find(call, order.Kind, r.Selection);
        var now = steps.Now;
        var id = Guid.CreateVersion7(now);
        var command = new RequestBatch(id, order, r.DryRun, BatchChoice.Words(r.Selection), targets.Count, await steps.Runner.Open(call.TenantId, call.Cancellation), r.Reason, call.Actor);
        var values = await steps.Values.Seal(call.TenantId, id, r.Variables?.ToImmutableDictionary(StringComparer.Ordinal) ?? ImmutableDictionary<string, JsonElement>.Empty, call.Cancellation);
        var answer = await writes.Change(
            call,
            BatchStreams.Request(call.TenantId, id, call.Actor, state => BatchDecider.Decide(state, command, now), targets, values),
            result => Answer.Created($"/v1/batches/{id}", BatchViews.Of(BatchRecord.Of(result.State!), ImmutableDictionary<Guid, (BatchCounts, bool)>.Empty)));
        steps.Runner.Wake();
        return answer;
    }

    /// <summary>What is wrong with what the kind needs, or null.</summary>
    private static ProblemAnswer? Problem(CreateBatchRequest r) => r.Kind switch
    {
        BatchKind.Migrate => r.Selection.Process is null ? Problems.Invalid("/selection/process", "Name the process whose instances are migrated.")
            : r.TargetVersion is { } version ? MigrateInstanceEndpoint.Problem(version, r.Mapping) : Problems.Invalid("/targetVersion", "Name the version to run."),
        BatchKind.Modify => r.Selection.Process is null ? Problems.Invalid("/selection/process", "Name the process whose tokens are moved.")
            : ModifyInstanceEndpoint.Problem(new ModifyInstanceRequest(r.Reason, r.Move, r.End, r.Begin)),
        BatchKind.SetVariables => Values(r.Variables ?? new Dictionary<string, JsonElement>()),
        BatchKind.Skip => r.Variables is { Count: > 0 } values ? Values(values) : null,
        _ => null,
    } ?? Surplus(r);

    private static ProblemAnswer? Values(IReadOnlyDictionary<string, JsonElement> values) => SetVariablesEndpoint.Problem(values.Keys)
        ?? (JsonSerializer.SerializeToUtf8Bytes(values).Length > MostValues ? Problems.Invalid("/variables", "The variables of a batch have at most 64 KB as JSON.") : null);

    // What the kind does not know would be forgotten without a word.
    private static ProblemAnswer? Surplus(CreateBatchRequest r)
    {
        foreach (var (name, given, wanted) in (ReadOnlySpan<(string, bool, bool)>)[
            ("targetVersion", r.TargetVersion is not null, r.Kind == BatchKind.Migrate), ("mapping", r.Mapping is { Count: > 0 }, r.Kind == BatchKind.Migrate),
            ("move", r.Move is { Count: > 0 }, r.Kind == BatchKind.Modify), ("end", r.End is { Count: > 0 }, r.Kind == BatchKind.Modify), ("begin", r.Begin is { Count: > 0 }, r.Kind == BatchKind.Modify),
            ("variables", r.Variables is { Count: > 0 }, r.Kind is BatchKind.SetVariables or BatchKind.Skip)])
        {
            if (given && !wanted)
                return Problems.Invalid("/" + name, $"A batch of the kind '{ClientJson.NameOf(r.Kind)}' takes no '{name}'. Leave it out.");
        }

        return null;
    }

    private static BatchOrder Order(CreateBatchRequest r) => new(
        BatchViews.KindOf(r.Kind),
        r.TargetVersion is { } version ? ProcessVersion.IdOf(r.Selection.Process!, version) : null,
        r.Mapping?.ToImmutableDictionary(StringComparer.Ordinal) ?? ImmutableDictionary<string, string>.Empty,
        [.. (r.Move ?? []).Select(m => new Domain.Instances.TokenMove(m.From, m.To))],
        [.. r.End ?? []],
        [.. (r.Begin ?? []).Select(b => new Domain.Instances.TokenPlace(b.ElementId, b.ScopeId))],
        [.. (r.Variables?.Keys ?? []).Order(StringComparer.Ordinal)]);
}
