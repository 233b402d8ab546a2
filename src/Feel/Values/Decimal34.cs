using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Countersign.Feel.Values;

/// <summary>
/// A decimal number of up to 34 significant digits with an exponent, as IEEE 754-2008 decimal128 has them, without
/// infinities and NaN. Trailing zeros are kept (<c>1.10</c> prints as <c>1.10</c>) but do not matter for equality.
/// </summary>
/// <remarks>Operations on short coefficients run in 128-bit integer arithmetic; only long ones use big integers.</remarks>
[StructLayout(LayoutKind.Auto)]
public readonly partial struct Decimal34 : IEquatable<Decimal34>, IComparable<Decimal34>
{
    /// <summary>Most significant digits a number can have.</summary>
    public const int MaxDigits = 34;

    internal const int MaxExponent = 6111;
    internal const int MinExponent = -6176;

    private readonly Int128 _coefficient;
    private readonly int _exponent;

    private Decimal34(Int128 coefficient, int exponent)
    {
        _coefficient = coefficient;
        _exponent = exponent;
    }

    /// <summary>The number 0.</summary>
    public static Decimal34 Zero => default;

    /// <summary>The number 1.</summary>
    public static Decimal34 One => new(1, 0);

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => Int128.Sign(_coefficient);

    /// <summary>The signed digits; the value is <c>Coefficient * 10^Exponent</c>.</summary>
    public Int128 Coefficient => _coefficient;

    /// <summary>The power of ten the coefficient is multiplied with, -6176 to 6111.</summary>
    public int Exponent => _exponent;

    /// <summary>Whether the number has no fraction.</summary>
    public bool IsInteger => _exponent >= 0 || _coefficient == 0 || Normalized()._exponent >= 0;

    /// <summary>The same number with the other sign.</summary>
    public Decimal34 Negated() => new(-_coefficient, _exponent);

    /// <summary>The number without its sign.</summary>
    public Decimal34 Absolute() => new(Int128.Abs(_coefficient), _exponent);

    /// <summary>The same number without trailing zeros; 0 has exponent 0.</summary>
    public Decimal34 Normalized()
    {
        if (_coefficient == 0)
            return default;
        var coefficient = _coefficient;
        var exponent = _exponent;
        if (coefficient >= long.MinValue && coefficient <= long.MaxValue)
        {
            var small = (long)coefficient;
            while (exponent < MaxExponent && small % 10 == 0)
            {
                small /= 10;
                exponent++;
            }
            return new(small, exponent);
        }
        while (exponent < MaxExponent)
        {
            var (quotient, remainder) = Int128.DivRem(coefficient, 10);
            if (remainder != 0)
                break;
            coefficient = quotient;
            exponent++;
        }
        return new(coefficient, exponent);
    }

    /// <summary>A whole number.</summary>
    public static Decimal34 From(long value) => new(value, 0);

    /// <summary>The exact value of a <see cref="decimal"/>.</summary>
    public static Decimal34 From(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        _ = decimal.GetBits(value, bits);
        var coefficient = ((Int128)(uint)bits[2] << 64) | ((Int128)(uint)bits[1] << 32) | (uint)bits[0];
        return new(value < 0 ? -coefficient : coefficient, -((bits[3] >> 16) & 0xFF));
    }

    /// <summary>Builds <c>coefficient * 10^exponent</c>, rounded half even to 34 digits; false when it is too large to be a number.</summary>
    public static bool TryCreate(BigInteger coefficient, int exponent, out Decimal34 value)
        => TryRound(coefficient, exponent, inexact: false, out value);

    /// <summary>The value as <see cref="decimal"/>, rounded to its 28 digits; false when it is too large.</summary>
    public bool TryToDecimal(out decimal value)
    {
        value = 0;
        if (_coefficient == 0)
            return true;
        if (DigitCount(_coefficient) + _exponent > 28)
            return decimal.TryParse(ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out value);
        return DigitCount(_coefficient) + _exponent < -28
            || decimal.TryParse(ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>The value as a whole number; false when it has a fraction or does not fit.</summary>
    public bool TryToInt64(out long value)
    {
        value = 0;
        var normal = _exponent == 0 ? this : Normalized();
        if (normal._exponent < 0 || normal._exponent > 18)
            return false;
        var wide = normal._coefficient;
        if (wide < long.MinValue || wide > long.MaxValue)
            return false;
        wide *= PowersOfTen.Get(normal._exponent);
        if (wide < long.MinValue || wide > long.MaxValue)
            return false;
        value = (long)wide;
        return true;
    }

    /// <summary>The value as a whole number of 32 bits; false when it has a fraction or does not fit.</summary>
    public bool TryToInt32(out int value)
    {
        var fits = TryToInt64(out var wide) && wide is >= int.MinValue and <= int.MaxValue;
        value = fits ? (int)wide : 0;
        return fits;
    }

    /// <summary>The nearest binary floating point number.</summary>
    public double ToDouble() => double.Parse(ToString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <inheritdoc />
    public int CompareTo(Decimal34 other)
    {
        if (_exponent == other._exponent)
            return _coefficient.CompareTo(other._coefficient);
        // The common case of short numbers needs no counting of digits: one multiplication in 128 bits.
        const int ShortShift = 18;
        var shift = _exponent - other._exponent;
        if (shift is > 0 and <= ShortShift && Fits64(_coefficient))
            return Math.BigMul((long)_coefficient, PowersOfTen.GetShort(shift)).CompareTo(other._coefficient);
        if (shift is < 0 and >= -ShortShift && Fits64(other._coefficient))
            return _coefficient.CompareTo(Math.BigMul((long)other._coefficient, PowersOfTen.GetShort(-shift)));
        var sign = Sign;
        if (sign != other.Sign)
            return sign.CompareTo(other.Sign);
        if (sign == 0)
            return 0;
        var magnitude = DigitCount(_coefficient) + _exponent;
        var otherMagnitude = DigitCount(other._coefficient) + other._exponent;
        if (magnitude != otherMagnitude)
            return sign * magnitude.CompareTo(otherMagnitude);

        // Same magnitude, so the difference of the exponents is below 34 and the scaled coefficient below 10^34.
        return _exponent > other._exponent
            ? (_coefficient * PowersOfTen.Get(_exponent - other._exponent)).CompareTo(other._coefficient)
            : _coefficient.CompareTo(other._coefficient * PowersOfTen.Get(other._exponent - _exponent));
    }

    /// <inheritdoc />
    public bool Equals(Decimal34 other) => CompareTo(other) == 0;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is Decimal34 other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var normal = Normalized();
        return HashCode.Combine(normal._coefficient, normal._exponent);
    }

    /// <summary>Equality of value: 1.0 equals 1.</summary>
    public static bool operator ==(Decimal34 left, Decimal34 right) => left.Equals(right);

    /// <summary>Inequality of value.</summary>
    public static bool operator !=(Decimal34 left, Decimal34 right) => !left.Equals(right);

    /// <summary>Order of value.</summary>
    public static bool operator <(Decimal34 left, Decimal34 right) => left.CompareTo(right) < 0;

    /// <summary>Order of value.</summary>
    public static bool operator >(Decimal34 left, Decimal34 right) => left.CompareTo(right) > 0;

    /// <summary>Order of value.</summary>
    public static bool operator <=(Decimal34 left, Decimal34 right) => left.CompareTo(right) <= 0;

    /// <summary>Order of value.</summary>
    public static bool operator >=(Decimal34 left, Decimal34 right) => left.CompareTo(right) >= 0;

    internal static int DigitCount(Int128 value)
    {
        if (value < 0)
            value = -value;
        if (value <= long.MaxValue)
        {
            var small = (long)value;
            var count = 1;
            while (small >= 10)
            {
                small /= 10;
                count++;
            }
            return count;
        }
        var digits = 19;
        while (digits < 38 && value >= PowersOfTen.Get(digits))
            digits++;
        return digits;
    }
}
