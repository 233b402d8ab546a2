using System.Collections.Concurrent;
using Countersign.Domain.Tenants;
using Countersign.Projections.Store;
using JasperFx;
using Marten;
using Marten.Exceptions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Tenants;

/// <summary>
/// Records refused attempts in the actor's access stream of the day. The first of its kind in a minute is durable before it is
/// answered; equal ones after it are counted and recorded as one fact when the minute is over.
/// </summary>
public sealed partial class AccessLog(IDocumentStore store, TimeProvider time, ILogger<AccessLog> logger) : IDisposable
{
    private const int MostKinds = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<Kind, Repeats> _recent = new();
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Records a refused attempt.</summary>
    /// <param name="tenantId">Tenant of the actor.</param>
    /// <param name="actor">Who was refused.</param>
    /// <param name="code">The refusal's code.</param>
    /// <param name="command">What was attempted.</param>
    /// <param name="instanceId">The instance, or null.</param>
    /// <param name="subject">The task, job or other thing, or null.</param>
    /// <param name="traceId">W3C trace id, or null.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task Record(string tenantId, Actor actor, string code, string command, Guid? instanceId, string? subject, string? traceId, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(actor);
        var now = time.GetUtcNow();
        var kind = new Kind(tenantId, actor.Id, code, command, instanceId, subject);
        var fresh = new Repeats(now, actor);
        Repeats? known;
        while (true)
        {
            if (_recent.TryGetValue(kind, out known) && known.Count(now, traceId, Window))
                return;
            // Whoever puts the new window in place writes the first fact; the others count in it.
            if (known is null ? _recent.TryAdd(kind, fresh) : _recent.TryUpdate(kind, fresh, known))
                break;
        }

        try
        {
            await Append(tenantId, [(actor, new AccessDenied(actor.Id, code, command, instanceId, subject, 1, traceId, now))], cancellation);
        }
        catch
        {
            // Nothing is durable yet: the next attempt is a first one again.
            _recent.TryRemove(new KeyValuePair<Kind, Repeats>(kind, fresh));
            throw;
        }

        if (known?.Take() is { } counted)
            await Append(kind, actor, counted, cancellation);
        // Bounded: with this many kinds of attempts in a minute, each is written out rather than counted.
        if (_recent.Count > MostKinds)
            await Flush(cancellation);
    }

    /// <summary>Records that somebody signed in or out; durable when this returns.</summary>
    /// <param name="tenantId">Tenant of the person.</param>
    /// <param name="actor">The person.</param>
    /// <param name="fact">Makes the fact from the present time.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task Record(string tenantId, Actor actor, Func<DateTimeOffset, IAccessEvent> fact, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return Append(tenantId, [(actor, fact(time.GetUtcNow()))], cancellation);
    }

    /// <summary>Records all counts; also called when the service stops and once a minute.</summary>
    public async Task Flush(CancellationToken cancellation)
    {
        foreach (var (kind, repeats) in _recent.ToArray())
        {
            _recent.TryRemove(new KeyValuePair<Kind, Repeats>(kind, repeats));
            if (repeats.Take() is { } counted)
                await Append(kind, repeats.Actor, counted, cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    // A count that cannot be written is kept for the next flush.
    private async Task Append(Kind kind, Actor actor, Counted counted, CancellationToken cancellation)
    {
        try
        {
            await Append(kind.TenantId, [(actor, counted.AsFact(kind))], cancellation);
        }
        catch
        {
            _recent.AddOrUpdate(kind, _ => new Repeats(counted, actor), (_, newer) => newer.And(counted));
            throw;
        }
    }

    private async Task Append(string tenantId, List<(Actor Actor, IAccessEvent Fact)> facts, CancellationToken cancellation)
    {
        // One at a time in this node, so that two attempts of one actor do not race; another node may, and then it is tried again.
        await _one.WaitAsync(cancellation);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await Append(tenantId, facts, attempt, cancellation);
                    return;
                }
                catch (Exception error) when (attempt < 5 && error is ConcurrencyException or ExistingStreamIdCollisionException or MartenCommandException { InnerException: PostgresException })
                {
                    Again(attempt, error);
                }
            }
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task Append(string tenantId, List<(Actor Actor, IAccessEvent Fact)> facts, int attempt, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession(tenantId);
        foreach (var (actor, fact) in facts)
        {
            var stream = StreamsOf.Access(actor, fact.At);
            var state = await session.Events.FetchStreamStateAsync(stream, cancellation);
            var stored = session.Events.BuildEvent(fact);
            stored.UserName = actor.Id;
            stored.CorrelationId = fact switch
            {
                AccessDenied e => e.TraceId,
                SignedIn e => e.TraceId,
                SignedOut e => e.TraceId,
                _ => null,
            };
            var action = state is null ? session.Events.StartStream<AccessDenied>(stream, stored) : session.Events.Append(stream, state.Version + 1, stored);
            action.ExpectedVersionOnServer = state?.Version ?? 0;
        }

        await session.SaveChangesAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "An access stream was appended to by another node; trying again (attempt {Attempt}).")]
    private partial void Again(int attempt, Exception error);

    private sealed record Kind(string TenantId, string ActorId, string Code, string Command, Guid? InstanceId, string? Subject);

    private sealed record Counted(int Count, DateTimeOffset First, string? TraceId)
    {
        public AccessDenied AsFact(Kind kind) => new(kind.ActorId, kind.Code, kind.Command, kind.InstanceId, kind.Subject, Count, TraceId, First);
    }

    private sealed class Repeats(DateTimeOffset since, Actor actor)
    {
        private readonly Lock _lock = new();
        private int _count;
        private DateTimeOffset _first;
        private string? _traceId;
        private bool _closed;

        /// <summary>A window that is over but whose count is not yet written.</summary>
        public Repeats(Counted counted, Actor actor)
            : this(counted.First, actor) => (_count, _first, _traceId, _closed) = (counted.Count, counted.First, counted.TraceId, true);

        public Actor Actor { get; } = actor;

        public bool Count(DateTimeOffset now, string? traceId, TimeSpan window)
        {
            lock (_lock)
            {
                if (_closed || now - since >= window || now.UtcDateTime.Date != since.UtcDateTime.Date)
                    return false;
                if (_count++ == 0)
                    (_first, _traceId) = (now, traceId);
                return true;
            }
        }

        public Repeats And(Counted earlier)
        {
            lock (_lock)
                (_count, _first, _traceId) = (_count + earlier.Count, earlier.First, earlier.TraceId);
            return this;
        }

        public Counted? Take()
        {
            lock (_lock)
            {
                _closed = true;
                var counted = _count == 0 ? null : new Counted(_count, _first, _traceId);
                _count = 0;
                return counted;
            }
        }
    }
}
