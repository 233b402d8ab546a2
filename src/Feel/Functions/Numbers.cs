using Countersign.Feel.Values;

namespace Countersign.Feel.Functions;

/// <summary>Functions of numbers.</summary>
internal static class Numbers
{
    public static readonly BuiltIn[] Functions =
    [
        new("decimal", ["n, scale"], "The number rounded to a number of digits after the point, halves to the even digit.", "decimal(1.5, 0)", "2", (in Arguments a) => Round(a, DecimalRounding.HalfEven)),
        new("floor", ["n, scale?"], "The number rounded down.", "floor(-1.56, 1)", "-1.6", (in Arguments a) => Round(a, DecimalRounding.Floor)),
        new("ceiling", ["n, scale?"], "The number rounded up.", "ceiling(-1.56, 1)", "-1.5", (in Arguments a) => Round(a, DecimalRounding.Ceiling)),
        new("round up", ["n, scale"], "The number rounded away from 0.", "round up(5.5, 0)", "6", (in Arguments a) => Round(a, DecimalRounding.Up)),
        new("round down", ["n, scale"], "The number rounded towards 0.", "round down(-5.5, 0)", "-5", (in Arguments a) => Round(a, DecimalRounding.Down)),
        new("round half up", ["n, scale"], "The number rounded, halves away from 0.", "round half up(5.5, 0)", "6", (in Arguments a) => Round(a, DecimalRounding.HalfUp)),
        new("round half down", ["n, scale"], "The number rounded, halves towards 0.", "round half down(5.5, 0)", "5", (in Arguments a) => Round(a, DecimalRounding.HalfDown)),
        new("abs", ["n"], "The number or duration without its sign.", "abs(-10)", "10", Absolute),
        new("modulo", ["dividend, divisor"], "The remainder of a division; it has the sign of the divisor.", "modulo(-12, 5)", "3", (in Arguments a)
            => !a.IsNumber(0, out var n) ? a.Wrong(0, "a number") : !a.IsNumber(1, out var d) ? a.Wrong(1, "a number")
                : Decimal34.TryModulo(n, d, out var rest) ? new FeelNumber(rest) : a.Fail("a number cannot be divided by 0.")),
        new("sqrt", ["number"], "The square root.", "sqrt(16)", "4", (in Arguments a)
            => !a.IsNumber(0, out var n) ? a.Wrong(0, "a number") : n.TrySqrt(out var root) ? new FeelNumber(root) : a.Fail("a negative number has no square root.")),
        new("log", ["number"], "The natural logarithm.", "decimal(log(10), 8)", "2.30258509", (in Arguments a)
            => !a.IsNumber(0, out var n) ? a.Wrong(0, "a number") : n.TryLog(out var log) ? new FeelNumber(log) : a.Fail("only numbers above 0 have a logarithm.")),
        new("exp", ["number"], "e raised to a number.", "decimal(exp(5), 8)", "148.41315910", (in Arguments a)
            => !a.IsNumber(0, out var n) ? a.Wrong(0, "a number") : n.TryExp(out var power) ? new FeelNumber(power) : a.Fail("the result is too large.")),
        new("odd", ["number"], "Whether a whole number is odd.", "odd(5)", "true", (in Arguments a) => Parity(a, odd: true)),
        new("even", ["number"], "Whether a whole number is even.", "even(2)", "true", (in Arguments a) => Parity(a, odd: false)),
    ];

    private static FeelValue Round(in Arguments a, DecimalRounding rounding)
    {
        if (!a.IsNumber(0, out var number))
            return a.Wrong(0, "a number");
        var scale = 0L;
        if (a.Count > 1)
        {
            if (!a.IsNumber(1, out var wanted) || !wanted.TryRescale(0, DecimalRounding.Down, out var whole) || !whole.TryToInt64(out scale) || scale < -6111 || scale > 6176)
                return a.Wrong(1, "a whole number from -6111 to 6176");
        }
        return number.TryRescale((int)scale, rounding, out var rounded) ? new FeelNumber(rounded) : a.Fail("the result is too large.");
    }

    private static FeelValue Absolute(in Arguments a)
    {
        if (a.Is<FeelDaysDuration>(0, out var days))
            return new FeelDaysDuration(Int128.Abs(days.Nanoseconds));
        if (a.Is<FeelMonthsDuration>(0, out var months))
            return new FeelMonthsDuration(Math.Abs(months.Months));
        return a.IsNumber(0, out var number) ? new FeelNumber(number.Absolute()) : a.Wrong(0, "a number or a duration");
    }

    private static FeelValue Parity(in Arguments a, bool odd)
    {
        if (!a.IsNumber(0, out var number))
            return a.Wrong(0, "a number");
        return !number.IsInteger || !Decimal34.TryModulo(number, Decimal34.From(2), out var rest)
            ? a.Wrong(0, "a whole number")
            : FeelValue.From((rest.Sign != 0) == odd);
    }
}
