namespace Countersign.Workers.Instances;

/// <summary>
/// What waits at one writer: bounded, and taken round robin over tenants, so that a tenant with a thousand commands delays
/// another's single one by at most a batch, and a batch has no more than a share of one tenant. The order of one tenant's commands is kept.
/// </summary>
internal sealed class CommandQueue(int limit, int limitOfTenant) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<CommandWork>> _tenants = new(StringComparer.Ordinal);
    private readonly Queue<string> _turns = new();
    private readonly SemaphoreSlim _something = new(0, 1);
    private int _count;
    private bool _closed;

    public int Count => Volatile.Read(ref _count);

    /// <summary>False when the queue is full, for this tenant or for all, or closed.</summary>
    public bool TryAdd(CommandWork work)
    {
        lock (_lock)
        {
            if (_closed || _count >= limit)
                return false;
            if (!_tenants.TryGetValue(work.Command.TenantId, out var queue))
                _tenants[work.Command.TenantId] = queue = new Queue<CommandWork>();
            if (queue.Count >= limitOfTenant)
                return false;
            queue.Enqueue(work);
            if (queue.Count == 1)
                _turns.Enqueue(work.Command.TenantId);
            _count++;
        }

        Signal();
        return true;
    }

    /// <summary>Waits until there is something, then takes up to the limits; empty only when closed.</summary>
    /// <param name="commands">At most so many.</param>
    /// <param name="ofTenant">At most so many of one tenant.</param>
    /// <param name="bytes">Of variables at most, unless the first has more.</param>
    public async Task<List<CommandWork>> Take(int commands, int ofTenant, long bytes)
    {
        while (true)
        {
            var batch = TakeWaiting(commands, ofTenant, bytes);
            if (batch.Count > 0)
                return batch;
            lock (_lock)
            {
                if (_closed)
                    return [];
            }

            await _something.WaitAsync();
        }
    }

    /// <summary>Takes nothing more in; what waits is still handed out.</summary>
    public void Close()
    {
        lock (_lock)
            _closed = true;
        Signal();
    }

    public void Dispose() => _something.Dispose();

    private List<CommandWork> TakeWaiting(int commands, int ofTenant, long bytes)
    {
        var batch = new List<CommandWork>();
        var taken = new Dictionary<string, int>(StringComparer.Ordinal);
        lock (_lock)
        {
            while (batch.Count < commands && _turns.TryPeek(out var tenant) && taken.GetValueOrDefault(tenant) < ofTenant)
            {
                var queue = _tenants[tenant];
                if (batch.Count > 0 && queue.Peek().Bytes > bytes)
                    break;
                _turns.Dequeue();
                var work = queue.Dequeue();
                bytes -= work.Bytes;
                _count--;
                batch.Add(work);
                taken[tenant] = taken.GetValueOrDefault(tenant) + 1;
                if (queue.Count > 0)
                    _turns.Enqueue(tenant);
                else
                    _tenants.Remove(tenant);
            }
        }

        return batch;
    }

    private void Signal()
    {
        lock (_lock)
        {
            if (_something.CurrentCount == 0)
                _something.Release();
        }
    }
}
