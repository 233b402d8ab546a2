using System.Buffers.Binary;
using System.Text;
using Countersign.Domain;

namespace Countersign.Workers.Documents;

/// <summary>Reads the table of contents of a ZIP archive without unpacking anything, and says what is unsafe about it.</summary>
internal static class ZipInspector
{
    private const int MaxEntries = 1_000;
    private const long MaxTotal = 100_000_000;
    private const int MaxRatio = 100;
    private const int EndRecordLength = 22;
    private const int EntryLength = 46;
    private const int LocalHeaderLength = 30;

    private static readonly string[] DeviceNames = ["CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "LPT1", "LPT2", "LPT3"];
    private static readonly string[] Nested = [".zip", ".7z", ".rar", ".gz", ".tar", ".jar", ".bz2", ".xz"];

    /// <summary>A refusal, or null when the table of contents is in order.</summary>
    public static Refusal? Inspect(ReadOnlySpan<byte> content)
    {
        var end = content.LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || end + EndRecordLength > content.Length)
            return DocumentRefusals.Damaged("ZIP");
        var count = BinaryPrimitives.ReadUInt16LittleEndian(content[(end + 10)..]);
        var start = BinaryPrimitives.ReadUInt32LittleEndian(content[(end + 16)..]);
        if (count == ushort.MaxValue || start == uint.MaxValue)
            return DocumentRefusals.UnsafeArchive("it uses the ZIP64 form");
        if (count > MaxEntries)
            return DocumentRefusals.Bomb;
        return Walk(content, (int)Math.Min(start, (uint)content.Length), count);
    }

    private static Refusal? Walk(ReadOnlySpan<byte> content, int at, int count)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var spans = new List<(long From, long To)>();
        long total = 0;
        for (var i = 0; i < count; i++)
        {
            if (at < 0 || at + EntryLength > content.Length || !content[at..].StartsWith("PK\u0001\u0002"u8))
                return DocumentRefusals.Damaged("ZIP");
            var entry = content[at..];
            var flags = BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]);
            long packed = BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]), size = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]);
            int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]), extra = BinaryPrimitives.ReadUInt16LittleEndian(entry[30..]), comment = BinaryPrimitives.ReadUInt16LittleEndian(entry[32..]);
            if (EntryLength + nameLength + extra + comment > entry.Length)
                return DocumentRefusals.Damaged("ZIP");
            var name = Encoding.UTF8.GetString(entry.Slice(EntryLength, nameLength));
            if (packed == uint.MaxValue || size == uint.MaxValue)
                return DocumentRefusals.UnsafeArchive("it uses the ZIP64 form");
            total += size;
            if (total > MaxTotal || size > Math.Max(1, packed) * MaxRatio)
                return DocumentRefusals.Bomb;
            var mode = BinaryPrimitives.ReadUInt32LittleEndian(entry[38..]) >> 16;
            if (Unsafe(name, flags, mode, names) is { } reason)
                return DocumentRefusals.UnsafeArchive(reason);
            long offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]);
            spans.Add((offset, offset + LocalHeaderLength + nameLength + packed));
            at += EntryLength + nameLength + extra + comment;
        }

        spans.Sort();
        for (var i = 1; i < spans.Count; i++)
        {
            if (spans[i].From < spans[i - 1].To)
                return DocumentRefusals.Bomb;
        }

        return null;
    }

    private static string? Unsafe(string name, int flags, uint mode, HashSet<string> names)
    {
        if ((flags & 1) != 0)
            return "it is encrypted";
        if (name.Contains('\0') || name.StartsWith('/') || name.Contains('\\') || name.Contains(':') || name.Split('/').Contains("..", StringComparer.Ordinal))
            return "an entry points outside the archive";
        if ((mode & 0xF000) == 0xA000)
            return "an entry is a link";
        if (!names.Add(name))
            return "two entries have the same name";
        var file = name.Split('/')[^1];
        if (DeviceNames.Contains(file.Split('.')[0], StringComparer.OrdinalIgnoreCase))
            return "an entry has the name of a device";
        return Nested.Any(extension => file.EndsWith(extension, StringComparison.OrdinalIgnoreCase)) ? "it holds another archive" : null;
    }
}
