using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Billing.Plans;
using Countersign.Client.Instances;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Projections.Processes;
using Countersign.Projections.Store;
using Countersign.Workers.Instances;

namespace Countersign.Api.Instances;

internal sealed class StartInstanceEndpoint : IEndpoint
{
    private const long MaxBytes = 2 * 1024 * 1024 + 16 * 1024;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public static void Map(RouteTable routes) => routes.Post("/instances", Permission.InstancesStart, Handle).ReceiptByRunner().Produces<InstanceView>(StatusCodes.Status201Created)
        .Produces<InstanceView>(StatusCodes.Status202Accepted).WithMetadata(new BodyLimit(MaxBytes)).WithTags("Instances")
        .WithSummary("Starts an instance; with ?wait=10s answers when it ends, or 202 when the time is over");

    private static async Task<IResult> Handle(JsonBody<StartInstanceRequest> body, string? wait, Call call, PointReads reads, InstanceWrites writes, InstanceReader reader,
        IProcessCatalog processes, Entitlements entitlements, TimeProvider clock)
    {
        var patience = TimeSpan.Zero;
        if (wait is not null && !TryDuration(wait, out patience))
            return Problems.BadParameter("wait", "send 0 to 60 seconds, such as 10s or 500ms.");
        var request = body.Value;
        if (request.BusinessKey is { Length: 0 or > 255 })
            return Problems.Invalid("/businessKey", "A business key is 1 to 255 characters.");
        // Asked for together, so that both are one statement.
        var (resolving, barring) = (Resolve(request, call, reads), entitlements.Barred(call.TenantId, call.Cancellation));
        await Task.WhenAll(resolving, barring);
        if (await resolving is not { } meant)
            return Problems.Of(new Refusal(RefusalKind.Invalid, "process.not_found", "There is no such process, or no such version of it. List /v1/processes."));
        var id = StreamsOf.StartedUnder(call.TenantId, call.Idempotency.CredentialId, call.Idempotency.Key);
        var (version, why) = meant.Choose(id, call.Actor.Groups);
        var graph = await processes.Find(call.TenantId, version, call.Cancellation);
        // A start that was carried out before is answered again, whatever the plan says now.
        if (await barring is { } barred && await reader.Find(call.TenantId, id, call.Cancellation) is null)
            return Problems.Of(barred.Code, barred.Sentence);
        var command = new StartInstance(call.TenantId, id, call.Actor, version,
            request.Variables?.ToImmutableDictionary(StringComparer.Ordinal) ?? ImmutableDictionary<string, JsonElement>.Empty, request.BusinessKey, Rollout: why);
        var location = $"/v1/instances/{id}";
        var (answer, result) = await writes.ExecuteFully(call, command, r => Answer.Created(location, InstanceViews.Of(r.State!, r.Version, graph), r.Version));
        if (patience == TimeSpan.Zero || result.Replayed || result.Refusal is not null || answer is not Http.Answer)
            return answer;
        return await Wait(call, reader, id, location, patience, clock);
    }

    private static Task<StartVersion?> Resolve(StartInstanceRequest request, Call call, PointReads reads) =>
        KeyText.TryParse(request.Process, null, out var key) ? reads.Version(call.TenantId, key.Value, request.Version, call.Cancellation) : Task.FromResult<StartVersion?>(null);

    // Polls the stream: each look is one indexed read, and waiting holds no connection.
    private static async Task<IResult> Wait(Call call, InstanceReader reader, Guid id, string location, TimeSpan patience, TimeProvider clock)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            var reading = await reader.Find(call.TenantId, id, call.Cancellation);
            if (reading is null)
                return Problems.NotFound();
            var view = InstanceViews.Of(reading.State, reading.Version, reading.Graph);
            if (reading.State.HasEnded)
                return Answer.Created(location, view, reading.Version);
            if (clock.GetElapsedTime(began) >= patience)
                return Answer.Accepted(location, view, reading.Version);
            await Task.Delay(Look, clock, call.Cancellation);
        }
    }

    private static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        var (number, unit) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 1) : text.EndsWith('s') ? (text[..^1], 1000) : ("", 0);
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > 60_000)
            return false;
        duration = TimeSpan.FromMilliseconds((long)value * unit);
        return duration <= LongestWait;
    }
}
