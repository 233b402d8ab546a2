using Countersign.Domain.Instances;

namespace Countersign.Workers.Jobs;

/// <summary>An attempt whose lease was written in the transaction that made it due.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="Job">The job's row as it was written.</param>
/// <param name="Worker">Who holds the lease.</param>
/// <param name="Inference">Whether it runs through Hangfire.</param>
/// <param name="TraceParent">What made it due.</param>
/// <param name="Doubtful">Whether the transaction's end is unknown, so that the row is to be looked at first.</param>
public sealed record BornAttempt(string TenantId, JobRow Job, string Worker, bool Inference, string? TraceParent, bool Doubtful = false)
{
    /// <summary>Its lease, while it is kept.</summary>
    internal LeaseKeeper.Held? Held { get; set; }
}

/// <summary>
/// Attempts that this process holds and has not finished: bounded, for a tenant and for all, and begun round robin over tenants, so many at a time.
/// A place is taken before the transaction that writes the lease and given back when the attempt is over.
/// </summary>
/// <param name="width">So many run at a time.</param>
/// <param name="room">So many places.</param>
/// <param name="roomOfTenant">So many for one tenant.</param>
/// <param name="run">Carries one out; throws nothing.</param>
internal sealed class AttemptLane(int width, int room, int roomOfTenant, Func<BornAttempt, Task> run)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<BornAttempt>> _waiting = new(StringComparer.Ordinal);
    private readonly Queue<string> _turns = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;
    private int _running;
    private bool _closed;

    /// <summary>Takes a place; false when there is none for this tenant, or the node is stopping.</summary>
    public bool TryReserve(string tenantId)
    {
        lock (_lock)
        {
            var places = _places.GetValueOrDefault(tenantId);
            if (_closed || _taken >= room || places >= roomOfTenant)
                return false;
            _places[tenantId] = places + 1;
            _taken++;
            return true;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(string tenantId)
    {
        lock (_lock)
        {
            if (_places[tenantId] == 1)
                _places.Remove(tenantId);
            else
                _places[tenantId]--;
            _taken--;
        }
    }

    /// <summary>Begins an attempt that has its place, now or when it is its tenant's turn; false when the node is stopping.</summary>
    public bool TryAdd(BornAttempt attempt)
    {
        lock (_lock)
        {
            if (_closed)
                return false;
            if (!_waiting.TryGetValue(attempt.TenantId, out var queue))
            {
                _waiting[attempt.TenantId] = queue = new Queue<BornAttempt>();
                _turns.Enqueue(attempt.TenantId);
            }

            queue.Enqueue(attempt);
            if (_running >= width)
                return true;
            _running++;
        }

        // What is under way here is a writer's transaction: none of the attempt's business.
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(Work);
        return true;
    }

    /// <summary>Begins nothing any more; hands out what waits. The task ends with the last that runs.</summary>
    public (IReadOnlyList<BornAttempt> Waiting, Task Running) Close()
    {
        lock (_lock)
        {
            _closed = true;
            var left = _waiting.Values.SelectMany(w => w).ToArray();
            _waiting.Clear();
            _turns.Clear();
            if (_running == 0)
                _empty.TrySetResult();
            return (left, _empty.Task);
        }
    }

    private async Task Work()
    {
        while (Next() is { } attempt)
        {
            await run(attempt);
            Leave(attempt.TenantId);
        }
    }

    private BornAttempt? Next()
    {
        lock (_lock)
        {
            if (_turns.TryDequeue(out var tenant))
            {
                var queue = _waiting[tenant];
                var attempt = queue.Dequeue();
                if (queue.Count > 0)
                    _turns.Enqueue(tenant);
                else
                    _waiting.Remove(tenant);
                return attempt;
            }

            if (--_running == 0 && _closed)
                _empty.TrySetResult();
            return null;
        }
    }
}
