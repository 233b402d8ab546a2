using System.Collections.Concurrent;
using System.Collections.Immutable;
using Countersign.Projections.ReferenceTables;
using Countersign.Projections.Store;
using Marten;

namespace Countersign.Workers.ReferenceTables;

/// <summary>
/// Reference tables as steps look things up in them: whole, by version, in memory. A version never changes, so what is loaded once is kept; which
/// version is the newest is asked each time. Bounded by rows over all tenants: the table used longest ago is thrown away.
/// </summary>
public sealed class ReferenceTableLookup(IReaderStore store)
{
    private const int MostRows = 500_000;
    private readonly ConcurrentDictionary<(string TenantId, string Name), Kept> tables = new();
    private long clock;

    /// <summary>The newest version of a table, or null when the tenant has none of this name.</summary>
    public async Task<ReferenceTable?> Newest(string tenantId, string name, CancellationToken cancellation)
    {
        await using var session = store.QuerySession(tenantId);
        if (await session.LoadAsync<ReferenceTableRecord>(name, cancellation) is not { } record)
            return null;
        var used = Interlocked.Increment(ref clock);
        if (tables.TryGetValue((tenantId, name), out var kept) && kept.Table.Hash == record.Hash && kept.Table.Version == record.Version)
        {
            kept.Used = used;
            return kept.Table;
        }

        var rows = await session.Query<ReferenceRow>().Where(r => r.Table == name && r.Version == record.Version).OrderBy(r => r.Position).ToListAsync(cancellation);
        // Published again while we read: the rows of the version we saw are gone, so look at the newer one.
        if (rows.Count != record.RowCount)
            return await Newest(tenantId, name, cancellation);
        var table = new ReferenceTable(name, record.Version, record.Hash, record.Columns, [.. rows.Select(r => r.Cells)]);
        tables[(tenantId, name)] = new Kept(table) { Used = used };
        Trim();
        return table;
    }

    private void Trim()
    {
        while (tables.Count > 1 && tables.Values.Sum(t => (long)t.Table.Count) > MostRows)
            tables.TryRemove(tables.MinBy(t => t.Value.Used).Key, out _);
    }

    private sealed class Kept(ReferenceTable table)
    {
        public ReferenceTable Table { get; } = table;

        public long Used { get; set; }
    }
}

/// <summary>One version of a reference table. Immutable and thread-safe; an index is made for each column that is asked for.</summary>
public sealed class ReferenceTable(string name, int version, string hash, ImmutableArray<string> columns, ImmutableArray<ImmutableArray<string?>> rows)
{
    private readonly ConcurrentDictionary<string, ILookup<string, int>> indexes = new(StringComparer.Ordinal);

    /// <summary>Table name.</summary>
    public string Name { get; } = name;

    /// <summary>Version number.</summary>
    public int Version { get; } = version;

    /// <summary>SHA-256 over the content, lower-case hex.</summary>
    public string Hash { get; } = hash;

    /// <summary>Number of rows.</summary>
    public int Count => rows.Length;

    /// <summary>Rows whose cell in a column equals the text, blanks and case aside, in published order; none when there is no such column.</summary>
    public IEnumerable<IReadOnlyDictionary<string, string?>> Find(string column, string text)
    {
        var index = columns.IndexOf(column);
        if (index < 0)
            return [];
        return indexes.GetOrAdd(column, _ => Enumerable.Range(0, rows.Length).Where(r => rows[r][index] is not null).ToLookup(r => Fold(rows[r][index]!), StringComparer.Ordinal))[Fold(text)]
            .Select(Row);
    }

    private static string Fold(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c))).ToUpperInvariant();

    private Dictionary<string, string?> Row(int number) =>
        columns.Select((column, i) => (column, rows[number][i])).ToDictionary(c => c.column, c => c.Item2, StringComparer.Ordinal);
}
