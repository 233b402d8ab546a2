using System.Globalization;
using System.Numerics;
using System.Text;

namespace Countersign.Feel.Values;

public readonly partial struct Decimal34
{
    // Longer plain forms than this are printed with an exponent.
    private const int LongestPlain = 60;

    /// <summary>Reads a number: optional sign, digits with an optional point, optional exponent. Nothing else, not even blanks.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Decimal34 value)
    {
        value = default;
        var at = 0;
        var negative = false;
        if (at < text.Length && text[at] is '-' or '+')
            negative = text[at++] == '-';
        var start = at;
        Int128 small = 0;
        BigInteger big = default;
        var isBig = false;
        var digits = 0;
        var fraction = 0;
        var point = false;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c == '.' && !point)
            {
                point = true;
                continue;
            }
            if (!char.IsAsciiDigit(c))
                break;
            digits++;
            if (point)
                fraction++;
            if (!isBig && small >= PowersOfTen.Get(36))
            {
                big = (BigInteger)small;
                isBig = true;
            }
            if (isBig)
            {
                // Digits beyond the 100th cannot change the rounded result except as a sticky digit.
                if (digits <= 100 || c != '0')
                    big = digits <= 100 ? (big * 10) + (c - '0') : big | 1;
                if (digits > 100 && point)
                    fraction--;
                if (digits > 100 && !point)
                    fraction--;
            }
            else
            {
                small = (small * 10) + (c - '0');
            }
        }
        if (digits == 0 || at == start || text[at - 1] == '.')
            return false;
        var exponent = 0;
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            if (!int.TryParse(text[(at + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs((long)exponent) > 100_000)
                return false;
            at = text.Length;
        }
        if (at != text.Length)
            return false;
        var coefficient = isBig ? big : (BigInteger)small;
        return isBig || exponent != 0 || small >= Limit34
            ? TryRound(negative ? -coefficient : coefficient, exponent - fraction, inexact: false, out value)
            : TryRoundSmall(negative ? -small : small, -fraction, out value);
    }

    /// <summary>Plain digits (<c>1200</c>, <c>0.05</c>); very long or very small numbers with an exponent (<c>1E+100</c>).</summary>
    public override string ToString()
    {
        if (_exponent == 0)
            return _coefficient.ToString(CultureInfo.InvariantCulture);
        if (_coefficient == 0)
            return _exponent is < 0 and > -LongestPlain ? "0." + new string('0', -_exponent) : "0";
        var digits = Int128.Abs(_coefficient).ToString(CultureInfo.InvariantCulture);
        var sign = _coefficient < 0 ? "-" : "";
        if (_exponent > 0)
            return digits.Length + _exponent <= LongestPlain ? sign + digits + new string('0', _exponent) : sign + Scientific(digits, _exponent);
        var point = digits.Length + _exponent;
        if (point > 0)
            return $"{sign}{digits.AsSpan(0, point)}.{digits.AsSpan(point)}";
        return -_exponent <= LongestPlain ? sign + "0." + new string('0', -point) + digits : sign + Scientific(digits, _exponent);
    }

    private static string Scientific(string digits, int exponent)
    {
        var text = new StringBuilder().Append(digits[0]);
        if (digits.Length > 1)
            text.Append('.').Append(digits, 1, digits.Length - 1);
        var power = exponent + digits.Length - 1;
        return text.Append('E').Append(power < 0 ? '-' : '+').Append(Math.Abs(power)).ToString();
    }
}
