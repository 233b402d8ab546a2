using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>A value of a known form on a page.</summary>
/// <param name="Run">The run it stands in.</param>
/// <param name="First">Index of its first word.</param>
/// <param name="Count">How many words it has.</param>
/// <param name="Area">Where it stands.</param>
/// <param name="Raw">The text as printed.</param>
/// <param name="Value">The value.</param>
/// <typeparam name="T">Type of the value.</typeparam>
internal sealed record PageValue<T>(PageRun Run, int First, int Count, Area Area, string Raw, T Value);

/// <summary>An amount: <paramref name="Value"/> with the decimals it was printed with and whether a currency stands beside it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PageAmount(decimal Value, int Decimals, bool Money, bool Percent);

/// <summary>Finds amounts, dates, account and VAT numbers by their form.</summary>
internal static partial class PageValues
{
    private static readonly Dictionary<string, int> Months = MonthNames();

    /// <summary>Amounts of all pages, read with the decimal mark that the document uses.</summary>
    public static List<PageValue<PageAmount>> Amounts(IReadOnlyList<PageRun> runs)
    {
        var mark = DecimalMark(runs);
        var found = new List<PageValue<PageAmount>>();
        foreach (var run in runs)
        {
            for (var i = 0; i < run.Words.Count; i++)
            {
                if (TryAmount(run, i, mark, out var count, out var amount))
                {
                    found.Add(Value(run, i, count, amount));
                    i += count - 1;
                }
            }
        }

        return found;
    }

    /// <summary>Dates of all pages; whether day or month comes first is settled by the document's own unambiguous dates.</summary>
    public static List<PageValue<DateOnly>> Dates(IReadOnlyList<PageRun> runs)
    {
        var monthFirst = MonthFirst(runs);
        var found = new List<PageValue<DateOnly>>();
        foreach (var run in runs)
        {
            for (var i = 0; i < run.Words.Count; i++)
            {
                if (TryDate(run, i, monthFirst, out var count, out var date))
                {
                    found.Add(Value(run, i, count, date));
                    i += count - 1;
                }
            }
        }

        return found;
    }

    /// <summary>Account numbers: a country of the IBAN registry with its exact length.</summary>
    public static List<PageValue<string>> Ibans(IReadOnlyList<PageRun> runs)
    {
        var found = Codes(runs, 15, CutIban);
        // A number that is called an IBAN but has the wrong length is read as well: the check says what is wrong with it.
        foreach (var label in runs.SelectMany(PageLabels.Find).Where(label => label.Hint == Hint.Iban))
        {
            foreach (var run in runs.Where(run => run.Page == label.Run.Page && (ReferenceEquals(run, label.Run) || (run.Area.RowOverlap(label.Area) > 0.6 && run.Area.Left > label.Area.Right && run.Area.Left - label.Area.Right < 260))))
            {
                var first = ReferenceEquals(run, label.Run) ? label.First + label.Count : 0;
                while (first < run.Words.Count && PageLabels.Normalize(run.Words[first].Text).Length == 0)
                    first++;
                if (first >= run.Words.Count || found.Exists(known => ReferenceEquals(known.Run, run) && known.First == first))
                    continue;
                var count = run.Words.Skip(first).TakeWhile(word => IbanGroup().IsMatch(word.Text)).Count();
                var joined = Iban.Normalize(string.Concat(run.Words.Skip(first).Take(count).Select(word => word.Text)));
                if (LooseIban().IsMatch(joined))
                    found.Add(Value(run, first, count, joined));
            }
        }

        return found;
    }

    /// <summary>VAT numbers: a form of their country.</summary>
    public static List<PageValue<string>> VatNumbers(IReadOnlyList<PageRun> runs) => Codes(runs, 6, text => VatNumber.HasForm(text) ? text : null);

    /// <summary>The ISO code that a word stands for as a currency, or null.</summary>
    public static string? CurrencyOf(string word) => word.Trim(':', ',', '.', '(', ')', '[', ']') switch
    {
        "€" => "EUR",
        "£" => "GBP",
        "$" or "US$" => "USD",
        "₹" or "Rs" => "INR",
        "¥" => "JPY",
        "zł" => "PLN",
        "Kč" => "CZK",
        "Fr" => "CHF",
        { Length: 3 } code when CurrencyCode.IsKnown(code) => code,
        _ => null,
    };

    private static PageValue<T> Value<T>(PageRun run, int first, int count, T value)
    {
        var words = run.Words.Skip(first).Take(count).ToList();
        return new PageValue<T>(run, first, count, words.Select(word => word.Area).Aggregate((a, b) => a.Union(b)), string.Join(' ', words.Select(word => word.Text)), value);
    }

