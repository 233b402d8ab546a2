using Countersign.Feel.Values;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

public sealed class NumberTests
{
    /// <summary>Vectors of an independent decimal library: operation, operands, result.</summary>
    public static TheoryData<string, string, string, string> Vectors
    {
        get
        {
            using var stream = typeof(NumberTests).Assembly.GetManifestResourceStream("Countersign.Feel.Tests.numbers.tsv")!;
            using var reader = new StreamReader(stream);
            var data = new TheoryData<string, string, string, string>();
            while (reader.ReadLine() is { } line)
            {
                if (line.Split('\t') is [var operation, var left, var right, var result])
                    data.Add(operation, left, right, result);
            }
            return data;
        }
    }

    [Fact]
    public void There_are_at_least_two_hundred_vectors() => Vectors.Count.ShouldBeGreaterThanOrEqualTo(200);

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Arithmetic_agrees_with_an_independent_library_to_the_last_digit(string operation, string left, string right, string result)
    {
        var a = Parse(left);
        var b = right.Length > 0 ? Parse(right) : default;
        Decimal34 value;
        var done = operation switch
        {
            "+" => Decimal34.TryAdd(a, b, out value),
            "-" => Decimal34.TrySubtract(a, b, out value),
            "*" => Decimal34.TryMultiply(a, b, out value),
            "/" => Decimal34.TryDivide(a, b, out value),
            "**" => a.TryPower(b, out value),
            "sqrt" => a.TrySqrt(out value),
            "ln" => a.TryLog(out value),
            _ => a.TryExp(out value),
        };
        done.ShouldBeTrue();
        value.ToString().ShouldBe(Parse(result).ToString());
    }

    [Fact]
    public void What_is_too_large_is_no_number()
    {
        Decimal34.TryMultiply(Parse("1e4000"), Parse("1e4000"), out _).ShouldBeFalse();
        Decimal34.TryAdd(Parse("9999999999999999999999999999999999e6111"), Parse("1e6111"), out _).ShouldBeFalse();
        Decimal34.TryDivide(Parse("1"), Parse("0.00"), out _).ShouldBeFalse();
        Parse("20000").TryExp(out _).ShouldBeFalse();
        Parse("-20000").TryExp(out var tiny).ShouldBeTrue();
        tiny.Sign.ShouldBe(0);
        Parse("-1").TrySqrt(out _).ShouldBeFalse();
        Parse("0").TryLog(out _).ShouldBeFalse();
        Parse("-8").TryPower(Parse("0.5"), out _).ShouldBeFalse();
        Decimal34.TryParse("1e7000", out _).ShouldBeFalse();
    }

    [Fact]
    public void Order_and_equality_go_by_value()
    {
        Parse("1.0").ShouldBe(Parse("1"));
        Parse("1.0").GetHashCode().ShouldBe(Parse("1.000").GetHashCode());
        (Parse("1e30") > Parse("999999999999999999999999999999")).ShouldBeTrue();
        (Parse("-1e-30") < Parse("0")).ShouldBeTrue();
        (Parse("0.1") > Parse("0.09999999999999999999999999999999999")).ShouldBeTrue();
    }

    [Fact]
    public void Sums_and_differences_cancel() => Gen.Select(Number, Number).Sample((a, b) =>
    {
        Decimal34.TryAdd(a, b, out var sum).ShouldBeTrue();
        Decimal34.TryAdd(b, a, out var other).ShouldBeTrue();
        sum.ShouldBe(other);
        Decimal34.TrySubtract(sum, b, out var back).ShouldBeTrue();
        // Exact as long as the digits of both fit into 34.
        if (Decimal34.DigitCount(sum.Coefficient) < 30)
            back.ShouldBe(a);
    });

    [Fact]
    public void Printed_numbers_read_back() => Number.Sample(a => Parse(a.ToString()).ShouldBe(a));

    [Fact]
    public void Decimals_come_in_and_go_out_exactly() => Gen.Decimal.Sample(d =>
    {
        Decimal34.From(d).TryToDecimal(out var back).ShouldBeTrue();
        back.ShouldBe(d);
    });

    [Fact]
    public void Rounding_goes_the_way_it_is_told()
    {
        string Round(string n, int scale, DecimalRounding rounding)
        {
            Parse(n).TryRescale(scale, rounding, out var value).ShouldBeTrue();
            return value.ToString();
        }

        Round("2.5", 0, DecimalRounding.HalfEven).ShouldBe("2");
        Round("3.5", 0, DecimalRounding.HalfEven).ShouldBe("4");
        Round("-2.5", 0, DecimalRounding.HalfUp).ShouldBe("-3");
        Round("-2.5", 0, DecimalRounding.HalfDown).ShouldBe("-2");
        Round("-2.1", 0, DecimalRounding.Up).ShouldBe("-3");
        Round("-2.9", 0, DecimalRounding.Down).ShouldBe("-2");
        Round("-2.1", 0, DecimalRounding.Floor).ShouldBe("-3");
        Round("-2.9", 0, DecimalRounding.Ceiling).ShouldBe("-2");
        Round("1234", -2, DecimalRounding.HalfEven).ShouldBe("1200");
        Round("0.001", 0, DecimalRounding.Ceiling).ShouldBe("1");
        Round("1", 3, DecimalRounding.HalfEven).ShouldBe("1.000");
    }

    private static readonly Gen<Decimal34> Number = Gen.Select(Gen.Long, Gen.Int[-20, 20], (digits, exponent) =>
    {
        Decimal34.TryCreate(digits, exponent, out var value).ShouldBeTrue();
        return value;
    });

    private static Decimal34 Parse(string text)
    {
        Decimal34.TryParse(text, out var value).ShouldBeTrue(text);
        return value;
    }
}
