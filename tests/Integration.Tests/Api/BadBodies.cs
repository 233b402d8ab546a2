using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Countersign.Integration.Tests.Api;

/// <summary>Bodies that every JSON route refuses, made from the route's own example.</summary>
internal static class BadBodies
{
    private static readonly UTF8Encoding Utf8 = new(false);

    /// <summary>What is wrong, the bytes, and the status they get.</summary>
    public static IEnumerable<(string Name, byte[] Bytes, int Status)> Of(string example)
    {
        var inner = example[1..];
        var (name, value) = First(example);
        yield return ("empty", [], 400);
        yield return ("blank", " \n"u8.ToArray(), 400);
        yield return ("no JSON", "reason=x"u8.ToArray(), 400);
        yield return ("XML", "<a/>"u8.ToArray(), 400);
        yield return ("cut", Utf8.GetBytes(example[..^1]), 400);
        yield return ("cut in the middle", Utf8.GetBytes(example[..(example.Length / 2)]), 400);
        yield return ("more after the end", Utf8.GetBytes(example + "{}"), 400);
        yield return ("a comma too many", Utf8.GetBytes(example[..^1] + ",}"), 400);
        yield return ("a comment", Utf8.GetBytes("/* x */" + example), 400);
        yield return ("single quotes", Utf8.GetBytes(example.Replace('"', '\'')), 400);
        yield return ("null", "null"u8.ToArray(), 400);
        yield return ("a text", "\"x\""u8.ToArray(), 400);
        yield return ("a number", "1"u8.ToArray(), 400);
        yield return ("a list", Utf8.GetBytes($"[{example}]"), 400);
        yield return ("a duplicate member", Utf8.GetBytes($"{{\"{name}\":{value},{inner}"), 400);
        yield return ("an unknown member", Utf8.GetBytes($"{{\"isApproved\":true,{inner}"), 400);
        yield return ("a prototype", Utf8.GetBytes($"{{\"__proto__\":{{}},{inner}"), 400);
        yield return ("another case", Utf8.GetBytes(example.Replace($"\"{name}\"", $"\"{char.ToUpperInvariant(name[0])}{name[1..]}\"", StringComparison.Ordinal)), 400);
        yield return ("65 deep", With(example, name, Deep(65)), 400);
        yield return ("1,000 deep", With(example, name, Deep(1_000)), 400);
        yield return ("10,000 opened", Utf8.GetBytes(new string('[', 10_000)), 400);
        foreach (var number in (string[])["NaN", "Infinity", "-Infinity", "1e400", "-0", "01", "+1", ".5", "1.", "0x10", new string('9', 400), "1e", "--1"])
            yield return ($"the number {number[..Math.Min(9, number.Length)]}", With(example, name, number), 400);
        yield return ("half a surrogate pair", With(example, name, "\"\\ud800\""), 400);
        yield return ("the other half", With(example, name, "\"\\udc00x\""), 400);
        yield return ("half a pair as a name", Utf8.GetBytes($"{{\"\\ud800\":1,{inner}"), 400);
        yield return ("NUL", With(example, name, "\"a\\u0000b\""), 400);
        yield return ("a raw control character", With(example, name, "\"a\u0001b\""), 400);
        yield return ("invalid UTF-8", [.. Utf8.GetBytes($"{{\"{name}\":\""), 0xC3, 0x28, 0xFF, .. "\"}"u8], 400);
        yield return ("an overlong slash", [.. Utf8.GetBytes($"{{\"{name}\":\""), 0xC0, 0xAF, .. "\"}"u8], 400);
        yield return ("a byte order mark", [0xEF, 0xBB, 0xBF, .. Utf8.GetBytes(example)], 400);
        yield return ("UTF-16", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(example)], 400);
        yield return ("UTF-16 without a mark", Encoding.BigEndianUnicode.GetBytes(example), 400);
        yield return ("UTF-32", Encoding.UTF32.GetBytes(example), 400);
        yield return ("zipped without saying so", Zip(Utf8.GetBytes(example)), 400);
    }

    /// <summary>The example with one member at a time null, of another type, or left out; the status is 400 where the contract says so.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> WrongMembers(string example, IReadOnlyCollection<string> required)
    {
        foreach (var (name, value) in JsonNode.Parse(example)!.AsObject().ToArray())
        {
            foreach (var other in Others(value))
                yield return ($"{name} as {other}", With(example, name, other));
            if (!required.Contains(name))
                continue;
            yield return ($"{name} null", With(example, name, "null"));
            yield return ($"no {name}", With(example, name, null));
        }
    }

    /// <summary>A small body that would be very large: ten million zeros.</summary>
    public static byte[] Bomb() => Zip(new byte[10_000_000]);

    private static byte[] Zip(byte[] bytes)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.SmallestSize))
            gzip.Write(bytes);
        return zipped.ToArray();
    }

    private static string Deep(int levels) => new string('[', levels) + new string(']', levels);

    private static (string Name, string Value) First(string example)
    {
        var (name, value) = JsonNode.Parse(example)!.AsObject().First();
        return (name, value?.ToJsonString() ?? "null");
    }

    // The example with one member in a form no writer would make, or without it.
    private static byte[] With(string example, string name, string? value)
    {
        var rest = Around(example, name);
        return Utf8.GetBytes(value is null ? $"{{{rest}}}" : $"{{\"{name}\":{value}{(rest.Length == 0 ? "" : ",")}{rest}}}");
    }

    private static string Around(string example, string name)
    {
        var node = JsonNode.Parse(example)!.AsObject();
        node.Remove(name);
        return node.ToJsonString()[1..^1];
    }

    private static string[] Others(JsonNode? value) => value?.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.String => ["1", "true", "{}", "[\"x\"]"],
        System.Text.Json.JsonValueKind.Number => ["\"1\"", "1.5", "true", "{}", "[1]", "99999999999999999999"],
        System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => ["\"true\"", "1", "{}"],
        System.Text.Json.JsonValueKind.Array => ["\"x\"", "{}", "1", "[null]", "[[[[]]]]"],
        System.Text.Json.JsonValueKind.Object => ["\"x\"", "[]", "1"],
        _ => [],
    };
}
