using System.Text;
using System.Text.Json;
using Countersign.Feel.Dmn;
using Countersign.Feel.Values;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

/// <summary>Whatever JSON variables hold, an evaluation neither throws nor passes its budget; a failure prints its seed.</summary>
public sealed class ValueFuzzTests
{
    private static readonly FeelOptions Small = new() { Budget = new FeelBudget { Steps = 20_000, Depth = 300, ListLength = 500, StringLength = 5_000 }, Now = DateTimeOffset.UnixEpoch };

    private static readonly string[] Oddities =
    [
        "null", "true", "0", "-0", "-0.0", "1e400", "1e-400", "1e7000", "-1e-7000", "1.000000000000000000000000000000000000000000001", "99999999999999999999999999999999999999999999",
        "\"\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\u0000\"", "\"a\\n\\t\\\\\\\"\\/\\b\\f\"", "\"\\ud83d\\ude00\"", "\"2026-02-30\"", "\"P1D\"", "\"(a+)+$\"", "\"\\\\1(\"", "[]", "{}",
        "{\"a\":1,\"a\":2}", "{\"\":1}", "{\"\\ud800\":1}", "{\"item\":1}", "{\"start\":1,\"a b\":[{}]}", "[[[[[[]]]]]]", "9223372036854775808", "-9223372036854775809",
    ];

    private static readonly string[] Questions =
    [
        "v", "v + v", "v - v", "v * v", "v / v", "v ** v", "-v", "v = v", "v < v", "v in v", "v between v and v", "v[1]", "v[v]", "v[item = v]", "v.a", "v.year", "for i in v return i", "for i in v..v return i",
        "some i in v satisfies i = v", "if v then v else v", "v instance of list<number>", "string(v)", "number(v)", "date(v)", "time(v)", "date and time(v)", "duration(v)", "range(v)", "count(v)", "sum(v)", "min(v)",
        "sort(v)", "sort(v, function(a, b) a < b)", "distinct values(v)", "flatten(v)", "concatenate(v, v)", "index of(v, v)", "sublist(v, v, v)", "substring(v, v, v)", "string join(v, v)", "split(v, v)", "matches(v, v)",
        "replace(v, v, v)", "upper case(v)", "get entries(v)", "get value(v, v)", "context put(v, v, v)", "context merge(v)", "context(v)", "median(v)", "stddev(v)", "mode(v)", "round up(v, v)", "modulo(v, v)", "exp(v)",
        "log(v)", "sqrt(v)", "decimal(v, v)", "before(v, v)", "overlaps([v..v], v)", "is(v, v)", "all(v)", "list replace(v, v, v)", "insert before(v, v, v)", "remove(v, v)", "years and months duration(v, v)", "day of week(v)",
        "string length(v)", "{x: v}", "[v, v]", "v(v)", "even(v)", "abs(v)", "product(v)", "v[a > 1]", "append(v, v)",
    ];

