using System.Numerics;

namespace Countersign.Feel.Values;

public readonly partial struct Decimal34
{
    // Fixed point digits of the transcendental functions: 34 wanted, the rest absorbs cancellation and large exponents.
    private const int Guard = 64;

    private static readonly BigInteger FixedOne = BigInteger.Pow(10, Guard);

    // ln 10 = 46 artanh(1/31) + 34 artanh(1/49) + 20 artanh(1/161), a Machin-like formula.
    private static readonly BigInteger FixedLn10 = (46 * ArtanhOfInverse(31)) + (34 * ArtanhOfInverse(49)) + (20 * ArtanhOfInverse(161));

    /// <summary>The square root to 34 digits; false for a negative number.</summary>
    public bool TrySqrt(out Decimal34 result)
    {
        result = default;
        if (_coefficient <= 0)
            return _coefficient == 0;
        // Scale to at least 72 digits with an even exponent, so that the root has more digits than are kept.
        var shift = Math.Max(0, 72 - DigitCount(_coefficient));
        if (((_exponent - shift) & 1) != 0)
            shift++;
        var scaled = (BigInteger)_coefficient * PowersOfTen.GetBig(shift);
        var root = IntegerSqrt(scaled);
        if (!TryRound(root, (_exponent - shift) / 2, inexact: root * root != scaled, out result))
            return false;
        if (root * root == scaled)
            result = result.WithoutZerosUpTo((_exponent - (_exponent & 1)) / 2);
        return true;
    }

    /// <summary>e raised to this number; false when the result is too large.</summary>
    public bool TryExp(out Decimal34 result)
    {
        result = One;
        if (_coefficient == 0)
            return true;
        if (DigitCount(_coefficient) + _exponent > 6)
        {
            result = default;
            return _coefficient < 0;
        }
        return TryExpOfFixed(ToFixed(), out result);
    }

    /// <summary>The natural logarithm; false for 0 and negative numbers.</summary>
    public bool TryLog(out Decimal34 result)
    {
        result = default;
        return _coefficient > 0 && TryRound(LogFixed(), -Guard, inexact: false, out result);
    }

    /// <summary>
    /// This number raised to a power. Whole powers are computed by squaring, others by logarithm. False when the result
    /// is no real number or too large.
    /// </summary>
    public bool TryPower(Decimal34 power, out Decimal34 result)
    {
        result = One;
        if (power._coefficient == 0)
            return true;
        if (_coefficient == 0)
        {
            result = default;
            return power._coefficient > 0;
        }
        if (power.TryToInt64(out var whole) && Math.Abs(whole) <= 999_999_999)
            return TryPowerWhole(whole, out result);
        result = default;
        if (_coefficient < 0)
            return false;
        if (DigitCount(power._coefficient) + power._exponent > 30)
            return false;
        var exponent = LogFixed() * (BigInteger)power._coefficient;
        exponent = power._exponent >= 0 ? exponent * PowersOfTen.GetBig(power._exponent) : exponent / PowersOfTen.GetBig(-power._exponent);
        if (BigInteger.Abs(exponent) > FixedOne * 100_000)
            return exponent.Sign < 0;
        return TryExpOfFixed(exponent, out result);
    }

    private bool TryPowerWhole(long power, out Decimal34 result)
    {
        // Working digits: the relative error grows with the power (at most 10^9), so 34 + 9 + reserve.
        const int Working = 56;
        result = default;
        BigInteger baseDigits = (BigInteger)_coefficient, digits = BigInteger.One;
        long baseExponent = _exponent, exponent = 0;
        var left = Math.Abs(power);
        while (true)
        {
            if ((left & 1) != 0)
            {
                digits *= baseDigits;
                exponent += baseExponent;
                Shorten(ref digits, ref exponent, Working);
            }
            left >>= 1;
            if (left == 0)
                break;
            baseDigits *= baseDigits;
            baseExponent *= 2;
            Shorten(ref baseDigits, ref baseExponent, Working);
            if (Math.Abs(baseExponent) > 10_000_000_000_000)
                break;
        }
        if (power < 0)
        {
            var shift = Working + PowersOfTen.DigitCount(digits);
            var inverse = BigInteger.DivRem(PowersOfTen.GetBig(shift), digits, out var remainder);
            exponent = -exponent - shift;
            if (remainder.IsZero)
            {
                while (exponent < 0 && (inverse % 10).IsZero)
                {
                    inverse /= 10;
                    exponent++;
                }
            }
            digits = inverse;
        }
        if (exponent > 100_000)
            return false;
        return exponent < -100_000 || TryRound(digits, (int)exponent, inexact: false, out result);
    }

    private static void Shorten(ref BigInteger digits, ref long exponent, int keep)
    {
        var drop = PowersOfTen.DigitCount(digits) - keep;
        if (drop <= 0)
            return;
        digits /= PowersOfTen.GetBig(drop);
        exponent += drop;
    }

    private BigInteger ToFixed()
    {
        var shift = _exponent + Guard;
        return shift >= 0 ? (BigInteger)_coefficient * PowersOfTen.GetBig(shift) : (BigInteger)_coefficient / PowersOfTen.GetBig(Math.Min(-shift, 200));
    }

    // ln(m * 10^k) = ln m + k ln 10 with m in [1, 10).
    private BigInteger LogFixed()
    {
        var digits = DigitCount(_coefficient);
        var mantissa = (BigInteger)_coefficient * PowersOfTen.GetBig(Guard - digits + 1);
        var power = _exponent + digits - 1;
        // A start value from floating point, then one correction: ln m = y + ln(m e^-y), where m e^-y is 1 within 1e-14.
        var start = new BigInteger(Math.Log((double)mantissa / (double)FixedOne) * 1e15) * PowersOfTen.GetBig(Guard - 15);
        var rest = mantissa * ExpSeries(-start) / FixedOne;
        var ratio = (rest - FixedOne) * FixedOne / (rest + FixedOne);
        var square = ratio * ratio / FixedOne;
        BigInteger sum = ratio, term = ratio;
        for (var n = 3; !term.IsZero; n += 2)
        {
            term = term * square / FixedOne;
            sum += term / n;
        }
        return start + (2 * sum) + (power * FixedLn10);
    }

    private static bool TryExpOfFixed(BigInteger value, out Decimal34 result)
    {
        // e^x = 10^k e^r with |r| <= ln 10.
        var power = BigInteger.Divide(value, FixedLn10);
        result = default;
        if (BigInteger.Abs(power) > 20_000)
            return power.Sign < 0;
        return TryRound(ExpSeries(value - (power * FixedLn10)), (int)power - Guard, inexact: false, out result);
    }

    // e^r by halving the argument eight times, a Taylor series and squaring back.
    private static BigInteger ExpSeries(BigInteger value)
    {
        const int Halvings = 8;
        var small = value / (1 << Halvings);
        BigInteger sum = FixedOne + small, term = small;
        for (var n = 2; !term.IsZero; n++)
        {
            term = term * small / FixedOne / n;
            sum += term;
        }
        for (var i = 0; i < Halvings; i++)
            sum = sum * sum / FixedOne;
        return sum;
    }

    private static BigInteger ArtanhOfInverse(int x)
    {
        var square = (BigInteger)x * x;
        BigInteger term = FixedOne / x, sum = term;
        for (var n = 3; !term.IsZero; n += 2)
        {
            term /= square;
            sum += term / n;
        }
        return sum;
    }

    private static BigInteger IntegerSqrt(BigInteger value)
    {
        // Newton from above: start with a power of two that is not below the root.
        var root = BigInteger.One << (int)((value.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = (root + (value / root)) >> 1;
            if (next >= root)
                return root;
            root = next;
        }
    }
}
