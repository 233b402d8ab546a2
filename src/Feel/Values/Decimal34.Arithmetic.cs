using System.Numerics;

namespace Countersign.Feel.Values;

public readonly partial struct Decimal34
{
    // Coefficients below this bound can be multiplied with each other in 128 bits.
    private static readonly Int128 Limit34 = PowersOfTen.Get(MaxDigits);

    /// <summary>Adds; false when the sum is too large to be a number.</summary>
    public static bool TryAdd(Decimal34 left, Decimal34 right, out Decimal34 result)
    {
        if (left._exponent == right._exponent)
            return TryRoundSmall(left._coefficient + right._coefficient, left._exponent, out result);
        var (high, low) = left._exponent > right._exponent ? (left, right) : (right, left);
        var shift = high._exponent - low._exponent;
        if (shift <= 18 && Fits64(high._coefficient))
            return TryRoundSmall((high._coefficient * PowersOfTen.Get(shift)) + low._coefficient, low._exponent, out result);
        if (high._coefficient == 0)
        {
            result = low;
            return true;
        }
        if (low._coefficient == 0)
            return TryRound((BigInteger)high._coefficient * PowersOfTen.GetBig(Math.Min(shift, MaxDigits)), high._exponent - Math.Min(shift, MaxDigits), inexact: false, out result);
        const int FarAway = 80;
        if (shift > FarAway)
        {
            // The small number only decides the direction of rounding.
            return TryRound(((BigInteger)high._coefficient * PowersOfTen.GetBig(FarAway)) + low.Sign, high._exponent - FarAway, inexact: true, out result);
        }
        return TryRound(((BigInteger)high._coefficient * PowersOfTen.GetBig(shift)) + low._coefficient, low._exponent, inexact: false, out result);
    }

    /// <summary>Subtracts; false when the difference is too large to be a number.</summary>
    public static bool TrySubtract(Decimal34 left, Decimal34 right, out Decimal34 result) => TryAdd(left, right.Negated(), out result);

    /// <summary>Multiplies; false when the product is too large to be a number.</summary>
    public static bool TryMultiply(Decimal34 left, Decimal34 right, out Decimal34 result)
    {
        var exponent = left._exponent + right._exponent;
        if (Fits64(left._coefficient) && Fits64(right._coefficient))
            return TryRoundSmall(Int128.CreateTruncating((Int128)(long)left._coefficient * (long)right._coefficient), exponent, out result);
        return TryRound((BigInteger)left._coefficient * (BigInteger)right._coefficient, exponent, inexact: false, out result);
    }

    /// <summary>Divides to 34 digits, half even; false when the divisor is 0 or the quotient is too large.</summary>
    public static bool TryDivide(Decimal34 left, Decimal34 right, out Decimal34 result)
    {
        result = default;
        if (right._coefficient == 0)
            return false;
        if (left._coefficient == 0)
            return true;
        if (Fits64(left._coefficient) && Fits64(right._coefficient) && TryDivideExact((long)left._coefficient, (long)right._coefficient, left._exponent - right._exponent, out result))
            return true;
        var shift = Math.Max(0, MaxDigits + 4 + DigitCount(right._coefficient) - DigitCount(left._coefficient));
        var quotient = BigInteger.DivRem((BigInteger)left._coefficient * PowersOfTen.GetBig(shift), (BigInteger)right._coefficient, out var remainder);
        var exponent = left._exponent - right._exponent - shift;
        if (!TryRound(quotient, exponent, inexact: !remainder.IsZero, out result))
            return false;
        // An exact quotient drops the zeros that the scaling added, down to the exponent the operands suggest.
        if (remainder.IsZero)
            result = result.WithoutZerosUpTo(left._exponent - right._exponent);
        return true;
    }

    /// <summary>The whole number of times the divisor fits, towards negative infinity; false when the divisor is 0.</summary>
    public static bool TryFloorDivide(Decimal34 left, Decimal34 right, out Decimal34 result)
    {
        result = default;
        if (right._coefficient == 0)
            return false;
        var low = Math.Min(left._exponent, right._exponent);
        if (Math.Max(left._exponent, right._exponent) - low > 2 * MaxDigits + 10)
            return TryDivide(left, right, out var ratio) && ratio.TryRescale(0, DecimalRounding.Floor, out result);
        var a = (BigInteger)left._coefficient * PowersOfTen.GetBig(left._exponent - low);
        var b = (BigInteger)right._coefficient * PowersOfTen.GetBig(right._exponent - low);
        var quotient = BigInteger.DivRem(a, b, out var remainder);
        if (!remainder.IsZero && (remainder.Sign < 0) != (b.Sign < 0))
            quotient -= 1;
        return TryRound(quotient, 0, inexact: false, out result);
    }

    /// <summary>The remainder of a floor division: it has the sign of the divisor; false when the divisor is 0.</summary>
    public static bool TryModulo(Decimal34 left, Decimal34 right, out Decimal34 result)
    {
        result = default;
        if (right._coefficient == 0)
            return false;
        var low = Math.Min(left._exponent, right._exponent);
        if (left._exponent - low > MaxExponent)
            return false;
        var b = (BigInteger)right._coefficient * PowersOfTen.GetBig(right._exponent - low);
        // Modular exponentiation keeps 1e6000 mod 7 small.
        var a = (BigInteger)left._coefficient;
        var remainder = left._exponent == low
            ? BigInteger.Remainder(a, b)
            : BigInteger.Remainder(a * BigInteger.ModPow(10, left._exponent - low, BigInteger.Abs(b)), b);
        if (!remainder.IsZero && (remainder.Sign < 0) != (b.Sign < 0))
            remainder += b;
        return TryRound(remainder, low, inexact: false, out result);
    }

    /// <summary>Rounds to a number of digits after the point (negative: before it) in the given way.</summary>
    /// <param name="scale">Digits after the decimal point, -6111 to 6176.</param>
    public bool TryRescale(int scale, DecimalRounding rounding, out Decimal34 result)
    {
        var drop = -_exponent - scale;
        if (drop <= 0)
        {
            // Nothing to round: pad with zeros where the 34 digits allow it.
            var pad = Math.Min(-drop, MaxDigits - DigitCount(_coefficient));
            result = pad > 0 && _coefficient != 0 && _exponent - pad >= MinExponent ? new(_coefficient * PowersOfTen.Get(pad), _exponent - pad) : this;
            return true;
        }
        var digits = DigitCount(_coefficient);
        var divisor = PowersOfTen.Get(Math.Min(drop, digits + 1));
        var (quotient, remainder) = Int128.DivRem(_coefficient, divisor);
        quotient += RoundingStep(quotient, remainder, divisor, rounding);
        return TryRound((BigInteger)quotient, -scale, inexact: false, out result);
    }

    private static int RoundingStep(Int128 quotient, Int128 remainder, Int128 divisor, DecimalRounding rounding)
    {
        if (remainder == 0)
            return 0;
        var sign = remainder < 0 ? -1 : 1;
        var half = (Int128.Abs(remainder) * 2).CompareTo(divisor);
        return rounding switch
        {
            DecimalRounding.Floor => sign < 0 ? -1 : 0,
            DecimalRounding.Ceiling => sign > 0 ? 1 : 0,
            DecimalRounding.Up => sign,
            DecimalRounding.Down => 0,
            DecimalRounding.HalfUp => half >= 0 ? sign : 0,
            DecimalRounding.HalfDown => half > 0 ? sign : 0,
            _ => half > 0 || (half == 0 && Int128.IsOddInteger(quotient)) ? sign : 0,
        };
    }

    private static bool Fits64(Int128 value) => value >= long.MinValue && value <= long.MaxValue;

    private static bool TryDivideExact(long left, long right, int exponent, out Decimal34 result)
    {
        result = default;
        if (right is -1 or 0)
            return right == -1 && TryRoundSmall(-(Int128)left, exponent, out result);
        if (left % right == 0)
            return TryRoundSmall(left / right, exponent, out result);
        const int Shift = 15;
        var (quotient, remainder) = Int128.DivRem((Int128)left * PowersOfTen.Get(Shift), right);
        if (remainder != 0 || !TryRoundSmall(quotient, exponent - Shift, out result))
            return false;
        result = result.WithoutZerosUpTo(exponent);
        return true;
    }

    private Decimal34 WithoutZerosUpTo(int ideal)
    {
        var coefficient = _coefficient;
        var exponent = _exponent;
        while (exponent < ideal && coefficient != 0)
        {
            var (quotient, remainder) = Int128.DivRem(coefficient, 10);
            if (remainder != 0)
                break;
            coefficient = quotient;
            exponent++;
        }
        return new(coefficient, exponent);
    }

    private static bool TryRoundSmall(Int128 coefficient, int exponent, out Decimal34 result)
    {
        if (coefficient < Limit34 && coefficient > -Limit34 && exponent is >= MinExponent and <= MaxExponent)
        {
            result = new(coefficient, exponent);
            return true;
        }
        return TryRound((BigInteger)coefficient, exponent, inexact: false, out result);
    }

    private static bool TryRound(BigInteger coefficient, int exponent, bool inexact, out Decimal34 result)
    {
        result = default;
        if (coefficient.IsZero)
        {
            result = new(0, Math.Clamp(exponent, MinExponent, 0));
            return true;
        }
        var digits = PowersOfTen.DigitCount(coefficient);
        var drop = Math.Max(digits - MaxDigits, MinExponent - exponent);
        if (drop > 0)
        {
            if (drop > digits + 1)
                return true; // below the smallest number: 0
            var divisor = PowersOfTen.GetBig(drop);
            coefficient = BigInteger.DivRem(coefficient, divisor, out var remainder);
            exponent += drop;
            var half = (BigInteger.Abs(remainder) * 2).CompareTo(divisor);
            if (half > 0 || (half == 0 && (inexact || !coefficient.IsEven)))
                coefficient += remainder.Sign;
            if (PowersOfTen.DigitCount(coefficient) > MaxDigits)
            {
                coefficient /= 10;
                exponent++;
            }
        }
        if (exponent > MaxExponent)
        {
            var room = MaxDigits - PowersOfTen.DigitCount(coefficient);
            var need = exponent - MaxExponent;
            if (need > room)
                return false;
            coefficient *= PowersOfTen.GetBig(need);
            exponent = MaxExponent;
        }
        result = new((Int128)coefficient, exponent);
        return true;
    }
}

/// <summary>How digits that do not fit are rounded away.</summary>
public enum DecimalRounding
{
    /// <summary>To the nearest, ties to the even neighbour.</summary>
    HalfEven,

    /// <summary>Towards negative infinity.</summary>
    Floor,

    /// <summary>Towards positive infinity.</summary>
    Ceiling,

    /// <summary>Away from zero.</summary>
    Up,

    /// <summary>Towards zero.</summary>
    Down,

    /// <summary>To the nearest, ties away from zero.</summary>
    HalfUp,

    /// <summary>To the nearest, ties towards zero.</summary>
    HalfDown,
}
