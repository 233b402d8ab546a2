using System.Collections.Immutable;
using Countersign.Domain.Instances;
using Countersign.Projections.Sealing;
using Countersign.Workers.Hosting;
using Countersign.Workers.Instances;

namespace Countersign.Workers.Jobs;

/// <summary>A job as an external worker gets it.</summary>
/// <param name="Job">The job; its variables are opened.</param>
/// <param name="Until">End of the lease (UTC).</param>
/// <param name="EffectId">Stable key of the outside effect.</param>
/// <param name="Token">Names this lease: results that carry it are refused once the lease is another's.</param>
public sealed record ActivatedJob(JobRow Job, DateTimeOffset Until, string EffectId, Guid Token);

/// <summary>Jobs for external workers: fetched with a lease, by long poll; results are commands with the attempt as fence.</summary>
public sealed class ExternalJobs(JobLeases leases, FieldSealer sealer, Notices notices, TimeProvider time)
{
    // Another worker's fetch of the same rows is over by then.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private readonly JobDesk.Hall _desks = new(time);
    private long _looks;
    private int _resting;

    /// <summary>How often the database was asked for jobs.</summary>
    internal long Looks => Interlocked.Read(ref _looks);

    /// <summary>How many wait now.</summary>
    internal int Resting => Volatile.Read(ref _resting);

    /// <summary>
    /// Fetches and leases due jobs; waits for some when there are none. The waiting holds no database connection and asks nothing: a notice of a job of this
    /// tenant and type wakes it, or the time at which a retry becomes due or a lease ends. Of a crowd that is woken by one notice, one asks for all
    /// (<see cref="JobDesk"/>).
    /// </summary>
    /// <param name="tenantId">The tenant, from the verified credential.</param>
    /// <param name="type">Job type; those of the service itself are not handed out.</param>
    /// <param name="worker">Name of the worker.</param>
    /// <param name="most">At most this many.</param>
    /// <param name="lease">How long they stay with the worker.</param>
    /// <param name="wait">How long to wait for the first; zero answers at once.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<ImmutableArray<ActivatedJob>> Activate(string tenantId, string type, string worker, int most, TimeSpan lease, TimeSpan wait, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type.StartsWith("countersign:", StringComparison.Ordinal))
            return [];
        var since = time.GetTimestamp();
        using var listening = notices.Listen(Channels.Jobs, Channels.JobsOf(tenantId, type));
        using var place = _desks.Enter(tenantId, type, out var desk);
        for (var arrives = true; ; arrives = false)
        {
            var left = wait - time.GetElapsedTime(since);
            var (jobs, notice, next) = await Look(desk, listening, new Fetch(tenantId, type, worker, most, lease), arrives, left > TimeSpan.Zero, cancellation);
            left = wait - time.GetElapsedTime(since);
            if (jobs.Length > 0 || left <= TimeSpan.Zero)
                return await Open(jobs, tenantId, cancellation);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            Interlocked.Increment(ref _resting);
            await Task.WhenAny(notice, Task.Delay(next < left ? next : left, time, over.Token));
            Interlocked.Decrement(ref _resting);
            await over.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
        }
    }

    // Who would only see what another has just seen goes on waiting. The last look of a call, and the only one of a call that does not wait, always asks.
    private async Task<(ImmutableArray<LeasedJob> Jobs, Task Notice, TimeSpan Next)> Look(JobDesk desk, Notices.Listening listening, Fetch fetch, bool arrives, bool waits, CancellationToken cancellation)
    {
        using var turn = waits ? await desk.Turn(cancellation) : null;
        // Before looking, so that nothing slips between.
        var notice = listening.Next;
        if (waits && desk.Empty(notice, arrives) is { } empty)
            return ([], notice, empty);
        var began = time.GetTimestamp();
        Interlocked.Increment(ref _looks);
        var (jobs, until) = await leases.Activate(fetch.TenantId, fetch.Type, fetch.Worker, fetch.Most, fetch.Lease, cancellation);
        var next = until is { } known && known < Longest ? (known > Moment ? known : Moment) : Longest;
        // What was fetched can be fetched again when its lease ends.
        next = jobs.Length > 0 && fetch.Lease < next ? fetch.Lease : next;
        desk.Saw(notice, began, jobs.Length == fetch.Most, next);
        return (jobs, notice, next);
    }

    /// <summary>Whether a worker's lease is still its own.</summary>
    public Task<bool> Holds(string tenantId, string jobId, int attempt, Guid token, CancellationToken cancellation) => leases.Holds(tenantId, jobId, attempt, token, cancellation);

    /// <summary>Keeps a leased job longer; null when its attempt is no longer open, or the lease is another's.</summary>
    public Task<DateTimeOffset?> Extend(string tenantId, string jobId, int attempt, Guid? token, TimeSpan lease, CancellationToken cancellation) =>
        leases.Extend(tenantId, jobId, attempt, token, lease, cancellation);

    private async Task<ImmutableArray<ActivatedJob>> Open(ImmutableArray<LeasedJob> jobs, string tenantId, CancellationToken cancellation)
    {
        var opened = ImmutableArray.CreateBuilder<ActivatedJob>(jobs.Length);
        foreach (var (job, until, token) in jobs)
        {
            var variables = await sealer.OpenForReading(job.Variables, tenantId, job.InstanceId, cancellation);
            opened.Add(new ActivatedJob(job with { Variables = variables }, until, EffectIds.Of(tenantId, job), token));
        }

        return opened.DrainToImmutable();
    }

    private readonly record struct Fetch(string TenantId, string Type, string Worker, int Most, TimeSpan Lease);
}
