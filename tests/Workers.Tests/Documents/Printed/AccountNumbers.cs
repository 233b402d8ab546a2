namespace Countersign.Workers.Tests.Documents.Printed;

/// <summary>Account and VAT numbers of the right form; the check digits of accounts are right, the numbers themselves belong to nobody known.</summary>
internal static class AccountNumbers
{
    public static string Iban(string country, SeededChoice choice)
    {
        var national = country switch
        {
            "DE" => choice.Digits(18),
            "FR" => choice.Digits(23),
            "NL" => "XBNK" + choice.Digits(10),
            "IT" => "X" + choice.Digits(22),
            "ES" => choice.Digits(20),
            _ => "XBNK" + choice.Digits(14),
        };
        return $"{country}{98 - Remainder(national + country + "00"):00}{national}";
    }

    public static string Vat(string country, SeededChoice choice) => country switch
    {
        "DE" => "DE" + choice.Digits(9),
        "FR" => "FR" + choice.Digits(11),
        "NL" => "NL" + choice.Digits(9) + "B01",
        "IT" => "IT" + choice.Digits(11),
        "ES" => "ESB" + choice.Digits(8),
        _ => "IE" + choice.Digits(7) + "WA",
    };

    // ISO 7064, modulus 97-10: letters count from 10.
    private static int Remainder(string text)
    {
        var remainder = 0;
        foreach (var c in text)
        {
            var value = char.IsAsciiDigit(c) ? c - '0' : c - 'A' + 10;
            remainder = ((remainder * (value > 9 ? 100 : 10)) + value) % 97;
        }

        return remainder;
    }
}
