namespace Countersign.Domain.Documents;

/// <summary>VAT identification numbers: their form by country (not whether they are registered).</summary>
public static class VatNumber
{
    // European Commission, VIES FAQ question 11, plus GB, XI, CH and NO: 9 = digit, A = letter, * = either.
    private static readonly Dictionary<string, string[]> Forms = new(StringComparer.Ordinal)
    {
        ["AT"] = ["U99999999"],
        ["BE"] = ["9999999999"],
        ["BG"] = ["999999999", "9999999999"],
        ["CY"] = ["99999999A"],
        ["CZ"] = ["99999999", "999999999", "9999999999"],
        ["DE"] = ["999999999"],
        ["DK"] = ["99999999"],
        ["EE"] = ["999999999"],
        ["EL"] = ["999999999"],
        ["GR"] = ["999999999"],
        ["ES"] = ["*9999999*"],
        ["FI"] = ["99999999"],
        ["FR"] = ["**999999999"],
        ["HR"] = ["99999999999"],
        ["HU"] = ["99999999"],
        ["IE"] = ["9*99999A", "9999999AA"],
        ["IT"] = ["99999999999"],
        ["LT"] = ["999999999", "999999999999"],
        ["LU"] = ["99999999"],
        ["LV"] = ["99999999999"],
        ["MT"] = ["99999999"],
        ["NL"] = ["999999999B99"],
        ["PL"] = ["9999999999"],
        ["PT"] = ["999999999"],
        ["RO"] = ["99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999", "9999999999"],
        ["SE"] = ["999999999999"],
        ["SI"] = ["99999999"],
        ["SK"] = ["9999999999"],
        ["GB"] = ["999999999", "999999999999", "AA999"],
        ["XI"] = ["999999999", "999999999999", "AA999"],
        ["NO"] = ["999999999", "999999999MVA"],
    };

    /// <summary>The number without blanks, dots and hyphens, upper case.</summary>
    public static string Normalize(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    /// <summary>Whether the form of the country named by the first two letters is known.</summary>
    public static bool KnowsCountryOf(string normalized) => normalized.Length > 2 && Forms.ContainsKey(normalized[..2]);

    /// <summary>Whether the number has a form of its country. False for an unknown country.</summary>
    public static bool HasForm(string normalized) =>
        normalized.Length > 2 && Forms.TryGetValue(normalized[..2], out var forms) && forms.Any(form => Fits(normalized.AsSpan(2), form));

    private static bool Fits(ReadOnlySpan<char> text, string form)
    {
        if (text.Length != form.Length)
            return false;
        for (var i = 0; i < form.Length; i++)
        {
            var fits = form[i] switch
            {
                '9' => char.IsAsciiDigit(text[i]),
                'A' => char.IsAsciiLetterUpper(text[i]),
                '*' => char.IsAsciiLetterOrDigit(text[i]),
                _ => text[i] == form[i],
            };
            if (!fits)
                return false;
        }

        return true;
    }
}
