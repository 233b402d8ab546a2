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
public sealed record ActivatedJob(JobRow Job, DateTimeOffset Until, string EffectId);

/// <summary>Jobs for external workers: fetched with a lease, by long poll; results are commands with the attempt as fence.</summary>
public sealed class ExternalJobs(JobLeases leases, FieldSealer sealer, Notices notices, TimeProvider time)
{
    /// <summary>
    /// Fetches and leases due jobs; waits for some when there are none. The waiting holds no database connection: a notice wakes it,
    /// and every five seconds it looks by itself, for retries that became due.
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
        while (true)
        {
            var woken = notices.Next(Channels.Jobs);
            var jobs = await leases.Activate(tenantId, type, worker, most, lease, cancellation);
            var left = wait - time.GetElapsedTime(since);
            if (jobs.Length > 0 || left <= TimeSpan.Zero)
                return await Open(jobs, tenantId, cancellation);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(woken, Task.Delay(left < TimeSpan.FromSeconds(5) ? left : TimeSpan.FromSeconds(5), time, over.Token));
            await over.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Keeps a leased job longer; null when its attempt is no longer open.</summary>
    public Task<DateTimeOffset?> Extend(string tenantId, string jobId, int attempt, TimeSpan lease, CancellationToken cancellation) =>
        leases.Extend(tenantId, jobId, attempt, lease, cancellation);

    private async Task<ImmutableArray<ActivatedJob>> Open(ImmutableArray<LeasedJob> jobs, string tenantId, CancellationToken cancellation)
    {
        var opened = ImmutableArray.CreateBuilder<ActivatedJob>(jobs.Length);
        foreach (var (job, until) in jobs)
        {
            var variables = await sealer.OpenForReading(job.Variables, tenantId, job.InstanceId, cancellation);
            opened.Add(new ActivatedJob(job with { Variables = variables }, until, EffectIds.Of(tenantId, job.InstanceId, job.Id)));
        }

        return opened.DrainToImmutable();
    }
}
