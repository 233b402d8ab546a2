using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Countersign.Domain.Trail;

/// <summary>Reads a file of contents line by line, in step with the leaves.</summary>
internal sealed class ContentFile
{
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = CanonicalJson.MaximumDepth + 1 };

    private readonly LineReader _lines;
    private readonly CanonicalJson _canonical = new();

    private readonly bool _collect;

    /// <param name="stream">The file.</param>
    /// <param name="collect">Whether <see cref="Mentioned"/> is wanted.</param>
    public ContentFile(Stream stream, bool collect = false)
    {
        _collect = collect;
        _lines = new LineReader(stream, BundleFormat.MaximumEventLine);
        Advance();
    }

    /// <summary>Whether a line stands here that could be read.</summary>
    public bool HasLine { get; private set; }

    public int Epoch { get; private set; }

    public long Index { get; private set; }

    /// <summary>SHA-256 of the canonical data, or null when the contents are withheld.</summary>
    public TreeHash? DataHash { get; private set; }

    public TreeHash? HeadersHash { get; private set; }

    public string? Withheld { get; private set; }

    /// <summary>SHA-256 values in hexadecimal that the data mentions: what documents are referred to by.</summary>
    public HashSet<string> Mentioned { get; } = new(StringComparer.Ordinal);

    public long SealedFields { get; private set; }

    /// <summary>Why the present line cannot be read, or null.</summary>
    public string? Problem { get; private set; }

    public bool IsAt(int epoch, long index) => HasLine && Epoch == epoch && Index == index;

    public void Advance()
    {
        (DataHash, HeadersHash, Withheld, Problem) = (null, null, null, null);
        HasLine = _lines.TryRead(out var line);
        if (!HasLine)
        {
            Problem = _lines.Problem;
            return;
        }
        try
        {
            Read(line);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            Problem = $"the line is not what the format says: {e.Message}";
        }
    }

    private void Read(ReadOnlySpan<byte> line)
    {
        (Epoch, Index) = (-1, -1);
        var reader = new Utf8JsonReader(line, Strict);
        Expect(ref reader, JsonTokenType.StartObject);
        Name(ref reader, "epoch"u8);
        Expect(ref reader, JsonTokenType.Number);
        Epoch = reader.GetInt32();
        Name(ref reader, "index"u8);
        Expect(ref reader, JsonTokenType.Number);
        Index = reader.GetInt64();
        Expect(ref reader, JsonTokenType.PropertyName);
        if (reader.ValueTextEquals("withheld"u8))
        {
            Expect(ref reader, JsonTokenType.String);
            Withheld = reader.GetString();
            if (Withheld is not ("sealed" or "erased"))
                throw new FormatException("the reason for withholding is unknown");
            Expect(ref reader, JsonTokenType.EndObject);
            return;
        }
        if (!reader.ValueTextEquals("data"u8))
            throw new FormatException("the member data is missing");
        reader.Read();
        DataHash = Hash(ref reader);
        Look();
        if (reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("headers"u8))
        {
            reader.Read();
            HeadersHash = Hash(ref reader);
            reader.Read();
        }
        if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
            throw new FormatException("there is more than contents in it");
    }

    private TreeHash Hash(ref Utf8JsonReader reader)
    {
        _canonical.WriteValue(ref reader);
        Span<byte> hash = stackalloc byte[TreeHash.Size];
        SHA256.HashData(_canonical.Written, hash);
        return new TreeHash(hash);
    }

    private void Look()
    {
        var text = _canonical.Written;
        SealedFields += text.Count(SealedMark);
        if (!_collect)
            return;
        for (var at = text.IndexOf((byte)'"'); at >= 0;)
        {
            text = text[(at + 1)..];
            at = text.IndexOf((byte)'"');
            if (at == 64 && IsHex(text[..64]))
                Mentioned.Add(Encoding.ASCII.GetString(text[..64]));
        }
    }

    /// <summary>The first member of every sealed field in canonical form.</summary>
    private static ReadOnlySpan<byte> SealedMark => "{\"$sealed\":"u8;

    private static bool IsHex(ReadOnlySpan<byte> text) => !text.ContainsAnyExcept("0123456789abcdef"u8);

    private static void Name(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        Expect(ref reader, JsonTokenType.PropertyName);
        if (!reader.ValueTextEquals(name))
            throw new FormatException($"the member {Encoding.UTF8.GetString(name)} is missing");
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (!reader.Read() || reader.TokenType != token)
            throw new FormatException($"a {token} is missing");
    }
}
