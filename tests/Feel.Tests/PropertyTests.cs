using System.Text;
using System.Text.Json;
using Countersign.Feel.Functions;
using Countersign.Feel.Values;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

/// <summary>Statements about all expressions and values; a failure prints its seed.</summary>
public sealed class PropertyTests
{
    private static readonly FeelOptions Small = new()
    {
        Budget = new FeelBudget { Steps = 20_000, Depth = 500, ListLength = 1_000, StringLength = 10_000 },
        Now = new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero),
    };

    private static readonly string[] Atoms =
    [
        "1", "0", "-3", "1.50", "9999999999999999999999999999999999", "1e30", "\"a\"", "\"\"", "\"2026-01-01\"", "true", "false", "null", "x", "y", "list", "ctx",
        "@\"2026-01-01\"", "@\"10:00:00\"", "@\"2026-01-01T10:00:00@Europe/Paris\"", "@\"P1D\"", "@\"P1Y2M\"", "[]", "{}", "[1..5]", "(1..5]", "(< 5)", "(!= 3)", "?", "`odd name`",
    ];

    private static readonly Gen<string> Expression = Gen.Recursive<string>((depth, inner) => depth > 3
        ? Pick(Atoms)
        : Gen.OneOf(
            Pick(Atoms),
            Gen.Select(inner, Pick("+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or"), inner, (a, o, b) => $"({a}) {o} ({b})"),
            Gen.Select(inner, inner, inner, (a, b, c) => $"if {a} then {b} else {c}"),
            Gen.Select(inner, inner, inner, (a, b, c) => $"({a}) between ({b}) and ({c})"),
            Gen.Select(inner, inner, (a, b) => $"({a}) in ({b}, < ({a}))"),
            Gen.Select(inner, inner, (a, b) => $"[{a}, {b}]"),
            Gen.Select(inner, inner, (a, b) => $"{{p: {a}, \"q r\": {b}}}"),
            Gen.Select(inner, inner, (a, b) => $"({a})[{b}]"),
            Gen.Select(inner, Pick("p", "year", "start", "item"), (a, n) => $"({a}).{n}"),
            Gen.Select(inner, inner, (a, b) => $"for i in {a} return {b}"),
            Gen.Select(inner, inner, (a, b) => $"for i in {a}..{b} return partial"),
            Gen.Select(Pick("some", "every"), inner, inner, (q, a, b) => $"{q} i in {a} satisfies {b}"),
            Gen.Select(inner, inner, (a, b) => $"(function(u, v: number) {a})({b}, 1)"),
            Gen.Select(inner, Pick("number", "list<string>", "context<p: number>", "range<date>", "date and time", "function<>->Any"), (a, t) => $"({a}) instance of {t}"),
            Gen.Select(Pick([.. BuiltIns.All.Select(f => f.Name)]), inner.List[0, 3], (f, arguments) => $"{f}({string.Join(", ", arguments)})")));

    private static readonly FeelScope Scope = Feel.Json("""{"x": 5, "y": "text", "list": [1, 2, 3, "a", null], "ctx": {"p": 1, "q r": [true]}, "odd name": -1}""");

    [Fact]
    public void A_printed_expression_reads_back_as_the_same_tree()
        => Expression.Sample(
            text =>
            {
                var first = FeelExpression.Compile(text);
                first.Errors.ShouldBeEmpty(text);
                var printed = first.Expression!.ToString();
                var second = FeelExpression.Compile(printed);
                second.Errors.ShouldBeEmpty($"{text} printed as {printed}");
                second.Expression!.Root.Dump().ShouldBe(first.Expression.Root.Dump(), printed);
            },
            iter: 5_000);

    [Fact]
    public void No_expression_throws_or_passes_its_budget()
        => Expression.Sample(
            text =>
            {
                foreach (var finding in FeelExpression.Compile(text).Expression!.Check(Checks.FeelKnownNames.None))
                    (finding.Position + finding.Length).ShouldBeInRange(0, text.Length);
                var result = FeelExpression.Compile(text).Expression!.Evaluate(Scope.With("?", FeelValue.From(3)), Small);
                _ = result.Value.ToJson();
                _ = result.Value.ToString();
                if (result.Failure is not null)
                    result.Value.IsNull.ShouldBeTrue();
            },
            iter: 5_000);

    [Fact]
    public void No_text_throws()
    {
        var pieces = Pick([.. Atoms, "(", ")", "[", "]", "{", "}", ",", ":", ".", "..", "+", "-", "*", "/", "**", "<", ">", "=", "!=", "->", "@", "\"", "`", "//", "/*", "*/", "?", "if", "then", "else", "for", "in", "return", "some", "satisfies", "function", "instance", "of", "between", "and", "or", "not", " ", "\n", "\u00e9", "\ud83d\ude00", "\ud83d", "\0", "date and time", "#", "%", "&&"]);
        pieces.List[0, 30].Select(string.Concat).Sample(
            text =>
            {
                foreach (var compiled in (ReadOnlySpan<FeelCompilation>)[FeelExpression.Compile(text), FeelExpression.CompileUnaryTests(text)])
                {
                    (compiled.Expression is null).ShouldBe(!compiled.Errors.IsEmpty);
                    foreach (var error in compiled.Errors)
                    {
                        error.Position.ShouldBeInRange(0, text.Length);
                        (error.Position + error.Length).ShouldBeInRange(0, text.Length);
                    }
                    _ = compiled.Expression?.Evaluate(Scope, Small);
                }
            },
            iter: 5_000);
    }

    [Fact]
    public void Random_characters_throw_nothing()
        => Gen.String[0, 60].Sample(text => _ = FeelExpression.Compile(text).Expression?.Evaluate(FeelScope.Empty, Small), iter: 5_000);

    [Fact]
    public void Json_survives_the_way_through_values()
    {
        var json = Gen.Recursive<string>((depth, inner) => depth > 3
            ? Gen.OneOf(Gen.Long.Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture)), Pick("null", "true", "false", "1.50", "-0.001", "12345678901234567890.12"), Gen.String[0, 10].Select(s => JsonSerializer.Serialize(s)))
            : Gen.OneOf(inner.List[0, 4].Select(items => $"[{string.Join(',', items)}]"), inner.List[0, 4].Select(items => $"{{{string.Join(',', items.Select((v, i) => $"\"k {i}\":{v}"))}}}"), Pick("7", "\"x\"")));
        json.Sample(
            text =>
            {
                using var document = JsonDocument.Parse(text);
                JsonElement.DeepEquals(FeelValue.FromJson(document.RootElement).ToJson(), document.RootElement).ShouldBeTrue(text);
            },
            iter: 5_000);
    }

    [Fact]
    public void A_value_printed_as_text_reads_back_as_the_value()
        => Expression.Sample(
            text =>
            {
                var value = FeelExpression.Compile(text).Expression!.Evaluate(Scope, Small).Value;
                if (HasFunction(value))
                    return;
                var again = FeelExpression.Compile(value.ToString());
                again.Errors.ShouldBeEmpty(value.ToString());
                again.Expression!.Evaluate(FeelScope.Empty, Small).Value.ShouldBe(value, value.ToString());
            },
            iter: 5_000);

    private static Gen<string> Pick(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    private static bool HasFunction(FeelValue value) => value switch
    {
        FeelFunction => true,
        FeelList list => list.Any(HasFunction),
        FeelContext context => context.Values.Any(HasFunction),
        _ => false,
    };
}
