using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Keys;
using Countersign.Domain;
using Countersign.Domain.Keys;
using Countersign.Projections.Store;
using Countersign.Workers.Keys;
using Countersign.Workers.Streams;

namespace Countersign.Api.Keys;

internal sealed class RotateKeyEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/keys/{id:guid}/rotate", Permission.KeysManage, Handle).Produces<KeyCreated>(StatusCodes.Status201Created).WithTags("Keys")
        .WithSummary("Replaces a key; both work during the overlap");

    private static async Task<IResult> Handle(Guid id, JsonBody<RotateKeyRequest> body, Call call, Writes writes, IDirectory directory, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var (newId, secret) = (Guid.CreateVersion7(now), KeySecret.Make(call.TenantId));
        var replace = new ReplaceKey(newId, TimeSpan.FromHours(body.Value.OverlapHours ?? 24), call.Actor);
        KeyState? made = null;
        Outcome? refused = null;
        var change = KeyStreams.Change(call.TenantId, id, call.Actor, state =>
        {
            var outcome = KeyDecider.Decide(state, replace, now);
            if (outcome is not Outcome.Facts)
                return outcome;
            var make = KeyDecider.Decide(null, new MakeKey(newId, state!.Name, KeySecret.PrefixOf(secret, call.TenantId), KeySecret.Hash(secret), state.Roles, null, call.Actor, id), now);
            made = make is Outcome.Facts facts ? facts.Events.OfType<IKeyEvent>().Aggregate((KeyState?)null, KeyState.Evolve) : null;
            refused = make as Outcome.Refused;
            return refused ?? outcome;
        });
        // The old key's fact and the new key's stream are one commit: never one without the other.
        var both = change with
        {
            Rows = (session, result) =>
            {
                change.Rows(session, result);
                session.Events.StartStream<KeyState>(StreamsOf.Key(newId), new KeyMade(made!.Id, made.Name, made.Prefix, made.SecretHash, made.Roles, made.ExpiresAt, id, made.CreatedBy, now));
                session.Store(KeyStreams.RecordOf(made));
            },
        };
        var answer = await writes.Change(call, both, _ => Answer.Created($"/v1/keys/{newId}", new KeyCreated(KeyViews.Of(made!), secret)) with { HoldsSecret = true });
        directory.Forget(call.TenantId);
        return answer;
    }
}
