using System.Collections.Concurrent;

namespace Countersign.Workers.Jobs;

/// <summary>Places for workers that wait for jobs, counted for each tenant in this node: a tenant that lets thousands wait takes nothing from others.</summary>
/// <param name="most">Places of one tenant.</param>
public sealed class WaitingRoom(int most = WaitingRoom.UsualPlaces)
{
    /// <summary>Places of one tenant in one node.</summary>
    public const int UsualPlaces = 100;

    private readonly ConcurrentDictionary<string, int> _waiting = new(StringComparer.Ordinal);

    /// <summary>How many of a tenant wait now.</summary>
    public int Waiting(string tenantId) => _waiting.GetValueOrDefault(tenantId);

    /// <summary>Takes a place until disposed of; null when all are taken.</summary>
    public IDisposable? TryEnter(string tenantId)
    {
        while (true)
        {
            var there = _waiting.GetValueOrDefault(tenantId);
            if (there >= most)
                return null;
            if (there == 0 ? _waiting.TryAdd(tenantId, 1) : _waiting.TryUpdate(tenantId, there + 1, there))
                return new Place(this, tenantId);
        }
    }

    private void Leave(string tenantId)
    {
        while (true)
        {
            var there = _waiting.GetValueOrDefault(tenantId);
            if (there == 1 ? _waiting.TryRemove(new KeyValuePair<string, int>(tenantId, 1)) : _waiting.TryUpdate(tenantId, there - 1, there))
                return;
        }
    }

    private sealed class Place(WaitingRoom room, string tenantId) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                room.Leave(tenantId);
        }
    }
}
