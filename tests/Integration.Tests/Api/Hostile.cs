using System.Text;
using System.Text.Json.Nodes;

namespace Countersign.Integration.Tests.Api;

/// <summary>Draws requests that nobody sensible sends; the same seed draws the same ones.</summary>
internal sealed class Hostile(int seed)
{
    private static readonly string[] Texts =
    [
        "", " ", "null", "undefined", "true", "0", "-1", "1e9", "99999999999999999999", "NaN", "../../etc/passwd", "..%2f..%2f", "%2e%2e%2f", "'", "\"", "' or 1=1--", "'; drop table invoices--",
        "data->>'x'", "%", "_", "%25", "(a+)+$", "{{7*7}}", "${jndi:ldap://x}", "=cmd()", "<script>alert(1)</script>", "\u202Eabc", "\u200B", "\uFEFF", "é", "e\u0301", "👩‍👩‍👧‍👦",
        "\u0001", "\r\nX-Injected: 1", "a\tb", "0000-00-00T00:00:00Z", "9999-12-31T23:59:60Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00+99:99", "10000-01-01T00:00:00Z", "2026-01-01T00:00:00Z",
        "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "invoice", "approval", "*", "\\", "/", "//", "?", "#", "&limit=1", "a/b", ":", ".", "..", "con", "\u0130", "ß", "2147483648", "-2147483649",
        "9223372036854775807", "9223372036854775808", "0x10", "١٢٣", "1,000", "1.0", "urn:x", "http://169.254.169.254/", "https://localhost/", "acmefinance", "globexoffice", "system", "admin",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "0", "-0", "1", "-1", "1.5", "1e400", "1e-400", "12345678901234567890123456789012345678901", "2147483648", "9223372036854775808", "\"\"", "\"x\"", "\"\\u0000\"", "\"\\ud800\"", "[]", "{}",
        "[[]]", "[null]", "[1,\"a\",{}]", "{\"a\":{\"b\":[]}}", "{\"\":0}", "{\"__proto__\":1}", "{\"$ref\":\"#\"}", "{\"$type\":\"System.Object\"}", "\"2026-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00+14:00\"",
    ];

    private readonly Random random = new(seed);

    /// <summary>One request to an operation: at least one part of it is not what was asked for.</summary>
    public HttpRequestMessage Request(Operation operation, IReadOnlyList<string> ids)
    {
        var path = operation.Path;
        foreach (var name in operation.InPath)
            path = path.Replace($"{{{name}}}", random.Next(3) == 0 ? Escape(Text()) : Id(operation, name, ids), StringComparison.Ordinal);
        var query = new StringBuilder();
        foreach (var name in operation.Query.Concat(["limit", "cursor", "x"]).Where(_ => random.Next(3) == 0))
            query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Escape(Text()));
        var request = operation.Request(path, query.ToString());
        if (random.Next(8) == 0)
            Header(request);
        if (operation.TakesJson && random.Next(10) > 0)
            request.Content = Operation.Body(Body(operation.Example), "application/json");
        else if (operation.BodyTypes.Length > 0)
            request.Content = Operation.Body(Bytes(random.Next(2_000)), operation.BodyTypes[random.Next(operation.BodyTypes.Length)]);
        return request;
    }

    private string Id(Operation operation, string name, IReadOnlyList<string> ids) => name switch
    {
        "version" or "index" => random.Next(4).ToString(System.Globalization.CultureInfo.InvariantCulture),
        // What is really there is only read: other tests live from it.
        _ => operation.Method == "GET" && ids.Count > 0 && random.Next(2) == 0 ? ids[random.Next(ids.Count)] : name is "key" or "name" ? "fuzzed" : Guid.CreateVersion7().ToString(),
    };

    private byte[] Body(string example)
    {
        var text = example;
        for (var i = random.Next(1, 4); i > 0; i--)
            text = Changed(text);
        var bytes = Encoding.UTF8.GetBytes(text);
        return random.Next(12) switch
        {
            0 => bytes[..random.Next(bytes.Length + 1)],
            1 when bytes.Length > 0 => Flipped(bytes),
            2 => Bytes(random.Next(200)),
            _ => bytes,
        };
    }

    private string Changed(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject { Count: > 0 } node ? Changed(text, node) : text;
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
            // Broken by the change before, or with a name twice, or half a surrogate pair: that is how it is sent.
            return text;
        }
    }

    private string Changed(string text, JsonObject node)
    {
        var (name, value) = node.ElementAt(random.Next(node.Count));
        var rest = new JsonObject(node.Where(p => p.Key != name).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))).ToJsonString()[1..^1];
        var comma = rest.Length == 0 ? "" : ",";
        return random.Next(9) switch
        {
            0 => $"{{{rest}}}",
            1 => $"{{\"{name}\":{Values[random.Next(Values.Length)]}{comma}{rest}}}",
            2 => $"{{\"{name}\":{JsonValue.Create(Text()).ToJsonString()}{comma}{rest}}}",
            3 => $"{{\"{name}\":\"{new string('a', random.Next(1, 70_000))}\"{comma}{rest}}}",
            4 => $"{{\"{name}\":{new string('[', random.Next(1, 100))}{comma}{rest}}}",
            5 => $"{{\"{name}\":1,\"{name}\":2{comma}{rest}}}",
            6 => $"{{{JsonValue.Create(Text()).ToJsonString()}:1{comma}{rest}}}",
            7 when value is JsonArray => $"{{\"{name}\":[{string.Join(',', Enumerable.Repeat(Values[random.Next(Values.Length)], random.Next(1, 300)))}]{comma}{rest}}}",
            7 when value is JsonObject => $"{{\"{name}\":{{{JsonValue.Create(Text()).ToJsonString()}:{Values[random.Next(Values.Length)]}}}{comma}{rest}}}",
            _ => text.Replace(":", random.Next(2) == 0 ? ": " : "", StringComparison.Ordinal),
        };
    }

    private void Header(HttpRequestMessage request)
    {
        var (name, value) = random.Next(6) switch
        {
            0 => ("Idempotency-Key", Text()),
            1 => ("If-Match", random.Next(2) == 0 ? "W/\"1\"" : Text()),
            2 => ("Accept", Text()),
            3 => ("traceparent", "00-" + Text() + "-00f067aa0ba902b7-01"),
            4 => ("X-Tenant", "globexoffice"),
            _ => ("Accept-Language", Text()),
        };
        request.Headers.Remove(name);
        // A header line cannot hold these at all; the client would refuse to send it.
        request.Headers.TryAddWithoutValidation(name, new string([.. value.Where(c => c is >= ' ' and < '\x7f')]));
    }

    private string Text() => random.Next(10) == 0 ? new string((char)random.Next('!', 0x2000), random.Next(1, random.Next(20) == 0 ? 3_000 : 300)) : Texts[random.Next(Texts.Length)];

    private byte[] Flipped(byte[] bytes)
    {
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    // Half a surrogate pair and control characters cannot be escaped into an address as text.
    private static string Escape(string text) => Uri.EscapeDataString(new string([.. text.Where(c => c is not '\0')]));
}
