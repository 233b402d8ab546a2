using System.Collections.Immutable;
using Countersign.Domain;
using Countersign.Domain.Tenants;
using Countersign.Projections.Instances;
using Countersign.Projections.Store;
using JasperFx.Events;
using Marten;
using Marten.Exceptions;
using Npgsql;

namespace Countersign.Workers.Streams;

/// <summary>A change to one stream that is not an instance: policy, table, key, member, endpoint, ...</summary>
/// <typeparam name="TState">State folded from the stream.</typeparam>
/// <typeparam name="TEvent">Its family of events.</typeparam>
/// <param name="TenantId">The tenant.</param>
/// <param name="Stream">Key of the stream (<see cref="StreamsOf"/>).</param>
/// <param name="By">Who acts.</param>
/// <param name="Evolve">Folds one event.</param>
/// <param name="Decide">Decides; pure, may be asked again after a lost race.</param>
/// <param name="Rows">Writes the rows that are read at once, in the same transaction.</param>
public sealed record StreamChange<TState, TEvent>(string TenantId, string Stream, Actor By, Func<TState?, TEvent, TState?> Evolve, Func<TState?, Outcome> Decide,
    Action<IDocumentSession, StreamResult<TState>> Rows)
    where TState : class
    where TEvent : class
{
    /// <summary>Version the caller last read, or null when it does not matter.</summary>
    public long? ExpectedVersion { get; init; }

    /// <summary>Trace id of the call, or null.</summary>
    public string? TraceId { get; init; }
}

/// <summary>What became of a change. When a caller has it, what it says is durable.</summary>
/// <param name="Outcome">Facts, a refusal, or nothing.</param>
/// <param name="State">State after the change, or null where there is none.</param>
/// <param name="Version">Version of the stream; 0 where there is none.</param>
/// <param name="Stale">True when the stream is not at the version the caller read: nothing was done.</param>
public sealed record StreamResult<TState>(Outcome Outcome, TState? State, long Version, bool Stale = false)
    where TState : class
{
    /// <summary>The refusal, or null.</summary>
    public Refusal? Refusal => (Outcome as Outcome.Refused)?.Refusal;

    /// <summary>New facts, in order; empty when there are none.</summary>
    public ImmutableArray<object> Facts => Outcome is Outcome.Facts facts ? facts.Events : [];

    /// <summary>What was stored for a repeat of the call, or null without an idempotency key or for a refusal.</summary>
    public StoredResponse? Response { get; init; }
}

/// <summary>The receipt of a call, written in the change's own transaction.</summary>
/// <param name="Id">Id of the receipt (<see cref="CommandReceipt.IdOf"/>).</param>
/// <param name="BodyHash">Digest of the request.</param>
public sealed record ReceiptOf(string Id, string BodyHash);

/// <summary>The receipt was written by another process while this one carried out the same call.</summary>
public sealed class ReceiptRaceException() : Exception("The same call was carried out by another process.");

/// <summary>The one way to write streams that are not instances: load, decide, append with the version that was read, rows, receipt, one commit.</summary>
public sealed class StreamDoor(IDocumentStore store, TimeProvider clock)
{
    private const int Races = 5;

    /// <summary>Carries out a change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="receipt">Receipt to write, or null.</param>
    /// <param name="respond">Makes the answer that is stored with the receipt; pure.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public async Task<StreamResult<TState>> Execute<TState, TEvent>(StreamChange<TState, TEvent> change, ReceiptOf? receipt,
        Func<StreamResult<TState>, StoredResponse>? respond, CancellationToken cancellation)
        where TState : class
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(change);
        for (var race = 1; ; race++)
        {
            try
            {
                return await Try(change, receipt, respond, cancellation);
            }
            catch (Exception e) when (race < Races && LostRace(e))
            {
                // Somebody appended between load and commit: decide again from what is there now.
            }
            catch (Exception e) when (receipt is not null && IsReceiptRace(e))
            {
                throw new ReceiptRaceException();
            }
        }
    }

    private async Task<StreamResult<TState>> Try<TState, TEvent>(StreamChange<TState, TEvent> change, ReceiptOf? receipt, Func<StreamResult<TState>, StoredResponse>? respond,
        CancellationToken cancellation)
        where TState : class
        where TEvent : class
    {
        await using var session = store.LightweightSession(change.TenantId);
        session.LastModifiedBy = change.By.Id;
        session.CorrelationId = change.TraceId;
        var stored = await session.Events.FetchStreamAsync(change.Stream, token: cancellation);
        var state = stored.Select(e => e.Data).OfType<TEvent>().Aggregate((TState?)null, change.Evolve);
        var version = stored.Count == 0 ? 0 : stored[^1].Version;
        if (change.ExpectedVersion is { } expected && state is not null && expected != version)
            return new StreamResult<TState>(Outcome.Nothing, state, version, Stale: true);
        var outcome = change.Decide(state);
        if (outcome is Outcome.Refused)
            return new StreamResult<TState>(outcome, state, version);
        if (outcome is Outcome.Facts facts)
        {
            object[] events = [.. facts.Events];
            if (version == 0)
                session.Events.StartStream<TState>(change.Stream, events);
            else
                session.Events.Append(change.Stream, version + events.Length, events);
            state = events.OfType<TEvent>().Aggregate(state, change.Evolve);
            version += events.Length;
        }

        var result = new StreamResult<TState>(outcome, state, version);
        if (outcome is Outcome.Facts)
            change.Rows(session, result);
        if (receipt is not null && respond is not null)
        {
            result = result with { Response = respond(result) };
            session.Insert(new CommandReceipt(receipt.Id, receipt.BodyHash, result.Response, Guid.Empty, clock.GetUtcNow()));
        }

        await session.SaveChangesAsync(cancellation);
        return result;
    }

    private static bool LostRace(Exception e) => e is EventStreamUnexpectedMaxEventIdException or JasperFx.Events.ExistingStreamIdCollisionException or Marten.Exceptions.ExistingStreamIdCollisionException
        || (e is MartenCommandException { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "mt_streams" or "mt_events" } });

    private static bool IsReceiptRace(Exception e) => e is JasperFx.DocumentAlreadyExistsException
        || (e is MartenCommandException { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } inner }
            && inner.TableName?.Contains("commandreceipt", StringComparison.Ordinal) == true);
}
