using System.Collections.Concurrent;
using System.Threading.Channels;
using Countersign.Projections.Keys;
using Marten;
using Marten.Exceptions;

namespace Countersign.Api.Identity;

/// <summary>Notes when keys are used, at most once a minute each.</summary>
internal interface IKeyUseLog
{
    void Used(string tenantId, Guid keyId);
}

/// <summary>Writes the last use of keys without making a request wait. Bounded by the number of keys; a use that cannot be written is in the log, and the next is written again.</summary>
internal sealed partial class KeyUseLog(IDocumentStore store, TimeProvider clock, ILogger<KeyUseLog> logger) : BackgroundService, IKeyUseLog
{
    private const int MostKeys = 100_000;
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Exactness = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(string, Guid), DateTimeOffset> _last = new();
    private readonly ConcurrentDictionary<(string TenantId, Guid KeyId), DateTimeOffset> _waiting = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Used(string tenantId, Guid keyId)
    {
        var now = clock.GetUtcNow();
        if (_last.TryGetValue((tenantId, keyId), out var last) && now - last < Exactness)
            return;
        if (_last.Count >= MostKeys)
            _last.Clear();
        _last[(tenantId, keyId)] = now;
        _waiting[(tenantId, keyId)] = now;
        _wake.Writer.TryWrite(true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _wake.Reader.WaitToReadAsync(stoppingToken))
            {
                _wake.Reader.TryRead(out _);
                await Task.Delay(Gather, clock, stoppingToken);
                await Flush(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Flush(CancellationToken.None);
        }
    }

    private async Task Flush(CancellationToken cancellation)
    {
        foreach (var (use, at) in _waiting.ToArray())
        {
            if (!_waiting.TryRemove(new(use, at)))
                continue;
            try
            {
                await using var session = store.LightweightSession(use.TenantId);
                session.Store(new KeyUse(use.KeyId, at));
                await session.SaveChangesAsync(cancellation);
            }
            catch (Exception e) when (e is MartenCommandException or Npgsql.NpgsqlException or TimeoutException)
            {
                LogFailed(e, use.KeyId);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The last use of key {KeyId} could not be written.")]
    private partial void LogFailed(Exception e, Guid keyId);
}
