using System.Collections.Concurrent;
using System.Threading.Channels;
using Countersign.Domain.Tenants;
using Countersign.Projections.Keys;
using Countersign.Projections.Store;
using Marten;
using Marten.Exceptions;

namespace Countersign.Api.Identity;

/// <summary>Notes when keys are used, at most once a minute each.</summary>
internal interface IKeyUseLog
{
    void Used(string tenantId, Guid keyId);
}

/// <summary>
/// Writes what requests leave behind without waiting for it: denied attempts (equal ones of a few seconds as one fact with a count) and the last use of keys.
/// Bounded: when the database is slow, equal attempts are counted; beyond 10,000 different ones the newest are only logged.
/// </summary>
internal sealed partial class BackgroundNotes(IDocumentStore store, TimeProvider clock, ILogger<BackgroundNotes> logger) : BackgroundService, IAccessLog, IKeyUseLog
{
    private const int MostDifferent = 10_000;
    private const int MostKeys = 100_000;
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<Attempt, Counted> _denied = new();
    private readonly ConcurrentDictionary<(string, Guid), DateTimeOffset> _lastUse = new();
    private readonly ConcurrentDictionary<(string TenantId, Guid KeyId), DateTimeOffset> _uses = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Denied(Caller caller, string code, string attempted, Guid? instanceId = null, string? subject = null)
    {
        var attempt = new Attempt(caller.TenantId, caller.Id, caller.Actor.Kind, code, attempted, instanceId, subject);
        var trace = System.Diagnostics.Activity.Current?.TraceId.ToString();
        LogDenied(caller.TenantId, caller.Id, code, attempted);
        if (_denied.Count < MostDifferent || _denied.ContainsKey(attempt))
            _denied.AddOrUpdate(attempt, _ => new Counted(1, trace, clock.GetUtcNow()), (_, c) => c with { Count = c.Count + 1 });
        _wake.Writer.TryWrite(true);
    }

    public void Used(string tenantId, Guid keyId)
    {
        var now = clock.GetUtcNow();
        if (_lastUse.TryGetValue((tenantId, keyId), out var last) && now - last < TimeSpan.FromMinutes(1))
            return;
        if (_lastUse.Count >= MostKeys)
            _lastUse.Clear();
        _lastUse[(tenantId, keyId)] = now;
        _uses[(tenantId, keyId)] = now;
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Writes what is waiting; also at the end, so that a drain loses nothing.</summary>
    internal async Task Flush(CancellationToken cancellation)
    {
        foreach (var (use, at) in _uses.ToArray())
        {
            if (!_uses.TryRemove(new(use, at)))
                continue;
            await using var session = store.LightweightSession(use.TenantId);
            session.Store(new KeyUse(use.KeyId, at));
            await session.SaveChangesAsync(cancellation);
        }

        foreach (var attempt in _denied.Keys.ToArray())
        {
            if (_denied.TryRemove(attempt, out var counted))
                await Append(attempt, counted, cancellation);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _wake.Reader.WaitToReadAsync(stoppingToken))
            {
                _wake.Reader.TryRead(out _);
                await Task.Delay(Gather, clock, stoppingToken);
                await FlushSafely(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await FlushSafely(CancellationToken.None);
        }
    }

    private async Task FlushSafely(CancellationToken cancellation)
    {
        try
        {
            await Flush(cancellation);
        }
        catch (Exception e) when (e is MartenCommandException or Npgsql.NpgsqlException or TimeoutException)
        {
            LogFailed(e);
        }
    }

    private async Task Append(Attempt attempt, Counted counted, CancellationToken cancellation)
    {
        var stream = StreamsOf.Access(new Actor(attempt.ActorId, attempt.Kind, [], []), counted.At);
        var fact = new AccessDenied(attempt.ActorId, attempt.Code, attempt.Attempted, attempt.InstanceId, attempt.Subject, counted.Count, counted.TraceId, counted.At);
        for (var tries = 0; ; tries++)
        {
            await using var session = store.LightweightSession(attempt.TenantId);
            session.LastModifiedBy = attempt.ActorId;
            if (await session.Events.FetchStreamStateAsync(stream, cancellation) is null)
                session.Events.StartStream<IAccessEvent>(stream, fact);
            else
                session.Events.Append(stream, fact);
            try
            {
                await session.SaveChangesAsync(cancellation);
                return;
            }
            catch (Exception e) when (tries < 5 && e is JasperFx.Events.ExistingStreamIdCollisionException or Marten.Exceptions.ExistingStreamIdCollisionException
                or JasperFx.Events.EventStreamUnexpectedMaxEventIdException)
            {
                // Another node began the day's stream at the same moment.
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Denied in {TenantId}: {ActorId} {Code} {Attempted}")]
    private partial void LogDenied(string tenantId, string actorId, string code, string attempted);

    [LoggerMessage(Level = LogLevel.Error, Message = "Denied attempts or uses of keys could not be written; what was not is in the log before.")]
    private partial void LogFailed(Exception e);

    private sealed record Attempt(string TenantId, string ActorId, ActorKind Kind, string Code, string Attempted, Guid? InstanceId, string? Subject);

    private sealed record Counted(int Count, string? TraceId, DateTimeOffset At);
}