    private static readonly Gen<string> Json = Gen.Recursive<string>((depth, inner) => depth > 3
        ? Pick(Oddities)
        : Gen.OneOf(
            Pick(Oddities),
            Gen.Double.Where(double.IsFinite).Select(d => d.ToString("R", System.Globalization.CultureInfo.InvariantCulture)),
            Gen.String[0, 8].Select(s => JsonSerializer.Serialize(s)),
            inner.List[0, 4].Select(items => $"[{string.Join(',', items)}]"),
            Gen.Select(Pick("a", "b", "x y", "item", "?", "start", "\\ud800"), inner).List[0, 4].Select(entries => $"{{{string.Join(',', entries.Select(e => $"\"{e.Item1}\":{e.Item2}"))}}}")));

    [Fact]
    public void No_value_makes_an_evaluation_throw()
        => Gen.Select(Json, Json, Pick(Questions)).Sample(
            (first, second, question) =>
            {
                var scope = FeelScope.FromJson(new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["v"] = Parse(first), ["w"] = Parse(second) });
                foreach (var text in new[] { question, Mixed(question) })
                {
                    var result = FeelExpression.Compile(text).Expression!.Evaluate(scope, Small);
                    _ = result.Value.ToJson();
                    _ = result.Value.ToString();
                    _ = result.Value.GetHashCode();
                    if (result.Failure is not null)
                        result.Value.IsNull.ShouldBeTrue();
                }
                _ = FeelExpression.CompileUnaryTests("< 5, [1..3], \"a\", not(v), ? = v").Expression?.Test(FeelValue.FromJson(Parse(first)), scope, Small);
            },
            iter: 5_000);

    [Fact]
    public void No_value_makes_a_table_throw()
    {
        var model = DmnModel.Load(Encoding.UTF8.GetBytes(
            "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' id='m' name='M' namespace='urn:m'><inputData id='v' name='v'/><inputData id='w' name='w'><variable name='w' typeRef='number'/></inputData>"
            + "<decision id='d' name='D'><informationRequirement><requiredInput href='#v'/></informationRequirement><informationRequirement><requiredInput href='#w'/></informationRequirement>"
            + "<decisionTable hitPolicy='COLLECT' aggregation='SUM'><input><inputExpression typeRef='string'><text>v</text></inputExpression></input><input><inputExpression><text>w</text></inputExpression></input><output/>"
            + "<rule><inputEntry><text>\"a\", not(\"b\")</text></inputEntry><inputEntry><text>&lt; 5</text></inputEntry><outputEntry><text>w</text></outputEntry></rule>"
            + "<rule><inputEntry><text>-</text></inputEntry><inputEntry><text>? * 2 &gt; 5</text></inputEntry><outputEntry><text>v</text></outputEntry></rule></decisionTable></decision></definitions>")).Model!;
        Gen.Select(Json, Json).Sample(
            (first, second) => _ = model.Evaluate("d", FeelScope.FromJson(new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["v"] = Parse(first), ["w"] = Parse(second) }), Small).Value.ToJson(),
            iter: 3_000);
    }

    [Theory]
    [InlineData("\"\\ud800\"", "\"\ufffd\"")]
    [InlineData("{\"a\\ud800\\n\":1}", "{\"a\ufffd\\n\":1}")]
    [InlineData("{\"a\":1,\"a\":2}", "{\"a\":2}")]
    [InlineData("1e7000", "null")]
    public void What_json_can_say_and_the_language_cannot_has_one_documented_answer(string json, string expected)
        => JsonElement.DeepEquals(FeelValue.FromJson(Parse(json)).ToJson(), Parse(expected)).ShouldBeTrue();

    [Fact]
    public void A_document_of_any_depth_is_read()
    {
        const int Deep = 20_000;
        using var document = JsonDocument.Parse(new string('[', Deep) + new string(']', Deep), new JsonDocumentOptions { MaxDepth = Deep + 1 });
        var value = FeelValue.FromJson(document.RootElement);
        _ = value.ToJson();
        _ = value.ToString();
        var result = FeelExpression.Compile("[v] = flatten([v])").Expression!.Evaluate(FeelScope.Empty.With("v", value), FeelOptions.Default);
        (result.Failure is not null || result.Value.Kind is FeelKind.Boolean or FeelKind.Null).ShouldBeTrue();
    }

    // The second of two values takes the place of every other v.
    private static string Mixed(string question)
    {
        var text = new StringBuilder();
        var isSecond = false;
        for (var i = 0; i < question.Length; i++)
        {
            var isName = question[i] == 'v' && (i == 0 || !char.IsLetter(question[i - 1])) && (i + 1 == question.Length || !char.IsLetter(question[i + 1]));
            text.Append(isName && isSecond ? 'w' : question[i]);
            isSecond ^= isName;
        }
        return text.ToString();
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    private static Gen<string> Pick(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);
}
