using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Domain.Trail;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Trail;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{"b": 1, "a": 2}""", """{"a":2,"b":1}""")]
    [InlineData("""{"a": 1.50, "b": 100000000000000000000000000001, "c": -0.000001}""", """{"a":1.50,"b":100000000000000000000000000001,"c":-0.000001}""")]
    [InlineData("""[ ]""", "[]")]
    [InlineData("""{"x": {"z": [1, {"k": null, "j": true}], "y": {}}, "": "e"}""", """{"":"e","x":{"y":{},"z":[1,{"j":true,"k":null}]}}""")]
    [InlineData("""  "a\u0062\/\u007f\u001F\n"  """, "\"ab/\u007f\\u001f\\n\"")]
    [InlineData("""{"\u0061": 1, "B": 2}""", """{"B":2,"a":1}""")]
    public void Members_are_sorted_strings_escaped_and_numbers_kept(string json, string expected) =>
        Encoding.UTF8.GetString(CanonicalJson.Of(Encoding.UTF8.GetBytes(json))).ShouldBe(expected);

    [Fact]
    public void Members_are_sorted_by_their_utf16_units_and_not_by_their_utf8_bytes()
    {
        // U+1F602 is a surrogate pair (D83D...), which sorts before U+FB33 though its UTF-8 bytes are larger.
        var canonical = CanonicalJson.Of(Encoding.UTF8.GetBytes("{\"\uFB33\":1,\"\U0001F602\":2,\"\uE000\":3,\"\uD7FF\":4}"));
        Encoding.UTF8.GetString(canonical).ShouldBe("{\"\uD7FF\":4,\"\U0001F602\":2,\"\uE000\":3,\"\uFB33\":1}");
    }

    [Theory]
    [InlineData("""{"a": 1, "a": 2}""")]
    [InlineData("""{"b": 0, "a": 1, "\u0061": 2}""")]
    [InlineData("""{"a": "\ud800"}""")]
    [InlineData("""{"a": 1""")]
    [InlineData("""{} {}""")]
    [InlineData("")]
    [InlineData("nul")]
    public void A_text_without_a_canonical_form_is_refused(string json) =>
        Should.Throw<FormatException>(() => CanonicalJson.Of(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Nesting_is_bounded()
    {
        static byte[] Nested(int depth) => Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth));
        CanonicalJson.Of(Nested(CanonicalJson.MaximumDepth)).Length.ShouldBe(2 * CanonicalJson.MaximumDepth);
        Should.Throw<FormatException>(() => CanonicalJson.Of(Nested(CanonicalJson.MaximumDepth + 1)));
    }

    [Fact]
    public void Published_vectors_of_RFC_8785_agree_where_numbers_are_spelt_alike()
    {
        var folder = SharedData.Folder("protocols/json-canonical");
        var files = Directory.GetFiles(Path.Combine(folder, "input"));
        files.ShouldNotBeEmpty();
        foreach (var file in files)
        {
            // RFC 8785 prints 56.0 as 56; our form keeps a number as it stands in the database.
            var input = File.ReadAllText(file).Replace("56.0", "56", StringComparison.Ordinal);
            var expected = Convert.FromHexString(string.Concat(
                File.ReadAllText(Path.Combine(folder, "outhex", Path.GetFileNameWithoutExtension(file) + ".txt")).Where(char.IsAsciiHexDigit)));
            CanonicalJson.Of(Encoding.UTF8.GetBytes(input)).ShouldBe(expected, file);
        }
    }

    [Fact]
    public void Order_of_members_and_white_space_never_change_the_canonical_form() =>
        Gen.Select(Value(3), Gen.Int).Sample((node, seed) =>
        {
            var canonical = CanonicalJson.Of(Encoding.UTF8.GetBytes(node.ToJsonString()));
            var other = Shuffled(node, new Random(seed));
            CanonicalJson.Of(Encoding.UTF8.GetBytes(other.ToJsonString(new JsonSerializerOptions { WriteIndented = true }))).ShouldBe(canonical);
            CanonicalJson.Of(canonical).ShouldBe(canonical);
            JsonNode.DeepEquals(JsonNode.Parse(canonical), node).ShouldBeTrue();
        }, iter: 2000);

    [Fact]
    public void Members_come_in_the_order_of_an_ordinal_sort() =>
        Name.Array[0, 12].Sample(names =>
        {
            var distinct = names.Distinct(StringComparer.Ordinal).ToArray();
            var json = new JsonObject(distinct.Select(n => KeyValuePair.Create(n, (JsonNode?)1)));
            using var read = JsonDocument.Parse(CanonicalJson.Of(Encoding.UTF8.GetBytes(json.ToJsonString())));
            read.RootElement.EnumerateObject().Select(p => p.Name).ShouldBe(distinct.Order(StringComparer.Ordinal));
        }, iter: 2000);

    private static readonly string[] Odd = ["\u20ac", "\U0001F602", "\uFB33", "\uE000x", "\"", "\\", "\u0001", "\u00f6", "\U0010FFFF", "\uD7FF\uFFFD"];

    private static Gen<string> Name => Gen.OneOf(
        Gen.String[Gen.Char['a', 'c'], 0, 3],
        Gen.Int[0, Odd.Length - 1].Select(i => Odd[i]));

    private static Gen<JsonNode> Value(int depth)
    {
        var leaf = Gen.OneOf(
            Gen.Int.Select(i => (JsonNode)JsonValue.Create(i)),
            Gen.Bool.Select(b => (JsonNode)JsonValue.Create(b)),
            Name.Select(s => (JsonNode)JsonValue.Create(s)!));
        return depth == 0 ? leaf : Gen.OneOf(
            leaf,
            Value(depth - 1).Array[0, 4].Select(items => (JsonNode)new JsonArray([.. items.Select(i => i.DeepClone())])),
            Gen.Select(Name, Value(depth - 1)).Array[0, 6].Select(members =>
            {
                var json = new JsonObject();
                foreach (var (name, value) in members)
                    json[name] = value.DeepClone();
                return (JsonNode)json;
            }));
    }

    private static JsonNode Shuffled(JsonNode node, Random random)
    {
        if (node is JsonArray array)
            return new JsonArray([.. array.Select(i => Shuffled(i!, random))]);
        if (node is not JsonObject json)
            return node.DeepClone();
        var members = json.ToArray();
        random.Shuffle(members);
        return new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)Shuffled(m.Value!, random))));
    }
}
