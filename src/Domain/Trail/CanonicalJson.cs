using System.Runtime.InteropServices;
using System.Text.Json;

namespace Countersign.Domain.Trail;

/// <summary>
/// The canonical form <c>countersign-c14n-1</c> of a JSON text: members sorted and strings escaped as in RFC 8785, no white
/// space, numbers kept exactly as they were written. It is made from the stored text, never from re-serialised objects.
/// </summary>
/// <remarks>
/// An instance keeps its buffers for the next text and is not safe for use by several threads at once.
/// </remarks>
public sealed class CanonicalJson
{
    /// <summary>Nesting that is accepted: 1,000 levels. A deeper text has no canonical form.</summary>
    public const int MaximumDepth = 1000;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = MaximumDepth };

    private byte[] _output = new byte[4096];
    private int _length;
    private byte[] _names = new byte[1024];
    private int _namesLength;
    private byte[] _scratch = new byte[1024];
    private Member[] _members = new Member[64];
    private int _memberCount;

    /// <summary>The canonical bytes of the last text that was written; valid until the next one.</summary>
    public ReadOnlySpan<byte> Written => _output.AsSpan(0, _length);

    /// <summary>Makes the canonical form of a whole JSON text in UTF-8.</summary>
    /// <param name="json">One JSON value; white space around it is allowed.</param>
    /// <returns>A copy of the canonical bytes.</returns>
    /// <exception cref="FormatException">The text is not JSON, holds a member twice, a lone surrogate or too many levels.</exception>
    public static byte[] Of(ReadOnlySpan<byte> json)
    {
        var canonical = new CanonicalJson();
        canonical.Write(json);
        return canonical.Written.ToArray();
    }

    /// <summary>Makes the canonical form of a whole JSON text; it is then in <see cref="Written"/>.</summary>
    /// <param name="json">One JSON value in UTF-8; white space around it is allowed.</param>
    /// <exception cref="FormatException">The text is not JSON, holds a member twice, a lone surrogate or too many levels.</exception>
    public void Write(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Strict);
        try
        {
            if (!reader.Read())
                throw new FormatException("There is no JSON value.");
            WriteValue(ref reader);
            if (reader.Read())
                throw new FormatException("There is something after the JSON value.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"This is not JSON that has a canonical form: {e.Message}", e);
        }
    }

    /// <summary>Makes the canonical form of the value on which the reader stands, and leaves the reader on its last token.</summary>
    /// <param name="reader">A reader standing on the first token of a value.</param>
    /// <exception cref="FormatException">The value holds a member twice.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    /// <exception cref="InvalidOperationException">A string holds a lone surrogate or bytes that are not UTF-8.</exception>
    public void WriteValue(ref Utf8JsonReader reader)
    {
        _length = 0;
        _namesLength = 0;
        _memberCount = 0;
        Value(ref reader);
    }

    private void Value(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                Object(ref reader);
                break;
            case JsonTokenType.StartArray:
                Array(ref reader);
                break;
            case JsonTokenType.String:
                String(ref reader);
                break;
            default:
                Raw(reader.ValueSpan);
                break;
        }
    }

    private void Array(ref Utf8JsonReader reader)
    {
        Raw((byte)'[');
        var first = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!first)
                Raw((byte)',');
            first = false;
            Value(ref reader);
        }
        Raw((byte)']');
    }

    private void Object(ref Utf8JsonReader reader)
    {
        Raw((byte)'{');
        var start = _length;
        var firstMember = _memberCount;
        var namesStart = _namesLength;
        var sorted = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (_memberCount > firstMember)
                Raw((byte)',');
            var member = new Member { Start = _length, NameStart = _namesLength };
            Name(ref reader);
            member.NameLength = _namesLength - member.NameStart;
            Raw((byte)':');
            if (!reader.Read())
                throw new FormatException("The JSON text ends in an object.");
            Value(ref reader);
            member.End = _length;
            if (sorted && _memberCount > firstMember)
                sorted = Compare(_members[_memberCount - 1], member) < 0;
            Add(member);
        }
        if (!sorted)
            Sort(start, firstMember);
        _memberCount = firstMember;
        _namesLength = namesStart;
        Raw((byte)'}');
    }

    private void Sort(int start, int firstMember)
    {
        var members = _members.AsSpan(firstMember, _memberCount - firstMember);
        members.Sort(Compare);
        for (var i = 1; i < members.Length; i++)
        {
            if (Compare(members[i - 1], members[i]) == 0)
                throw new FormatException("An object holds the same member twice, so it has no canonical form.");
        }
        var length = _length - start;
        if (_scratch.Length < length)
            _scratch = new byte[Math.Max(length, _scratch.Length * 2)];
        var at = 0;
        foreach (var member in members)
        {
            if (at > 0)
                _scratch[at++] = (byte)',';
            _output.AsSpan(member.Start, member.End - member.Start).CopyTo(_scratch.AsSpan(at));
            at += member.End - member.Start;
        }
        _scratch.AsSpan(0, length).CopyTo(_output.AsSpan(start));
    }

    /// <summary>
    /// Order of UTF-16 code units, as RFC 8785 §3.2.3 asks, on UTF-8 bytes: the two orders differ only where a character outside
    /// the basic plane (lead byte F0 and above, a surrogate pair in UTF-16) meets one in U+E000..U+FFFF (lead byte EE or EF).
    /// </summary>
    private int Compare(Member left, Member right)
    {
        var a = _names.AsSpan(left.NameStart, left.NameLength);
        var b = _names.AsSpan(right.NameStart, right.NameLength);
        var same = a.CommonPrefixLength(b);
        if (same == a.Length || same == b.Length)
            return a.Length.CompareTo(b.Length);
        byte x = a[same], y = b[same];
        return (x >= 0xF0, y >= 0xF0) switch
        {
            (true, false) when y >= 0xEE => -1,
            (false, true) when x >= 0xEE => 1,
            _ => x.CompareTo(y),
        };
    }

    private void Name(ref Utf8JsonReader reader)
    {
        var length = reader.ValueSpan.Length;
        if (_names.Length < _namesLength + length)
            System.Array.Resize(ref _names, Math.Max(_namesLength + length, _names.Length * 2));
        // The unescaped form is never longer than the escaped one.
        var written = reader.CopyString(_names.AsSpan(_namesLength));
        Quoted(_names.AsSpan(_namesLength, written));
        _namesLength += written;
    }

    private void String(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            // Without a backslash there is nothing that RFC 8785 writes with one: JSON forbids raw controls and quotes.
            Ensure(reader.ValueSpan.Length + 2);
            _output[_length++] = (byte)'"';
            reader.ValueSpan.CopyTo(_output.AsSpan(_length));
            _length += reader.ValueSpan.Length;
            _output[_length++] = (byte)'"';
            return;
        }
        if (_scratch.Length < reader.ValueSpan.Length)
            _scratch = new byte[Math.Max(reader.ValueSpan.Length, _scratch.Length * 2)];
        var written = reader.CopyString(_scratch);
        Quoted(_scratch.AsSpan(0, written));
    }

    private void Quoted(ReadOnlySpan<byte> text)
    {
        // The longest escape is six bytes for one.
        Ensure((text.Length * 6) + 2);
        var output = _output.AsSpan(_length);
        var at = 0;
        output[at++] = (byte)'"';
        foreach (var b in text)
        {
            if (b >= 0x20 && b != '"' && b != '\\')
                output[at++] = b;
            else
                at += Escape(b, output[at..]);
        }
        output[at++] = (byte)'"';
        _length += at;
    }

    private static int Escape(byte b, Span<byte> output)
    {
        ReadOnlySpan<byte> escape = b switch
        {
            (byte)'"' => "\\\""u8,
            (byte)'\\' => "\\\\"u8,
            (byte)'\b' => "\\b"u8,
            (byte)'\t' => "\\t"u8,
            (byte)'\n' => "\\n"u8,
            (byte)'\f' => "\\f"u8,
            (byte)'\r' => "\\r"u8,
            _ => default,
        };
        if (escape.IsEmpty)
        {
            "\\u00"u8.CopyTo(output);
            output[4] = (byte)"0123456789abcdef"[b >> 4];
            output[5] = (byte)"0123456789abcdef"[b & 15];
            return 6;
        }
        escape.CopyTo(output);
        return escape.Length;
    }

    private void Raw(byte b)
    {
        Ensure(1);
        _output[_length++] = b;
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        Ensure(bytes.Length);
        bytes.CopyTo(_output.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Ensure(int more)
    {
        if (_output.Length - _length < more)
            System.Array.Resize(ref _output, Math.Max(_length + more, _output.Length * 2));
    }

    private void Add(Member member)
    {
        if (_memberCount == _members.Length)
            System.Array.Resize(ref _members, _members.Length * 2);
        _members[_memberCount++] = member;
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Member
    {
        public int Start;
        public int End;
        public int NameStart;
        public int NameLength;
    }
}
