using System.Text.Json;
using Countersign.Feel.Values;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

public sealed class ExpressionTests
{
    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("0.1 + 0.2", "0.3")]
    [InlineData("1 / 3", "0.3333333333333333333333333333333333")]
    [InlineData("-2 ** 2", "4")]
    [InlineData("3 ** 4 ** 5", "3486784401")]
    [InlineData("\"a\" + \"b\"", "\"ab\"")]
    [InlineData("if 1 > 2 then \"x\" else \"y\"", "\"y\"")]
    [InlineData("for i in 1..3, j in [10, 20] return i * j", "[10, 20, 20, 40, 30, 60]")]
    [InlineData("for i in 1..4 return if i = 1 then 1 else i * partial[-1]", "[1, 2, 6, 24]")]
    [InlineData("some x in [1, 2] satisfies x > 1", "true")]
    [InlineData("every x in [] satisfies x > 1", "true")]
    [InlineData("[1, 2, 3, 4][item > 2]", "[3, 4]")]
    [InlineData("[{a: 1}, {a: 2}][a > 1].a", "[2]")]
    [InlineData("[1, 2, 3][-1]", "3")]
    [InlineData("{a: 1, b: a + 1}.b", "2")]
    [InlineData("5 in (> 3)", "true")]
    [InlineData("5 in [1..5)", "false")]
    [InlineData("5 in (1, [4..6])", "true")]
    [InlineData("1 in (1..3)", "false")]
    [InlineData("2 in (1..3)", "true")]
    [InlineData("3 in (1..3]", "true")]
    [InlineData("3 in (1) + 2", "true")]
    [InlineData("3 in (5) - 2", "true")]
    [InlineData("3 in ([1, 3])[2]", "true")]
    [InlineData("true in (1 in (1, 2), null)", "true")]
    [InlineData("4 in (< 3, > 3)", "true")]
    [InlineData("[1..[2, 3][2]].end", "3")]
    [InlineData("(function(x: number, y) x + y)(1, 2)", "3")]
    [InlineData("@\"2024-02-29\" + duration(\"P1Y\")", "@\"2025-02-28\"")]
    [InlineData("date and time(\"2026-03-29T01:30:00@Europe/Berlin\") + @\"PT1H\"", "@\"2026-03-29T03:30:00@Europe/Berlin\"")]
    [InlineData("@\"2026-11-22\".weekday", "7")]
    [InlineData("null = null and not(1 = null)", "true")]
    [InlineData("true or null", "true")]
    [InlineData("false and null", "false")]
    [InlineData("true and null", "null")]
    [InlineData("1 < null", "null")]
    [InlineData("5 between 1 and 10 and true", "true")]
    [InlineData("[1..3] instance of range<number>", "true")]
    [InlineData("[1, \"a\"] instance of list<number>", "false")]
    [InlineData("string length(\"\U0001F40Ea\")", "2")]
    [InlineData("[1..10[.end included", "false")]
    [InlineData("// a remark\n1 /* and another */ + 1", "2")]
    public void An_expression_has_its_value(string text, string expected)
        => Feel.Value(text).ShouldBe(Feel.Value(expected), text);

    [Fact]
    public void Names_with_spaces_are_read_as_one_name()
    {
        var variables = Feel.Json("""{"Monthly Salary": 1000, "order-id": 7, "Customer": {"First Name": "Ana"}}""");
        Feel.Value("Monthly Salary * 12", variables).ShouldBe(FeelValue.From(12000));
        Feel.Value("Customer.First Name", variables).ShouldBe(FeelValue.From("Ana"));
        Feel.Value("`order-id` + 1", variables).ShouldBe(FeelValue.From(8));
        var known = FeelExpression.Compile("order-id + 1", new FeelCompileOptions { Names = ["order-id"] });
        known.Expression!.Evaluate(variables, FeelOptions.Default).Value.ShouldBe(FeelValue.From(8));
    }

    [Fact]
    public void A_variable_named_like_a_function_does_not_hide_the_function()
        => Feel.Value("count(date) + count", Feel.Json("""{"count": 5, "date": [1, 2]}""")).ShouldBe(FeelValue.From(7));

    [Theory]
    [InlineData("1 +", 3)]
    [InlineData("(1 + 2", 6)]
    [InlineData("if a then b", 11)]
    [InlineData("\"abc", 0)]
    [InlineData("a b c )", 6)]
    [InlineData("x instance of nonsense", 14)]
    public void A_wrong_text_names_the_place(string text, int position)
    {
        var compilation = FeelExpression.Compile(text);
        compilation.Expression.ShouldBeNull();
        compilation.Errors[0].Position.ShouldBe(position);
        compilation.Errors[0].Message.ShouldNotBeNullOrWhiteSpace();
    }

    [Theory]
    [InlineData("amount > 1000 and country in [\"DE\"]", "amount,country")]
    [InlineData("for i in list return i * factor + partial[1]", "factor,list")]
    [InlineData("some x in Open Orders satisfies x.total > limit", "Open Orders,limit")]
    [InlineData("{a: 1, b: a + c}", "c")]
    [InlineData("(function(p) p + q)(count(r[s > 1]))", "q,r")]
    [InlineData("date and time(now() , t)", "t")]
    [InlineData("1 + 1", "")]
    public void The_names_an_expression_needs_are_known(string text, string names)
        => string.Join(',', FeelExpression.Compile(text).Expression!.Names).ShouldBe(names);

    [Fact]
    public void All_errors_of_a_text_are_found()
        => FeelExpression.Compile("[1, , 2] + {a 5} + f(3, *)").Errors.Length.ShouldBeGreaterThanOrEqualTo(3);

    [Theory]
    [InlineData("[1, , 2] + {a 5} + f(3, *)", "4,12,24")]
    [InlineData("(1 + ) * (2 - ) + [3..", "5,14,22")]
    [InlineData("if a then else b", "10")]
    [InlineData("f(1,, 2) and g(, 3)", "4,15")]
    [InlineData("for i in return i", "9")]
    [InlineData("{a: , b: 1 + }", "4,13")]
    [InlineData("@\"2026\" + # + 3 + %", "10,18")]
    public void Every_error_is_told_with_its_own_place(string text, string positions)
        => string.Join(',', FeelExpression.Compile(text).Errors.Select(e => e.Position)).ShouldBe(positions);

    [Fact]
    public void An_unknown_name_is_null_with_a_warning_that_names_it()
    {
        var result = Feel.Evaluate("nobody + 1");
        result.Value.IsNull.ShouldBeTrue();
        result.Warnings[0].Message.ShouldContain("nobody");
        result.Warnings[0].Position.ShouldBe(0);
    }

    [Fact]
    public void Erased_data_is_null_with_a_warning()
    {
        var scope = FeelScope.Empty.With("iban", FeelValue.Erased);
        var result = FeelExpression.Compile("iban = null").Expression!.Evaluate(scope, FeelOptions.Default);
        result.Value.IsTrue.ShouldBeTrue();
        result.Warnings[0].Message.ShouldContain("erased");
    }

    [Fact]
    public void The_clock_is_the_callers()
    {
        var now = new DateTimeOffset(2026, 11, 22, 16, 58, 23, TimeSpan.Zero);
        Feel.Value("now()", null, new FeelOptions { Now = now }).ToString().ShouldBe("@\"2026-11-22T16:58:23Z\"");
        Feel.Value("today() - @\"2026-11-01\"", null, new FeelOptions { Now = now }).ToString().ShouldBe("@\"P21D\"");
        Feel.Evaluate("now()").Warnings.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("< 5", "4", "true")]
    [InlineData("-", "null", "true")]
    [InlineData("\"a\", \"b\"", "\"b\"", "true")]
    [InlineData("not(\"a\", \"b\")", "\"b\"", "false")]
    [InlineData("[1..10], > 100", "50", "false")]
    [InlineData("? > 3 and ? < 5", "4", "true")]
    [InlineData("ends with(?, \"x\")", "\"fox\"", "true")]
    [InlineData("null", "null", "true")]
    [InlineData("not(null)", "null", "false")]
    [InlineData("-5", "-5", "true")]
    [InlineData("date(\"2026-01-01\")", "@\"2026-01-01\"", "true")]
    public void Unary_tests_say_whether_a_value_passes(string tests, string value, string expected)
    {
        var compiled = FeelExpression.CompileUnaryTests(tests);
        compiled.Errors.ShouldBeEmpty();
        compiled.Expression!.Test(Feel.Value(value), FeelScope.Empty, FeelOptions.Default).Value.ShouldBe(Feel.Value(expected));
    }

    [Fact]
    public void Json_goes_in_and_out_without_loss()
    {
        const string Text = """{"a":[1,2.50,-3e-7,"x\"y",true,null],"b":{"c":12345678901234567890.1234567890123},"d":""}""";
        var value = FeelValue.FromJson(JsonDocument.Parse(Text).RootElement);
        FeelValue.FromJson(value.ToJson()).ShouldBe(value);
        value.ToJson().GetProperty("b").GetProperty("c").GetRawText().ShouldBe("12345678901234567890.1234567890123");
        value.ToJson().GetProperty("a")[1].GetRawText().ShouldBe("2.50");
    }

    [Fact]
    public void Temporal_values_become_iso_text_in_json()
        => Feel.Value("{d: @\"2026-01-02\", t: @\"PT90M\", r: [1..5]}").ToJson().GetRawText().ShouldBe("""{"d":"2026-01-02","t":"PT1H30M","r":"[1..5]"}""");

    [Fact]
    public void The_cache_is_bounded_and_gives_the_same_expression()
    {
        var cache = new FeelCache(32);
        cache.Expression("1 + 1").Expression.ShouldBeSameAs(cache.Expression("1 + 1").Expression);
        for (var i = 0; i < 1000; i++)
            _ = cache.Expression($"1 + {i}");
        cache.Count.ShouldBeLessThanOrEqualTo(34);
        cache.Expression("1 +").Errors.ShouldNotBeEmpty();
    }
}