    private static List<PageValue<string>> Codes(IReadOnlyList<PageRun> runs, int shortest, Func<string, string?> accept)
    {
        var found = new List<PageValue<string>>();
        foreach (var run in runs)
        {
            for (var i = 0; i < run.Words.Count; i++)
            {
                var start = run.Words[i].Text;
                if (start.Length < 2 || !StartsWithCountry().IsMatch(start))
                    continue;
                // Groups of a printed number are words of their own; the longest sequence that fits wins.
                for (var count = Math.Min(9, run.Words.Count - i); count > 0; count--)
                {
                    var joined = Iban.Normalize(string.Concat(run.Words.Skip(i).Take(count).Select(word => word.Text)));
                    if (joined.Length < shortest || accept(joined) is not { } code || !code.Any(char.IsAsciiDigit))
                        continue;
                    found.Add(Value(run, i, count, code));
                    i += count - 1;
                    break;
                }
            }
        }

        return found;
    }

    private static string? CutIban(string text) =>
        text.Length >= 15 && Iban.LengthFor(text[..2]) == text.Length && char.IsAsciiDigit(text[2]) && char.IsAsciiDigit(text[3]) ? text : null;

    // Comma or point, whichever stands more often before exactly two last digits.
    private static char DecimalMark(IReadOnlyList<PageRun> runs)
    {
        int comma = 0, point = 0;
        foreach (var word in runs.SelectMany(run => run.Words))
        {
            if (!TwoDecimals().Match(word.Text).Success || DottedDate().IsMatch(word.Text))
                continue;
            if (TwoDecimals().Match(word.Text).Groups["mark"].Value == ",")
                comma++;
            else
                point++;
        }

        return point > comma ? '.' : ',';
    }

    private static bool TryAmount(PageRun run, int first, char mark, out int count, out PageAmount amount)
    {
        (count, amount) = (0, default);
        var word = run.Words[first].Text;
        var match = AmountWord().Match(word);
        if (!match.Success || DottedDate().IsMatch(word))
            return false;
        var number = match.Groups["number"].Value;
        var last = first;
        // 1 234,56: groups of three follow as words of their own.
        while (last + 1 < run.Words.Count && ShortGroup().IsMatch(number.Replace(" ", "", StringComparison.Ordinal)) && GroupOfThree().IsMatch(run.Words[last + 1].Text)
            && run.Words[last + 1].Area.Left - run.Words[last].Area.Right < 0.5 * run.Words[last].Size && !number.Contains(',', StringComparison.Ordinal) && !number.Contains('.', StringComparison.Ordinal))
        {
            number += GroupOfThree().Match(run.Words[++last].Text).Groups["group"].Value;
        }

        if (!TryNumber(number, mark, out var value, out var decimals))
            return false;
        var negative = match.Groups["minus"].Success || word.EndsWith('-') || (first > 0 && run.Words[first - 1].Text is "-" or "−" or "–" && run.Words[first].Area.Left - run.Words[first - 1].Area.Right < run.Size);
        var next = last + 1 < run.Words.Count ? run.Words[last + 1].Text : "";
        var before = first > 0 ? run.Words[first - 1].Text : "";
        var money = match.Groups["sign"].Success || word.Contains('€', StringComparison.Ordinal) || CurrencyOf(next) is not null || CurrencyOf(before) is not null;
        count = last - first + 1;
        amount = new PageAmount(negative ? -value : value, decimals, money, word.EndsWith('%') || next.StartsWith('%'));
        return true;
    }

    private static bool TryNumber(string text, char mark, out decimal value, out int decimals)
    {
        (value, decimals) = (0, 0);
        var at = text.LastIndexOfAny([',', '.']);
        if (at >= 0)
        {
            var after = text.Length - at - 1;
            var both = text.Contains(',', StringComparison.Ordinal) && text.Contains('.', StringComparison.Ordinal);
            var repeated = text.IndexOf(text[at]) != at;
            if (repeated || (after == 3 && !both && text[at] != mark && at <= 3))
                at = -1;
            else
                decimals = after;
        }

        var digits = string.Concat(text.Where((c, i) => char.IsAsciiDigit(c) || i == at));
        return digits.Length is > 0 and < 18
            && decimal.TryParse(digits.Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);
    }

    private static bool? MonthFirst(IReadOnlyList<PageRun> runs)
    {
        int dayFirst = 0, monthFirst = 0;
        foreach (var word in runs.SelectMany(run => run.Words))
        {
            var match = NumericDate().Match(word.Text);
            if (!match.Success)
                continue;
            if (match.Groups["sep"].Value == ".")
                dayFirst++;
            else if (int.Parse(match.Groups["a"].Value, CultureInfo.InvariantCulture) > 12)
                dayFirst += 3;
            else if (int.Parse(match.Groups["b"].Value, CultureInfo.InvariantCulture) > 12)
                monthFirst += 3;
        }

        return monthFirst == dayFirst ? null : monthFirst > dayFirst;
    }

