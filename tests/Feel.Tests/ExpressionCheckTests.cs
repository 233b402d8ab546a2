using Countersign.Feel.Checks;
using Countersign.Feel.Functions;
using Countersign.Feel.Types;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

/// <summary>Mistakes that are seen without evaluating.</summary>
public sealed class ExpressionCheckTests
{
    private static readonly FeelKnownNames Known = new()
    {
        IsComplete = true,
        Names = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["amount"] = "number",
            ["country"] = "string",
            ["due"] = "date",
            ["paid"] = "boolean",
            ["lines"] = "list<context<price: number, text: string>>",
            ["anything"] = null,
            ["Open Orders"] = "list<number>",
        },
    };

    [Theory]
    [InlineData("amont > 5", "feel.unknown-name", 0, "amount")]
    [InlineData("amount > limit", "feel.unknown-name", 9, "limit")]
    [InlineData("for l in lines return l.prise", "feel.unknown-entry", 22, "price")]
    [InlineData("lines[prise > 1]", "feel.unknown-name", 6, "prise")]
    [InlineData("lines.price.x", "feel.unknown-entry", 0, "a number")]
    [InlineData("due.yeer", "feel.unknown-entry", 0, "a date")]
    [InlineData("{a: 1}.b", "feel.unknown-entry", 0, "'b'")]
    [InlineData("amount = country", "feel.type-mismatch", 0, "a number")]
    [InlineData("country > 5", "feel.type-mismatch", 0, "a text")]
    [InlineData("amount in [\"a\", \"b\"]", "feel.type-mismatch", 10, "a text")]
    [InlineData("country in [1..5]", "feel.type-mismatch", 11, "a number")]
    [InlineData("amount between \"a\" and \"b\"", "feel.type-mismatch", 0, "a text")]
    [InlineData("paid > true", "feel.type-mismatch", 0, "ordered")]
    [InlineData("country + 1", "feel.type-mismatch", 0, "string(")]
    [InlineData("due * 2", "feel.type-mismatch", 0, "a date")]
    [InlineData("-country", "feel.type-mismatch", 0, "negative")]
    [InlineData("amount and paid", "feel.not-boolean", 0, "a number")]
    [InlineData("if amount then 1 else 2", "feel.not-boolean", 3, "a number")]
    [InlineData("some l in lines satisfies l.price", "feel.not-boolean", 26, "a number")]
    [InlineData("cuont(lines)", "feel.unknown-function", 0, "cuont")]
    [InlineData("anything(1)", "feel.unknown-function", 0, "anything")]
    [InlineData("string length()", "feel.arguments", 0, "string length")]
    [InlineData("contains(string: country, part: \"x\")", "feel.arguments", 0, "contains")]
    [InlineData("string length(country) = \"5\"", "feel.type-mismatch", 0, "a text")]
    [InlineData("@\"2026-13-01\"", "feel.no-date", 0, "2026-13-01")]
    [InlineData("{a: 1, a: 2}", "feel.double-entry", 10, "twice")]
    [InlineData("[1..\"a\"]", "feel.type-mismatch", 0, "a text")]
    public void A_mistake_is_found_with_its_place(string text, string rule, int position, string word)
    {
        var finding = FeelExpression.Compile(text).Expression!.Check(Known).ShouldHaveSingleItem();
        finding.Rule.ShouldBe(rule);
        finding.Position.ShouldBe(position);
        (finding.Sentence + finding.Remedy).ShouldContain(word);
        finding.Sentence.ShouldEndWith(".");
        finding.Remedy.Length.ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData("amount > 1000 and country in [\"DE\", \"FR\"]")]
    [InlineData("anything.a.b[c > d].e + anything * 2")]
    [InlineData("for l in lines return l.price * amount")]
    [InlineData("lines[price > 5 and text = \"a\"].price[1] + 1")]
    [InlineData("sum(lines.price) + count(Open Orders)")]
    [InlineData("due + duration(\"P1D\") > due and due - due < @\"P5D\"")]
    [InlineData("now() - date and time(\"2026-01-01T00:00:00\") > @\"P1D\"")]
    [InlineData("if amount = null then country else string(amount)")]
    [InlineData("{a: amount, b: a + 1, f: function(x) x + b, c: f(2)}.c")]
    [InlineData("(function(x, y) x + y)(1, 2)")]
    [InlineData("for i in 1..3 return if i = 1 then 1 else partial[-1] + i")]
    [InlineData("1 in [1, [2..3]]")]
    [InlineData("anything instance of number and amount in (> 1, [2..3])")]
    [InlineData("substring(country, 1, 2) + string(amount)")]
    public void An_expression_that_can_work_has_no_findings(string text)
        => FeelExpression.Compile(text).Expression!.Check(Known).ShouldBeEmpty();

    [Fact]
    public void Names_are_open_when_they_are_not_said_to_be_complete()
    {
        FeelExpression.Compile("whatever + other").Expression!.Check(FeelKnownNames.None).ShouldBeEmpty();
        FeelExpression.Compile("nonsense(whatever)").Expression!.Check(FeelKnownNames.None).ShouldHaveSingleItem().Rule.ShouldBe("feel.unknown-function");
    }

    [Fact]
    public void The_result_types_of_functions_are_those_of_their_examples()
    {
        var known = 0;
        foreach (var function in BuiltIns.All)
        {
            var type = FunctionResults.Of(function);
            if (ReferenceEquals(type, FeelType.Unknown))
                continue;
            known++;
            var value = Feel.Value($"{function.Example}", null, new FeelOptions { Now = new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero) });
            // Examples may wrap the call; those of one kind throughout still tell.
            if (function.Example.StartsWith(function.Name + "(", StringComparison.Ordinal) && function.Example.EndsWith(')'))
                TypeCheck.KindOf(type).ShouldBe(value.Kind, function.Name);
        }
        known.ShouldBeGreaterThan(60);
    }
}
