using System.Text.RegularExpressions;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>Chooses identifiers, dates, currency, VAT number and account.</summary>
internal static partial class PageFields
{
    private static readonly Hint[] IdHints = [Hint.Number, Hint.Order, Hint.OtherId, Hint.Vat, Hint.BuyerVat, Hint.Iban, Hint.Tax];
    private static readonly Hint[] DateHints = [Hint.IssueDate, Hint.DueDate, Hint.OtherDate, Hint.Order];

    // Words that open the title of a document: "Invoice FA-1", "Mietrechnung (387) Nr. 9 vom 1.10.2018".
    private static readonly string[] Titles =
        ["invoice", "facture", "fattura", "factura", "factuur", "faktura", "fatura", "gutschrift", "rechnungskorrektur", "avoir", "kreditnota", "bill"];

    /// <summary>Invoice numbers, best first.</summary>
    public static List<PageCandidate<string>> Numbers(PageContext context) => Ids(context, Hint.Number, TitleNumbers(context));

    /// <summary>Order references, best first.</summary>
    public static List<PageCandidate<string>> Orders(PageContext context) => Ids(context, Hint.Order, []);

    /// <summary>Dates of issue, best first.</summary>
    public static List<PageCandidate<DateOnly>> IssueDates(PageContext context, IReadOnlyList<PageValue<DateOnly>> dates)
    {
        var titled = TitleDates(context, dates);
        return Rank(dates, value => Math.Max(context.Score(value, Hint.IssueDate, DateHints), titled.Contains(value) ? 0.9 : 0) + (value.Run.Page == 1 ? 0.03 * (1 - (value.Area.Top / context.PageOf(value.Run).Height)) : 0) - (InFooter(context, value) ? 0.15 : 0));
    }

    // What stands at the foot of a page was printed by a machine for itself.
    private static bool InFooter(PageContext context, PageValue<DateOnly> value) => value.Area.Top > 0.92 * context.PageOf(value.Run).Height;

    /// <summary>Due dates, best first.</summary>
    public static List<PageCandidate<DateOnly>> DueDates(PageContext context, IReadOnlyList<PageValue<DateOnly>> dates) =>
        Rank(dates, value => context.Score(value, Hint.DueDate, DateHints));

    /// <summary>Currencies, best first: a labelled code, else what stands beside the amounts.</summary>
    public static List<PageCandidate<string>> Currencies(PageContext context, IReadOnlyList<PageValue<PageAmount>> amounts)
    {
        var found = new List<PageCandidate<string>>();
        foreach (var run in context.Runs)
        {
            for (var i = 0; i < run.Words.Count; i++)
            {
                if (PageValues.CurrencyOf(run.Words[i].Text) is not { } code)
                    continue;
                var value = new PageValue<string>(run, i, 1, run.Words[i].Area, run.Words[i].Text, code);
                var labelled = context.Score(value, Hint.Currency, []);
                var beside = amounts.Any(amount => ReferenceEquals(amount.Run, run) && Math.Abs(amount.First - i) <= 1) ? 0.6 : run.Words[i].Text.Any(char.IsLetter) ? 0.35 : 0.3;
                found.Add(new PageCandidate<string>(value, code, Math.Max(labelled, beside)));
            }
        }

        foreach (var amount in amounts.Where(amount => amount.Value.Money))
        {
            var sign = amount.Raw.FirstOrDefault(c => c is '€' or '£' or '$' or '₹');
            if (sign != default && PageValues.CurrencyOf(sign.ToString()) is { } code)
                found.Add(new PageCandidate<string>(new PageValue<string>(amount.Run, amount.First, amount.Count, amount.Area, sign.ToString(), code), code, 0.6));
        }

        // Many places that say the same are worth more than one; a dollar may be of several countries.
        return [.. found.GroupBy(candidate => candidate.Value, StringComparer.Ordinal)
            .Select(group => group.OrderByDescending(candidate => candidate.Score).First() with { Score = Math.Min(1, group.Max(candidate => candidate.Score) + (0.03 * Math.Min(10, group.Count() - 1))) })
            .Select(candidate => candidate.Source.Raw.Contains('$', StringComparison.Ordinal) ? candidate with { Score = candidate.Score * 0.8 } : candidate)
            .OrderByDescending(candidate => candidate.Score)];
    }

