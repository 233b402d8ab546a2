using System.Numerics;

namespace Countersign.Feel.Values;

/// <summary>Powers of ten, small ones from a table.</summary>
internal static class PowersOfTen
{
    private static readonly Int128[] Small = BuildSmall();
    private static readonly long[] Short = [.. Small.Take(19).Select(power => (long)power)];
    private static readonly BigInteger[] Big = BuildBig();

    /// <summary>10^power for 0 to 38.</summary>
    public static Int128 Get(int power) => Small[power];

    /// <summary>10^power for 0 to 18.</summary>
    public static long GetShort(int power) => Short[power];

    /// <summary>10^power for 0 and above.</summary>
    public static BigInteger GetBig(int power) => power < Big.Length ? Big[power] : BigInteger.Pow(10, power);

    public static int DigitCount(BigInteger value)
    {
        value = BigInteger.Abs(value);
        if (value.IsZero)
            return 1;
        // 2^(bits-1) <= value, and log10(2) is 0.30103: this many digits or one more.
        var digits = (int)((value.GetBitLength() - 1) * 0.30102999566398119) + 1;
        return value >= GetBig(digits) ? digits + 1 : digits;
    }

    private static Int128[] BuildSmall()
    {
        var table = new Int128[39];
        table[0] = 1;
        for (var i = 1; i < table.Length; i++)
            table[i] = table[i - 1] * 10;
        return table;
    }

    private static BigInteger[] BuildBig()
    {
        var table = new BigInteger[160];
        table[0] = 1;
        for (var i = 1; i < table.Length; i++)
            table[i] = table[i - 1] * 10;
        return table;
    }
}
