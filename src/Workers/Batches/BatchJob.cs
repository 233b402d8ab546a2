using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Batches;
using Countersign.Domain.Tenants;
using Countersign.Projections.Batches;
using Countersign.Workers.Instances;
using Countersign.Workers.Leases;
using Countersign.Workers.Streams;
using Marten;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Batches;

/// <summary>One turn of a node at a batch, under a lease that is renewed with each step.</summary>
internal sealed partial class BatchJob(IDocumentStore store, StreamDoor streams, BatchQueue queue, BatchPart part, BatchActors actors, BatchValues values, InstanceRunner runner, BatchOptions options,
    TimeProvider clock, ILogger<BatchJob> logger)
{
    private static readonly TimeSpan Room = TimeSpan.FromMilliseconds(250);

    /// <summary>Carries out parts until the turn is over or nothing is left, and then gives the batch back or ends it.</summary>
    public async Task Work(Taken taken, CancellationToken stopping)
    {
        var batch = await Load(taken, stopping);
        var variables = await values.Open(taken.TenantId, taken.Id, await queue.Values(taken, stopping), stopping);
        var began = clock.GetTimestamp();
        while (clock.GetElapsedTime(began) < options.Turn)
        {
            if (!await queue.Renew(taken, options.Lease, stopping))
                throw new LeaseLostException();
            if (await queue.IsCancelling(taken, stopping))
            {
                await Finish(taken, stopping);
                return;
            }

            // People's work first.
            if (runner.Waiting > options.Busy)
            {
                await Task.Delay(Room, clock, stopping);
                continue;
            }

            var step = clock.GetTimestamp();
            var items = await queue.Next(taken, options.InFlight, stopping);
            if (items.Count == 0)
            {
                await Finish(taken, stopping);
                return;
            }

            // Anew for each step: whoever loses the right to act on cases acts on no further one.
            var by = await actors.Find(taken.TenantId, batch.By, batch.ByKind, stopping);
            var pause = await Step(taken, batch, items, by, variables, stopping) ? TimeSpan.FromSeconds((double)items.Count / options.PerSecond) - clock.GetElapsedTime(step) : Room;
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, clock, stopping);
        }

        await queue.Release(taken, TimeSpan.Zero, stopping);
    }

    /// <summary>Removes what is left of a batch whose time is over.</summary>
    public Task Remove(Taken taken, CancellationToken cancellation) => queue.Remove(taken, cancellation);

    /// <summary>Carries out some parts at once; false when some are to be tried again after a while.</summary>
    private async Task<bool> Step(Taken taken, BatchRecord batch, IReadOnlyList<BatchItem> items, Actor by, ImmutableDictionary<string, JsonElement> variables, CancellationToken stopping)
    {
        // What has begun is waited for, whoever stops: its outcome is known and written.
        var carried = await Task.WhenAll(items.Select(async i => (Item: i, Came: await part.Carry(taken.TenantId, batch, i, by, variables, CancellationToken.None))));
        await queue.Write(taken, [.. carried.Where(c => c.Came.Result is not null).Select(c => (c.Item, c.Came.Result!))], CancellationToken.None);
        var busy = carried.Where(c => c.Came.IsBusy).Select(c => c.Item).ToList();
        await queue.PutBack(taken, busy, CancellationToken.None);
        stopping.ThrowIfCancellationRequested();
        return carried.All(c => c.Came.Result is not null);
    }

    private async Task Finish(Taken taken, CancellationToken stopping)
    {
        var counts = await queue.Counts(taken, stopping);
        var now = clock.GetUtcNow();
        await streams.Execute(BatchStreams.Finish(taken.TenantId, taken.Id, s => BatchDecider.Decide(s, new FinishBatch(counts), now), now + options.Kept), null, null, stopping);
        await values.Destroy(taken.TenantId, taken.Id, stopping);
        LogEnded(taken.Id, taken.TenantId, counts.Done, counts.Unchanged, counts.Refused, counts.Failed, counts.Open);
    }

    private async Task<BatchRecord> Load(Taken taken, CancellationToken cancellation)
    {
        await using var session = store.QuerySession(taken.TenantId);
        return await session.LoadAsync<BatchRecord>(taken.Id, cancellation) ?? throw new InvalidOperationException($"Batch {taken.Id} has work and no row. Rebuild the rows of batches.");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Batch {Id} of {TenantId} has ended: {Done} done, {Unchanged} unchanged, {Refused} refused, {Failed} failed, {Open} left.")]
    private partial void LogEnded(Guid id, string tenantId, int done, int unchanged, int refused, int failed, int open);
}
