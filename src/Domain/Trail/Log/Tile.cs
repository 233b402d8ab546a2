using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Countersign.Domain.Trail;

/// <summary>Place and shape of a tile by C2SP tlog-tiles: 256 hashes of one tree level, or fewer at the right edge.</summary>
/// <param name="Level">Tile level: hashes of tree level 8 × this. 0 holds leaf hashes. At most 63.</param>
/// <param name="Index">Position among the tiles of the level, from 0.</param>
/// <param name="Width">Hashes in it, 1 to 256; fewer than 256 is a partial tile.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Tile(int Level, long Index, int Width)
{
    /// <summary>Hashes of a full tile: 256.</summary>
    public const int FullWidth = 256;

    /// <summary>Path below the log's prefix, such as <c>tile/0/x001/x234/067</c> or <c>tile/1/000.p/7</c>.</summary>
    public string Path => $"tile/{Level.ToString(CultureInfo.InvariantCulture)}/{Numbered(Index, Width)}";

    /// <summary>Path of the bundle that holds the entries under a level 0 tile, such as <c>tile/entries/000.p/5</c>.</summary>
    public string EntriesPath => $"tile/entries/{Numbered(Index, Width)}";

    /// <summary>Reads the part of a path behind <c>tile/</c> and the level.</summary>
    /// <param name="text">Such as <c>x001/x234/067</c> or <c>000.p/7</c>.</param>
    /// <param name="level">Level that the caller has read.</param>
    /// <param name="tile">The tile.</param>
    public static bool TryParse(string text, int level, out Tile tile)
    {
        tile = default;
        var width = FullWidth;
        var partial = text.IndexOf(".p/", StringComparison.Ordinal);
        var number = partial < 0 ? text : text[..partial];
        if (partial >= 0 && (!int.TryParse(text.AsSpan(partial + 3), NumberStyles.None, CultureInfo.InvariantCulture, out width)
                || width is < 1 or >= FullWidth))
            return false;
        long index = 0;
        var parts = number.Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            var digits = parts[i].AsSpan();
            if (i < parts.Length - 1)
            {
                if (digits is not ['x', ..])
                    return false;
                digits = digits[1..];
            }
            if (digits.Length != 3 || index > long.MaxValue / 2000
                || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var part))
                return false;
            index = (index * 1000) + part;
        }
        tile = new Tile(level, index, width);
        // One spelling for each tile: leading x000 groups are refused.
        return level is >= 0 and <= 63 && string.Equals(Numbered(index, width), text, StringComparison.Ordinal);
    }

    private static string Numbered(long index, int width)
    {
        var path = new StringBuilder((index % 1000).ToString("000", CultureInfo.InvariantCulture));
        for (var rest = index / 1000; rest > 0; rest /= 1000)
            path.Insert(0, $"x{(rest % 1000).ToString("000", CultureInfo.InvariantCulture)}/");
        if (width < FullWidth)
            path.Append(".p/").Append(width.ToString(CultureInfo.InvariantCulture));
        return path.ToString();
    }
}
