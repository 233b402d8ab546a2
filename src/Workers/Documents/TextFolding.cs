using System.Text;

namespace Countersign.Workers.Documents;

/// <summary>Folds letters to their plain forms. The service runs without culture data, where the framework's own normalisation leaves all but ASCII alone.</summary>
internal static class TextFolding
{
    // Letter with accent, then its base.
    private const string Accents =
        "ÀAÁAÂAÃAÄAÅAĀAĂAĄAÇCĆCĈCĊCČCÐDĎDĐDÈEÉEÊEËEĒEĔEĖEĘEĚEĜGĞGĠGĢGĤHĦHÌIÍIÎIÏIĨIĪIĬIĮIİIĴJĶKĹLĻLĽLĿLŁLÑNŃNŅNŇNÒOÓOÔOÕOÖOØOŌOŎOŐOŔRŖRŘRŚSŜSŞSŠSȘSŢTŤTŦTȚTÙUÚUÛUÜUŨUŪUŬUŮUŰUŲUŴWÝYŶYŸYŹZŻZŽZ" +
        "àaáaâaãaäaåaāaăaąaçcćcĉcċcčcðdďdđdèeéeêeëeēeĕeėeęeěeĝgğgġgģgĥhħhìiíiîiïiĩiīiĭiįiıiĵjķkĺlļlľlŀlłlñnńnņnňnòoóoôoõoöoøoōoŏoőoŕrŗrřrśsŝsşsšsșsţtťtŧtțtùuúuûuüuũuūuŭuůuűuųuŵwýyÿyŷyźzżzžz";

    private static readonly Dictionary<char, char> Base = Enumerable.Range(0, Accents.Length / 2).ToDictionary(i => Accents[2 * i], i => Accents[(2 * i) + 1]);

    /// <summary>The letter without its accent.</summary>
    public static char Plain(char letter) => letter < 0x80 ? letter : Base.GetValueOrDefault(letter, letter);

    /// <summary>Whether the sign is a mark that stands on the letter before.</summary>
    public static bool IsMark(char sign) => sign is >= '\u0300' and <= '\u036F';

    /// <summary>Text as printed, with ligatures spelled out and invisible signs taken away; accents stay.</summary>
    public static string Clean(string text)
    {
        var plain = true;
        foreach (var c in text)
            plain &= c is >= ' ' and < '\u007F' or >= '\u00A1' and < '\u0300' and not '\u00AD';
        if (plain)
            return text;
        var result = new StringBuilder(text.Length + 4);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\uFB00' => result.Append("ff"),
                '\uFB01' => result.Append("fi"),
                '\uFB02' => result.Append("fl"),
                '\uFB03' => result.Append("ffi"),
                '\uFB04' => result.Append("ffl"),
                '\u2010' or '\u2011' => result.Append('-'),
                '\u00AD' or '\uFEFF' => result,
                >= '\u200B' and <= '\u200F' or >= '\u202A' and <= '\u202E' or >= '\u2060' and <= '\u2069' => result,
                >= '\uFF01' and <= '\uFF5E' => result.Append((char)(c - 0xFEE0)),
                < ' ' => result,
                _ => result.Append(c),
            };
        }

        return result.ToString();
    }
}
