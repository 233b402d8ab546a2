using System.Globalization;
using System.Text.Json;

namespace Countersign.Domain.Trail;

internal static class LeafRecordReader
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public static bool TryRead(ReadOnlySpan<byte> bytes, out LeafRecord? record, out string? problem)
    {
        record = null;
        if (bytes.Length > LeafRecord.MaximumLength)
        {
            problem = $"the record has {bytes.Length} bytes, more than {LeafRecord.MaximumLength}";
            return false;
        }
        try
        {
            record = Read(bytes, out problem);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            problem = $"the record is not what the format says: {e.Message}";
            return false;
        }
        if (record is not null && !record.ToBytes().AsSpan().SequenceEqual(bytes))
        {
            record = null;
            problem = "the record is not in its canonical spelling";
        }
        return record is not null;
    }

    private static LeafRecord? Read(ReadOnlySpan<byte> bytes, out string? problem)
    {
        var fields = new Fields();
        var reader = new Utf8JsonReader(bytes);
        problem = "the record is not a JSON object";
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!fields.Take(ref reader))
            {
                problem = "the record has a member that the format does not know";
                return null;
            }
        }
        problem = null;
        if (fields.Format != LeafRecord.Format)
            problem = $"the record has format {fields.Format}; this version reads format {LeafRecord.Format}";
        return problem is null ? fields.ToRecord(out problem) : null;
    }

    private struct Fields
    {
        private string? _actor, _causation, _correlation, _data, _eventId, _headers, _kind, _note, _stream, _tenant, _time, _type;
        private long _sequence, _version;
        private bool _late;

        public long Format { get; private set; }

        public bool Take(ref Utf8JsonReader reader)
        {
            if (reader.ValueTextEquals("actor"u8)) _actor = Text(ref reader);
            else if (reader.ValueTextEquals("causation"u8)) _causation = Text(ref reader);
            else if (reader.ValueTextEquals("correlation"u8)) _correlation = Text(ref reader);
            else if (reader.ValueTextEquals("data"u8)) _data = Text(ref reader);
            else if (reader.ValueTextEquals("event"u8)) _eventId = Text(ref reader);
            else if (reader.ValueTextEquals("format"u8)) Format = Number(ref reader);
            else if (reader.ValueTextEquals("headers"u8)) _headers = Text(ref reader);
            else if (reader.ValueTextEquals("kind"u8)) _kind = Text(ref reader);
            else if (reader.ValueTextEquals("late"u8)) _late = reader.Read() && reader.GetBoolean();
            else if (reader.ValueTextEquals("note"u8)) _note = Text(ref reader);
            else if (reader.ValueTextEquals("schema"u8)) _ = Number(ref reader);
            else if (reader.ValueTextEquals("sequence"u8)) _sequence = Number(ref reader);
            else if (reader.ValueTextEquals("stream"u8)) _stream = Text(ref reader);
            else if (reader.ValueTextEquals("tenant"u8)) _tenant = Text(ref reader);
            else if (reader.ValueTextEquals("time"u8)) _time = Text(ref reader);
            else if (reader.ValueTextEquals("type"u8)) _type = Text(ref reader);
            else if (reader.ValueTextEquals("version"u8)) _version = Number(ref reader);
            else return false;
            return true;
        }

        public readonly LeafRecord? ToRecord(out string? problem)
        {
            problem = null;
            if (_kind == "statement" && _tenant is not null && _note is not null)
                return new StatementLeaf(_tenant, _note);
            if (_kind == "event" && _tenant is not null && _stream is not null && _type is not null && _eventId is not null
                && TryHash(_data, out var data) && (_headers is null | TryHash(_headers, out var headers))
                && DateTime.TryParseExact(_time, TimeFormat, CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            {
                return new EventLeaf(_tenant, _stream, _version, _sequence, _eventId, _type, new DateTimeOffset(time, TimeSpan.Zero), data)
                {
                    Actor = _actor,
                    Causation = _causation,
                    Correlation = _correlation,
                    HeadersHash = _headers is null ? null : headers,
                    Late = _late,
                };
            }
            problem = "the record lacks a member or has one of the wrong form";
            return null;
        }

        private static bool TryHash(string? hex, out TreeHash hash)
        {
            hash = default;
            Span<byte> bytes = stackalloc byte[TreeHash.Size];
            if (hex is not { Length: 2 * TreeHash.Size } || Convert.FromHexString(hex, bytes, out _, out var written) != System.Buffers.OperationStatus.Done
                || written != TreeHash.Size)
                return false;
            hash = new TreeHash(bytes);
            return true;
        }

        private static string? Text(ref Utf8JsonReader reader)
        {
            reader.Read();
            return reader.GetString();
        }

        private static long Number(ref Utf8JsonReader reader)
        {
            reader.Read();
            return reader.GetInt64();
        }
    }
}