    /// <summary>Accounts to pay to, best first.</summary>
    public static List<PageCandidate<string>> Ibans(PageContext context, IReadOnlyList<PageValue<string>> ibans) =>
        Rank(ibans, value =>
        {
            // "We collect from your account": that account is the buyer's.
            var before = PageLabels.Normalize(string.Join(' ', value.Run.Words.Take(value.First).Select(word => word.Text)));
            var buyers = BuyersAccount().IsMatch(before);
            var label = context.Score(value, Hint.Iban, []);
            return buyers ? 0.1 : Math.Min(1, 0.6 + (0.3 * label) + (Iban.IsValid(value.Value) ? 0.1 : 0));
        });

    /// <summary>Values by score, those without any left out; the earlier one wins a draw.</summary>
    public static List<PageCandidate<T>> Rank<T>(IEnumerable<PageValue<T>> values, Func<PageValue<T>, double> score) =>
        [.. values.Select(value => new PageCandidate<T>(value, value.Value, Math.Min(1, score(value)))).Where(candidate => candidate.Score > 0.02)
            .OrderByDescending(candidate => candidate.Score).ThenBy(candidate => candidate.Source.Run.Page).ThenBy(candidate => candidate.Source.Area.Top)];

    private static List<PageCandidate<string>> Ids(PageContext context, Hint hint, Dictionary<(PageRun, int), double> titled)
    {
        var found = new List<PageValue<string>>();
        foreach (var run in context.Runs)
        {
            for (var i = 0; i < run.Words.Count; i++)
            {
                if (TryId(run, i, out var count, out var id))
                    found.Add(new PageValue<string>(run, i, count, run.Words.Skip(i).Take(count).Select(word => word.Area).Aggregate((a, b) => a.Union(b)), id, id));
            }
        }

        return Rank(found, value =>
        {
            var labelled = Math.Max(context.Score(value, hint, IdHints), titled.GetValueOrDefault((value.Run, value.First)));
            var inBrackets = value.Run.Words[value.First].Text.StartsWith('(') && value.Run.Words[value.First].Text.EndsWith(')');
            return labelled * Shape(value.Value) * (inBrackets ? 0.2 : 1) * (hint == Hint.Order && NamesALine(value) ? 0.25 : 1);
        });
    }

    // "Order 4711 line 1" stands at a line and says nothing of the invoice as a whole.
    private static bool NamesALine(PageValue<string> value) =>
        (value.First + value.Count < value.Run.Words.Count && IsLineWord(value.Run.Words[value.First + value.Count].Text)) || (value.First > 0 && IsLineWord(value.Run.Words[value.First - 1].Text));

    private static bool IsLineWord(string word) => PageLabels.Normalize(word) is "zeile" or "line" or "ligne" or "pos" or "position" or "riga" or "linea" or "regel";

    // One word with a digit, joined with what a lone stroke ties to it.
    private static bool TryId(PageRun run, int at, out int count, out string id)
    {
        count = 1;
        id = run.Words[at].Text.Trim(':', ',', ';', '(', ')', '#', '"');
        while (at + count + 1 < run.Words.Count && run.Words[at + count].Text is "/" or "-" && run.Words[at + count + 1].Text.Any(char.IsDigit))
        {
            id += $" {run.Words[at + count].Text} {run.Words[at + count + 1].Text.Trim(',', ';')}";
            count += 2;
        }

        id = id.TrimEnd('.');
        return id.Length is >= 1 and <= 40 && id.Any(char.IsDigit);
    }

