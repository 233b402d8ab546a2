namespace Countersign.Domain.Documents;

/// <summary>International bank account numbers (ISO 13616): form, length and check digits.</summary>
public static class Iban
{
    // ISO 13616 registry, release 99 (December 2024): country and total length.
    private const string Lengths =
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 " +
        "HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 " +
        "RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

    private static readonly Dictionary<string, int> LengthOf =
        Lengths.Split(' ').ToDictionary(entry => entry[..2], entry => int.Parse(entry[2..], System.Globalization.CultureInfo.InvariantCulture), StringComparer.Ordinal);

    /// <summary>The number without blanks, dots and hyphens, upper case.</summary>
    public static string Normalize(string text) =>
        string.Concat(text.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    /// <summary>The length prescribed for a country, or null when the country has no IBAN.</summary>
    public static int? LengthFor(string country) => LengthOf.TryGetValue(country, out var length) ? length : null;

    /// <summary>Whether country, length and check digits (ISO 7064 mod 97-10) are right.</summary>
    /// <param name="normalized">The number as <see cref="Normalize"/> gives it.</param>
    public static bool IsValid(string normalized)
    {
        if (normalized.Length < 5 || LengthFor(normalized[..2]) != normalized.Length || !normalized.All(char.IsAsciiLetterOrDigit))
            return false;
        var remainder = 0;
        for (var i = 0; i < normalized.Length; i++)
        {
            var c = normalized[(i + 4) % normalized.Length];
            remainder = char.IsAsciiDigit(c)
                ? ((remainder * 10) + (c - '0')) % 97
                : ((remainder * 100) + (char.ToUpperInvariant(c) - 'A' + 10)) % 97;
        }

        return remainder == 1;
    }

    /// <summary>The account number with right check digits for a country and its national part; used to make test data.</summary>
    public static string WithCheckDigits(string country, string nationalPart)
    {
        var remainder = 0;
        foreach (var c in nationalPart + country + "00")
        {
            remainder = char.IsAsciiDigit(c)
                ? ((remainder * 10) + (c - '0')) % 97
                : ((remainder * 100) + (char.ToUpperInvariant(c) - 'A' + 10)) % 97;
        }

        return $"{country}{98 - remainder:00}{nationalPart}";
    }
}