    private static bool TryDate(PageRun run, int first, bool? monthFirst, out int count, out DateOnly date)
    {
        count = 1;
        var word = run.Words[first].Text.Trim('(', ')', ',', ';', ':');
        var iso = IsoDate().Match(word);
        if (iso.Success)
            return TryMake(iso.Groups["y"].Value, iso.Groups["m"].Value, iso.Groups["d"].Value, out date);
        var numeric = NumericDate().Match(word);
        if (numeric.Success)
        {
            var swap = numeric.Groups["sep"].Value == "/" && monthFirst == true;
            return TryMake(numeric.Groups["y"].Value, numeric.Groups[swap ? "a" : "b"].Value, numeric.Groups[swap ? "b" : "a"].Value, out date);
        }

        // 5. März 2018, March 5, 2018, August 3 , 2014: up to four words.
        for (count = Math.Min(4, run.Words.Count - first); count >= 2; count--)
        {
            var text = string.Join(' ', run.Words.Skip(first).Take(count).Select(w => w.Text));
            var match = WordDate().Match(text);
            if (match.Success && Months.TryGetValue(PageLabels.Normalize(match.Groups["m"].Value), out var month))
                return TryMake(match.Groups["y"].Value, month.ToString(CultureInfo.InvariantCulture), match.Groups["d"].Success ? match.Groups["d"].Value : match.Groups["d2"].Value, out date);
        }

        (count, date) = (0, default);
        return false;
    }

    private static bool TryMake(string year, string month, string day, out DateOnly date)
    {
        var y = int.Parse(year, CultureInfo.InvariantCulture);
        if (year.Length == 2)
            y += y < 70 ? 2000 : 1900;
        var text = string.Create(CultureInfo.InvariantCulture, $"{y:0000}-{int.Parse(month, CultureInfo.InvariantCulture):00}-{int.Parse(day, CultureInfo.InvariantCulture):00}");
        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date) && y is > 1950 and < 2150;
    }

    private static Dictionary<string, int> MonthNames()
    {
        // English, German, French, Italian, Spanish, Dutch, Scandinavian, Polish, Portuguese; without accents.
        const string Names =
            "january jan januar janner jan janvier janv gennaio gen enero ene januari stycznia janeiro|february feb februar feber fevrier fevr febbraio febrero februari lutego fevereiro|" +
            "march mar marz maerz mrz mars marzo maart mrt marca marco|april apr avril avr aprile abril abr kwietnia|may mai mag maggio mayo mei maj maja maio|" +
            "june jun juni juin giugno giu junio czerwca junho|july jul juli juillet juil luglio lug julio lipca julho|august aug aout agosto ago augustus augusti sierpnia|" +
            "september sep sept septembre settembre set septiembre wrzesnia setembro|october oct oktober okt octobre ottobre ott octubre pazdziernika outubro|" +
            "november nov novembre noviembre listopada novembro|december dec dezember dez decembre dicembre dic diciembre des desember grudnia dezembro";
        var months = new Dictionary<string, int>(StringComparer.Ordinal);
        var number = 0;
        foreach (var month in Names.Split('|'))
        {
            number++;
            foreach (var name in month.Split(' '))
                months[name] = number;
        }

        return months;
    }

    [GeneratedRegex(@"^\(?(?<minus>[-−–])?(?<sign>[€£$₹]|Rs\.?|US\$|EUR|USD|GBP|CHF)?(?<minus>[-−–])?(?<number>\d{1,3}(?:[.,'’]\d{3})+(?:[.,]\d{1,4})?|\d+(?:[.,]\d{1,6})?)[-−]?(?:€|%|EUR)?[\])*.,;:]*$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex AmountWord();

    [GeneratedRegex(@"\d(?<mark>[.,])\d{2}[^\d]*$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex TwoDecimals();

    [GeneratedRegex(@"^\(?\d{1,2}\.\d{1,2}\.(\d{2}|\d{4})?[),.;:]*$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex DottedDate();

    [GeneratedRegex(@"^\d{1,3}$|^\d{1,3}(\d{3})+$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex ShortGroup();

    [GeneratedRegex(@"^(?<group>\d{3}(?:[.,]\d{2})?)(?:€|EUR)?$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex GroupOfThree();

    [GeneratedRegex(@"^(?<a>\d{1,2})(?<sep>[./-])(?<b>\d{1,2})[./-](?<y>\d{4}|\d{2})[.]?$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex NumericDate();

    [GeneratedRegex(@"^(?<y>(?:19|20)\d{2})[-/.](?<m>\d{1,2})[-/.](?<d>\d{1,2})[.]?$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex IsoDate();

    [GeneratedRegex(@"^(?:(?<d>\d{1,2})(?:\.|st|nd|rd|th|er)?\s*(?:de\s+)?(?<m>\p{L}{3,12})\.?,?\s*(?:de\s+)?|(?<m>\p{L}{3,12})\.?\s*(?<d2>\d{1,2})(?:st|nd|rd|th)?\s*,?\s*)(?<y>(?:19|20)\d{2})[.,;]?$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex WordDate();

    [GeneratedRegex(@"^[A-Z0-9]{1,34}$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex IbanGroup();

    [GeneratedRegex(@"^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex LooseIban();

    [GeneratedRegex(@"^[A-Z]{2}(\d|[A-Z]?\d|$|[A-Z]\d)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex StartsWithCountry();
}
