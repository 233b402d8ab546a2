namespace Countersign.Workers.Jobs;

/// <summary>
/// Where those of one node wait who fetch jobs of one tenant and type. What one of them saw is news for the others as well: of a crowd that is woken by one
/// notice one asks the database, and the rest go on waiting unless it says that there is more. Kept only while somebody is at it.
/// </summary>
internal sealed class JobDesk(TimeProvider time)
{
    // Even a notice that was lost is made up for by whoever comes this much later.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _one = new(1);
    private readonly Lock _gate = new();
    private Task? _emptySince;
    private long _seenAt;
    private long _nextAt;
    private bool _more;

    private int Visitors { get; set; }

    /// <summary>Waits for one's turn to look. Where the last look left some, all look at once: the database deals them out.</summary>
    public async Task<IDisposable?> Turn(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _more))
            return null;
        await _one.WaitAsync(cancellation);
        return new Leaving(() => _one.Release());
    }

    /// <summary>
    /// How long nothing can be there, because a look that found less than it asked for began after the last notice and was not long ago; null: look.
    /// </summary>
    /// <param name="notice">The notice that is waited for: the one after the last.</param>
    /// <param name="arrives">Whether one comes anew, and trusts only what was seen just now.</param>
    public TimeSpan? Empty(Task notice, bool arrives)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (!ReferenceEquals(_emptySince, notice) || notice.IsCompleted || now >= _nextAt || (arrives && time.GetElapsedTime(_seenAt, now) > Fresh))
                return null;
            return time.GetElapsedTime(now, _nextAt);
        }
    }

    /// <summary>Tells what a look found.</summary>
    /// <param name="notice">The notice that was to come when it began.</param>
    /// <param name="began">When it began.</param>
    /// <param name="more">Whether it found as many as it asked for.</param>
    /// <param name="next">How long until one can be fetched that cannot be now.</param>
    public void Saw(Task notice, long began, bool more, TimeSpan next)
    {
        lock (_gate)
        {
            _more = more;
            _emptySince = more ? null : notice;
            _seenAt = began;
            _nextAt = time.GetTimestamp() + (long)(next.TotalSeconds * time.TimestampFrequency);
        }
    }

    /// <summary>The desks of a node. Bounded by who is at them.</summary>
    internal sealed class Hall(TimeProvider time)
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<(string, string), JobDesk> _desks = [];

        /// <summary>Comes to a desk until disposed of.</summary>
        public IDisposable Enter(string tenantId, string type, out JobDesk desk)
        {
            lock (_gate)
            {
                if (!_desks.TryGetValue((tenantId, type), out desk!))
                    _desks.Add((tenantId, type), desk = new JobDesk(time));
                desk.Visitors++;
                var mine = desk;
                return new Leaving(() => Leave((tenantId, type), mine));
            }
        }

        private void Leave((string, string) key, JobDesk desk)
        {
            lock (_gate)
            {
                if (--desk.Visitors > 0)
                    return;
                _desks.Remove(key);
                desk._one.Dispose();
            }
        }
    }

    private sealed class Leaving(Action leave) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                leave();
        }
    }
}
