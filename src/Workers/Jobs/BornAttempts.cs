using System.Globalization;
using System.Security.Cryptography;
using Countersign.Domain.Instances;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Jobs;

/// <summary>How much a node takes in hand as soon as it is due.</summary>
/// <param name="Running">Attempts carried out at a time; they wait for others most of the time, for their result's commit at least.</param>
/// <param name="Enqueuing">Inferences handed to Hangfire at a time: that blocks a thread and a connection of a small pool.</param>
/// <param name="Places">Attempts in hand at most, of each of the two kinds. The rest goes by message.</param>
/// <param name="PlacesOfTenant">The same for one tenant.</param>
public sealed record AttemptOptions(int Running = 128, int Enqueuing = 3, int Places = 1_000, int PlacesOfTenant = 250);

/// <summary>
/// Attempts that are due at once and that this node carries out itself: their lease is written in the very transaction that writes the job's row, and they
/// begin when that is durable, without a message and without a second transaction. The row is what makes them durable: should the process die, the lease ends
/// and the sweeper of any node begins them again. Where there is no place, nothing is born here and a durable message goes out instead.
/// </summary>
public sealed partial class BornAttempts : IHostedService, IDisposable
{
    // Long enough to enqueue; it is renewed while it waits for its turn.
    private static readonly TimeSpan Enqueuing = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly IServiceProvider _services;
    private readonly Lazy<JobExecutor> _executor;
    private readonly AttemptLane _effects;
    private readonly AttemptLane _inferences;
    private readonly LeaseKeeper _keeper;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    // Of this life of the process, and not of the one before on a machine of the same name.
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}/{RandomNumberGenerator.GetHexString(12, lowercase: true)}");
    private long _count;

    /// <summary>Nothing in hand.</summary>
    public BornAttempts(IServiceProvider services, LeaseKeeper keeper, AttemptOptions options, TimeProvider time, ILogger<BornAttempts> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_services, _keeper, _time, _logger) = (services, keeper, time, logger);
        // Workers may themselves need the runner, which needs this.
        _executor = new(services.GetRequiredService<JobExecutor>, LazyThreadSafetyMode.PublicationOnly);
        _effects = new AttemptLane(options.Running, options.Places, options.PlacesOfTenant, Run);
        _inferences = new AttemptLane(options.Enqueuing, options.Places, options.PlacesOfTenant, Run);
    }

    /// <summary>How long the lease is that the transaction is to write.</summary>
    internal static TimeSpan LeaseOf(BornAttempt attempt) => attempt.Inference ? Enqueuing : LeaseKeeper.Lease;

    /// <summary>Takes an attempt in hand when this node carries out its type and has a place; its lease must then be written with the row.</summary>
    internal BornAttempt? TryBear(string tenantId, JobRow job, string? traceParent)
    {
        if (!_executor.Value.Carries(job.Type))
            return null;
        var inference = _executor.Value.IsInference(job.Type);
        if (!LaneOf(inference).TryReserve(tenantId))
            return null;
        // A name for each, so that an attempt never gives back another's lease.
        var worker = inference ? JobLeases.Queued : string.Create(CultureInfo.InvariantCulture, $"{_name}/{Interlocked.Increment(ref _count):x}");
        return new BornAttempt(tenantId, job, worker, inference, traceParent);
    }

    /// <summary>The transaction is durable: they begin. What comes when the node is already stopping goes to another.</summary>
    internal async Task Begin(IEnumerable<BornAttempt> attempts)
    {
        List<BornAttempt>? late = null;
        foreach (var attempt in attempts)
        {
            attempt.Held = _keeper.Keep(attempt.TenantId, attempt.Job.Id, attempt.Job.Attempt, attempt.Worker);
            if (!LaneOf(attempt.Inference).TryAdd(attempt))
                (late ??= []).Add(attempt);
        }

        if (late is not null)
            await GiveBack(late);
    }

    /// <summary>The transaction failed: nothing is due. Nobody knows how it ended when <paramref name="unknown"/>: then the rows are looked at.</summary>
    internal void Failed(IEnumerable<BornAttempt> attempts, bool unknown)
    {
        foreach (var attempt in attempts)
        {
            if (!unknown || !LaneOf(attempt.Inference).TryAdd(attempt with { Doubtful = true }))
                LaneOf(attempt.Inference).Leave(attempt.TenantId);
        }
    }

    /// <summary>Makes at the start what is needed later: a mistake in it is found here, and the first attempt does not wait for it.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _services.GetRequiredService<JobDispatcher>();
        return Task.CompletedTask;
    }

    /// <summary>Begins nothing more, lets end what ends soon, and gives the rest back so that another node may begin it at once.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var (effects, inferences) = (_effects.Close(), _inferences.Close());
        await GiveBack([.. effects.Waiting, .. inferences.Waiting]);
        try
        {
            await Task.WhenAll(effects.Running, inferences.Running).WaitAsync(Patience, _time, cancellationToken);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            await _stopping.CancelAsync();
            await Task.WhenAll(effects.Running, inferences.Running).WaitAsync(Patience, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private AttemptLane LaneOf(bool inference) => inference ? _inferences : _effects;

    private async Task Run(BornAttempt attempt)
    {
        try
        {
            await (attempt.Inference ? _services.GetRequiredService<JobDispatcher>().Enqueue(attempt, _stopping.Token) : _executor.Value.Run(attempt, _stopping.Token));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Given back by whoever carried it out.
        }
        catch (Exception error)
        {
            // Nothing may end the lane. The lease is no longer kept: when it has ended, the sweeper begins the attempt again.
            NotCarriedOut(attempt.Job.Id, attempt.Job.Attempt, error);
        }
        finally
        {
            attempt.Held?.Dispose();
        }
    }

    private async Task GiveBack(IReadOnlyCollection<BornAttempt> attempts)
    {
        foreach (var attempt in attempts)
            attempt.Held?.Dispose();

        try
        {
            await _keeper.GiveBack(attempts, CancellationToken.None);
        }
        catch (NpgsqlException error)
        {
            // They end by themselves.
            NotGivenBack(attempts.Count, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {JobId}, attempt {Attempt}, could not be carried out to its end; it is begun again when its lease has ended.")]
    private partial void NotCarriedOut(string jobId, int attempt, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} attempts could not be given back; they are begun again when their leases have ended.")]
    private partial void NotGivenBack(int count, Exception error);
}