    // How much a word looks like an identifier rather than an amount, a date, a percentage or a lone small number.
    private static double Shape(string id)
    {
        if (id.EndsWith('%') || id.Contains('€', StringComparison.Ordinal) || id.Contains('@', StringComparison.Ordinal))
            return 0.05;
        if (Dated().IsMatch(id))
            return 0.15;
        if (Decimal().IsMatch(id))
            return 0.15;
        var digits = id.Count(char.IsDigit);
        return digits >= 3 ? 1 : digits == 2 ? 0.8 : 0.6;
    }

    // A title's number follows at once, or after a code in brackets and a word for "number".
    private static Dictionary<(PageRun, int), double> TitleNumbers(PageContext context)
    {
        var found = new Dictionary<(PageRun, int), double>();
        foreach (var run in context.Runs)
        {
            var at = TitleEnd(run);
            if (at < 0)
                continue;
            var numbered = false;
            while (at < run.Words.Count && (PageContext.IsFiller(run.Words[at].Text) || run.Words[at].Text.StartsWith('(')))
            {
                at = SkipBracket(run, at, out var word);
                numbered |= PageLabels.Normalize(word) is "nr" or "no" or "n" or "number";
            }

            if (at < run.Words.Count && run.Words[at].Text.Any(char.IsDigit))
                found[(run, at)] = numbered || run.Words[at].Text.Count(char.IsDigit) >= 3 ? 0.95 : 0.6;
        }

        return found;
    }

    // The date of a title stands behind its number: in the same run, or at the start of the next row.
    private static HashSet<PageValue<DateOnly>> TitleDates(PageContext context, IReadOnlyList<PageValue<DateOnly>> dates)
    {
        var numbers = TitleNumbers(context).Where(entry => entry.Value > 0.9).Select(entry => entry.Key).ToList();
        return [.. dates.Where(date => numbers.Exists(number =>
            (ReferenceEquals(number.Item1, date.Run) && date.First > number.Item2 && date.First <= number.Item2 + 3)
            || (number.Item1.Page == date.Run.Page && date.First == 0 && EndsOpen(number.Item1) && Math.Abs(date.Area.Left - number.Item1.Area.Left) < 5
                && date.Area.Top > number.Item1.Area.Top && date.Area.Top - number.Item1.Area.Bottom < 1.5 * number.Item1.Size)))];
    }

    private static bool EndsOpen(PageRun run) => PageLabels.Normalize(run.Words[^1].Text) is "vom" or "von" or "du" or "of" or "dated" or "del" or "van" or "av" or "from";

    // (380), (self-billed invoice): all words up to the closing bracket.
    private static int SkipBracket(PageRun run, int at, out string word)
    {
        word = run.Words[at].Text;
        var end = at;
        if (word.StartsWith('('))
        {
            while (end < run.Words.Count - 1 && !run.Words[end].Text.EndsWith(')'))
                end++;
        }

        return end + 1;
    }

    private static int TitleEnd(PageRun run)
    {
        for (var i = 0; i < Math.Min(4, run.Words.Count); i++)
        {
            var word = PageLabels.Normalize(run.Words[i].Text);
            if (word.EndsWith("rechnung", StringComparison.Ordinal) || Titles.Contains(word, StringComparer.Ordinal))
                return i + 1;
        }

        return -1;
    }

    [GeneratedRegex(@"^\d{1,2}[./-]\d{1,2}[./-](\d{4}|\d{2})$|^(19|20)\d{2}-\d{2}-\d{2}$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Dated();

    [GeneratedRegex(@"^-?\d{1,3}([.,]\d{3})*[.,]\d{2}$|^-?\d+[.,]\d{2}$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Decimal();

    [GeneratedRegex(@"(ihrem konto|ihr konto|your account|votre compte|vostro conto|su cuenta|uw rekening)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex BuyersAccount();
}
