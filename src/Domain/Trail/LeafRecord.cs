using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Countersign.Domain.Trail;

/// <summary>The small record that lies behind a leaf of a tenant's log: of an event, or a statement of the log itself.</summary>
/// <remarks>The bytes of the record are what is hashed. They are canonical JSON: one record has one spelling.</remarks>
/// <param name="Tenant">The tenant whose log this is.</param>
public abstract record LeafRecord(string Tenant)
{
    /// <summary>Number of the record's format: 1.</summary>
    public const int Format = 1;

    /// <summary>Bytes that a record may have at most: what a tlog-tiles entry bundle can hold.</summary>
    public const int MaximumLength = 65_535;

    /// <summary>The bytes that are hashed.</summary>
    public abstract byte[] ToBytes();

    /// <summary>The hash of the leaf.</summary>
    public TreeHash Hash() => TreeHash.OfLeaf(ToBytes());

    /// <summary>Reads a record; anything but its one canonical spelling is refused.</summary>
    /// <param name="bytes">The bytes of the entry.</param>
    /// <param name="record">The record, or null.</param>
    /// <param name="problem">What is wrong, in words, or null.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out LeafRecord? record, out string? problem) =>
        LeafRecordReader.TryRead(bytes, out record, out problem);
}

/// <summary>The record of an event: every column of the event table but those that the format page lists.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Stream">Id of the event's stream.</param>
/// <param name="Version">Position in the stream, from 1 without gaps.</param>
/// <param name="Sequence">Number from the store's sequence; unique, neither dense nor rising along the log.</param>
/// <param name="EventId">Id of the event, a lower-case UUID.</param>
/// <param name="Type">The event's stored alias, such as <c>instance.started</c>.</param>
/// <param name="Time">Time of the database server when the event was stored, to the microsecond, UTC.</param>
/// <param name="DataHash">SHA-256 of the canonical form of the event's data.</param>
public sealed record EventLeaf(
    string Tenant, string Stream, long Version, long Sequence, string EventId, string Type, DateTimeOffset Time, TreeHash DataHash)
    : LeafRecord(Tenant)
{
    /// <summary>Member or key that acted; null for the system.</summary>
    public string? Actor { get; init; }

    /// <summary>Correlation id, or null.</summary>
    public string? Correlation { get; init; }

    /// <summary>Id of what caused the event, or null.</summary>
    public string? Causation { get; init; }

    /// <summary>SHA-256 of the canonical form of the headers (trace context and others), or null when there are none.</summary>
    public TreeHash? HeadersHash { get; init; }

    /// <summary>Whether the event became visible only after the log had passed its sequence number.</summary>
    public bool Late { get; init; }

    /// <summary>Version of the event's shape: n of an alias that ends in <c>_vn</c>, else 1.</summary>
    public int SchemaVersion => SchemaOf(Type);

    /// <inheritdoc/>
    public override byte[] ToBytes()
    {
        var text = new JsonLine();
        text.Member("actor", Actor).Member("causation", Causation).Member("correlation", Correlation)
            .Member("data", Hex(DataHash)).Member("event", EventId).Member("format", Format)
            .Member("headers", HeadersHash is { } headers ? Hex(headers) : null).Member("kind", "event").Member("late", Late)
            .Member("schema", SchemaVersion).Member("sequence", Sequence).Member("stream", Stream).Member("tenant", Tenant)
            .Member("time", TimeText(Time)).Member("type", Type).Member("version", Version);
        return text.ToBytes();
    }

    internal static string TimeText(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    internal static string Hex(TreeHash hash) => Convert.ToHexStringLower(hash.ToArray());

    private static int SchemaOf(string alias)
    {
        var mark = alias.LastIndexOf("_v", StringComparison.Ordinal);
        return mark >= 0 && int.TryParse(alias.AsSpan(mark + 2), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : 1;
    }
}

/// <summary>The record of something that the log itself says: that a restore opened a new epoch, or that a key took over.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Note">A signed note whose text is the statement.</param>
public sealed record StatementLeaf(string Tenant, string Note) : LeafRecord(Tenant)
{
    /// <inheritdoc/>
    public override byte[] ToBytes() =>
        new JsonLine().Member("format", Format).Member("kind", "statement").Member("note", Note).Member("tenant", Tenant).ToBytes();
}

/// <summary>Writes one flat JSON object whose members are given in canonical order.</summary>
internal sealed class JsonLine
{
    private readonly StringBuilder _text = new("{");

    public JsonLine Member(string name, string? value)
    {
        Name(name);
        if (value is null)
        {
            _text.Append("null");
            return this;
        }
        _text.Append('"');
        foreach (var c in value)
            Append(c);
        _text.Append('"');
        return this;
    }

    public JsonLine Member(string name, long value)
    {
        Name(name);
        _text.Append(CultureInfo.InvariantCulture, $"{value}");
        return this;
    }

    public JsonLine Member(string name, bool value)
    {
        Name(name);
        _text.Append(value ? "true" : "false");
        return this;
    }

    public override string ToString() => _text.ToString() + "}";

    public byte[] ToBytes() => new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(ToString());

    private void Append(char c) => _ = c switch
    {
        '"' => _text.Append("\\\""),
        '\\' => _text.Append("\\\\"),
        '\b' => _text.Append("\\b"),
        '\t' => _text.Append("\\t"),
        '\n' => _text.Append("\\n"),
        '\f' => _text.Append("\\f"),
        '\r' => _text.Append("\\r"),
        < ' ' => _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
        _ => _text.Append(c),
    };

    private void Name(string name)
    {
        if (_text.Length > 1)
            _text.Append(',');
        _text.Append('"').Append(name).Append("\":");
    }
}
