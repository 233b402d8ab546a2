using System.Runtime.InteropServices;
using Npgsql;

namespace Countersign.Workers.Trail;

/// <summary>
/// Tells whether sequence numbers that are not there may still come. A transaction that took a number holds a lock on the event tables until it ends, so a number is
/// lost for good once every transaction that held such a lock after the number was missed has ended, and a later look still misses it.
/// </summary>
internal sealed class SequenceGaps(NpgsqlDataSource source, TimeProvider clock, TimeSpan patience)
{
    private const string Holders =
        """
        select distinct l.virtualtransaction from pg_locks l
        where l.locktype = 'relation' and l.granted and l.mode in ('RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock')
          and l.database = (select oid from pg_database where datname = current_database())
          and l.relation in (select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
                             where n.nspname = 'cs' and c.relname in ('mt_events', 'mt_streams'))
        """;

    private readonly Dictionary<long, Pending> _pending = [];

    /// <summary>Numbers that were given up though a transaction that may bring them still runs.</summary>
    public List<(long First, long Last)> GivenUp { get; } = [];

    /// <summary>Whether a second look can settle something at once: numbers are missing and no transaction can bring them.</summary>
    public bool CanSettle => _pending.Values.Any(g => g.Blockers.Count == 0);

    /// <summary>Whether numbers are missing.</summary>
    public bool Waits => _pending.Count > 0;

    /// <summary>Before a look at the events: finds out which transactions are over.</summary>
    public async Task Refresh(CancellationToken cancel)
    {
        if (_pending.Count == 0)
            return;
        var holders = await Ask(cancel);
        foreach (var gap in _pending.Values)
            gap.Blockers.IntersectWith(holders);
    }

    /// <summary>After the look: whether the missing numbers are lost for good. Unknown gaps are remembered.</summary>
    public async Task<bool> IsLost(long first, long last, CancellationToken cancel)
    {
        if (_pending.TryGetValue(first, out var gap) && gap.Last >= last)
        {
            if (gap.Blockers.Count > 0 && clock.GetElapsedTime(gap.Since) < patience)
                return false;
            if (gap.Blockers.Count > 0)
                GivenUp.Add((first, last));
            return true;
        }
        // A gap that shrank from its start is still waited for under its old blockers or fewer; asking anew only waits a little longer.
        _pending[first] = new Pending(last, await Ask(cancel), clock.GetTimestamp());
        return false;
    }

    /// <summary>Forgets what lies at or below a number.</summary>
    public void Passed(long mark)
    {
        foreach (var first in _pending.Keys.Where(k => k <= mark).ToList())
            _pending.Remove(first);
    }

    private async Task<HashSet<string>> Ask(CancellationToken cancel)
    {
        await using var command = source.CreateCommand(Holders);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var holders = new HashSet<string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancel))
            holders.Add(rows.GetString(0));
        return holders;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Pending(long Last, HashSet<string> Blockers, long Since);
}
