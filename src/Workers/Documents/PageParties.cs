using System.Text.RegularExpressions;

namespace Countersign.Workers.Documents;

/// <summary>Seller and buyer with their scores, and the seller's VAT number.</summary>
internal sealed record PagePartiesChoice(PageCandidate<string>? Seller, PageCandidate<string>? Buyer, PageCandidate<string>? SellerVat);

/// <summary>Finds who sends and who receives: headed sections first, then sender lines and address blocks.</summary>
internal sealed partial class PageParties
{
    private const double AcceptRole = 0.3;

    private readonly PageContext context;
    private readonly List<Section> sections;
    private readonly List<Named> names = [];
    private readonly string contacts;

    private PageParties(PageContext context)
    {
        this.context = context;
        sections = FindSections(context);
        // Letters of mail addresses and web sites: a company's name often stands in them.
        contacts = string.Concat(context.Runs.SelectMany(run => run.Words).Where(word => word.Text.Contains('@', StringComparison.Ordinal) || word.Text.Contains("www", StringComparison.OrdinalIgnoreCase) || word.Text.Contains("http", StringComparison.OrdinalIgnoreCase))
            .Select(word => PageLabels.Normalize(word.Text).Replace(" ", "", StringComparison.Ordinal) + " "));
    }

    public static PagePartiesChoice Choose(PageContext context, IReadOnlyList<PageValue<string>> vats)
    {
        var parties = new PageParties(context);
        parties.NamesOfSections();
        parties.NamesOfSenderLines();
        parties.NamesOfBlocks(vats);
        var (seller, buyer) = parties.Best();
        return new PagePartiesChoice(seller, buyer, parties.Vat(vats, buyer));
    }

    private sealed record Section(Hint Hint, PageLabel Label, double Bottom, double Right)
    {
        public bool Holds(int page, Area area) =>
            page == Label.Run.Page && area.Top > Label.Area.Top - 2 && area.Top < Bottom && area.Left > Label.Area.Left - 15 && area.Left < Right;
    }

    private sealed record Named(PageRun Run, int First, int Count, string Text, double Seller, double Buyer);

    // A heading stands alone in its run or ends with a colon.
    private static bool IsHeading(PageLabel label)
    {
        var rest = label.Run.Words.Take(label.First).Concat(label.Run.Words.Skip(label.First + label.Count)).Any(word => PageLabels.Normalize(word.Text).Length > 0);
        return label.First == 0 && (!rest || label.Run.Words[label.Count - 1].Text.EndsWith(':') || (label.Count < label.Run.Words.Count && label.Run.Words[label.Count].Text == ":"));
    }

    private static List<Section> FindSections(PageContext context)
    {
        var heads = context.Labels.Where(label => label.Hint is Hint.Seller or Hint.Buyer or Hint.OtherParty && IsHeading(label) && !context.HeadRows.Contains(label.Run)).ToList();
        return [.. heads.Select(head => new Section(
            head.Hint,
            head,
            heads.Where(other => other.Run.Page == head.Run.Page && other.Area.Top > head.Area.Bottom && Math.Abs(other.Area.Left - head.Area.Left) < 60).Select(other => other.Area.Top - 1).DefaultIfEmpty(double.MaxValue).Min() is var next ? Math.Min(next, head.Area.Bottom + 170) : 0,
            heads.Where(other => other.Run.Page == head.Run.Page && Math.Abs(other.Area.Top - head.Area.Top) < 40 && other.Area.Left > head.Area.Right + 20).Select(other => other.Area.Left - 10).DefaultIfEmpty(head.Area.Left + (0.45 * context.PageOf(head.Run).Width)).Min()))];
    }

    private void NamesOfSections()
    {
        foreach (var section in sections.Where(section => section.Hint != Hint.OtherParty))
        {
            var (run, first, score) = NameIn(section);
            if (run is null)
                continue;
            var text = Join(run, first, run.Words.Count - first);
            names.Add(new Named(run, first, run.Words.Count - first, text, section.Hint == Hint.Seller ? score : 0, section.Hint == Hint.Buyer ? score : 0));
        }
    }

    private (PageRun? Run, int First, double Score) NameIn(Section section)
    {
        // Behind the colon: "Sold by: Company".
        var head = section.Label;
        var after = head.First + head.Count;
        while (after < head.Run.Words.Count && PageLabels.Normalize(head.Run.Words[after].Text).Length == 0)
            after++;
        if (after < head.Run.Words.Count && LooksLikeName(Join(head.Run, after, head.Run.Words.Count - after)))
            return (head.Run, after, 0.9);
        var inside = context.RunsOn(head.Run.Page).Where(run => !ReferenceEquals(run, head.Run) && section.Holds(run.Page, run.Area)).OrderBy(run => run.Area.Top).ThenBy(run => run.Area.Left).ToList();
        foreach (var named in context.Labels.Where(label => label.Hint == Hint.Name && label.First == 0 && inside.Contains(label.Run)))
        {
            if (named.Count < named.Run.Words.Count && PageLabels.Normalize(Join(named.Run, named.Count, named.Run.Words.Count - named.Count)).Length > 0)
                return (named.Run, SkipMarks(named.Run, named.Count), 0.97);
            if (inside.Find(run => run.Area.RowOverlap(named.Area) > 0.6 && run.Area.Left > named.Area.Right) is { } value)
                return (value, SkipMarks(value, 0), 0.97);
        }

        var first = inside.Find(run => LooksLikeName(run.Text) && run.Area.Top - head.Area.Bottom < 6 * head.Run.Size);
        return (first, 0, 0.85);
    }

    // Sender's line over the address window, or a letterhead in one line: name, street, town, divided by marks.
    private void NamesOfSenderLines()
    {
        foreach (var page in context.Text.Pages.Take(1))
        {
            foreach (var row in page.Rows)
            {
                var words = row.SelectMany(run => run.Words.Select(word => (run, word))).Take(40).ToList();
                var text = string.Join(' ', words.Select(entry => entry.word.Text));
                if (!Town().IsMatch(text) || InSection(row[0], Hint.Buyer) || InSection(row[0], Hint.OtherParty))
                    continue;
                var parts = Divider().Split(text);
                if (parts.Length < 2 || !parts.Skip(1).Any(part => Town().IsMatch(part)) || !LooksLikeName(parts[0]) || Town().IsMatch(parts[0]) || Street().IsMatch(parts[0]))
                    continue;
                var count = parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
                var run = row[0];
                if (count > run.Words.Count || parts.Length < 3 && !Divided(text))
                    continue;
                var name = Join(run, 0, count).TrimEnd(',');
                if (PageLabels.Find(run).Any(label => label.First == 0 && label.Hint is Hint.OtherParty or Hint.Buyer))
                    continue;
                names.Add(new Named(run, 0, count, name, 0.72, 0));
                BuyerUnder(run);
            }
        }
    }

    private void BuyerUnder(PageRun sender)
    {
        var below = context.RunsOn(sender.Page).Where(run => run.Area.Top > sender.Area.Bottom && run.Area.Top - sender.Area.Bottom < 45 && Math.Abs(run.Area.Left - sender.Area.Left) < 45 && run.Size > sender.Size * 0.99)
            .OrderBy(run => run.Area.Top).FirstOrDefault();
        // In a letterhead contact data follows, in a window the addressee.
        if (below is not null && LooksLikeName(below.Text) && !Contact().IsMatch(below.Text) && FollowedByTown(below))
            names.Add(new Named(below, 0, below.Words.Count, below.Text, 0, 0.75));
    }

    private bool FollowedByTown(PageRun name) =>
        context.RunsOn(name.Page).Any(run => run.Area.Top > name.Area.Top && run.Area.Top - name.Area.Bottom < 110 && Math.Abs(run.Area.Left - name.Area.Left) < 6 && Town().IsMatch(run.Text));

    private void NamesOfBlocks(IReadOnlyList<PageValue<string>> vats)
    {
        foreach (var block in Blocks())
        {
            var town = block.FindIndex(run => Town().IsMatch(run.Text));
            if (town < 0 || town > 6 || InSection(block[0], Hint.OtherParty))
                continue;
            var contact = block.Exists(run => Contact().IsMatch(run.Text)) || vats.Any(vat => block.Contains(vat.Run));
            var footer = block[0].Area.Top > 0.8 * context.PageOf(block[0]).Height;
            var left = block[0].Area.Left < 0.45 * context.PageOf(block[0]).Width;
            var order = 0;
            foreach (var run in block.Take(Math.Max(1, town)).Where(run => LooksLikeName(run.Text) && !Street().IsMatch(run.Text)).Take(2))
            {
                var weight = order++ == 0 ? 1.0 : 0.8;
                var seller = (contact ? 0.55 : footer ? 0.5 : left ? 0.28 : 0.38) * weight;
                var buyer = (contact || footer ? 0.15 : left ? 0.5 : 0.42) * weight;
                names.Add(new Named(run, 0, run.Words.Count, run.Text, InSection(run, Hint.Buyer) ? 0 : seller, InSection(run, Hint.Seller) ? 0 : buyer));
            }
        }
    }

    // Rows one under the other with a common left or right edge, on the first page.
    private List<List<PageRun>> Blocks()
    {
        var blocks = new List<List<PageRun>>();
        foreach (var run in context.RunsOn(1).OrderBy(run => run.Area.Top))
        {
            var block = blocks.Find(known => known[^1] is var last && run.Area.Top > last.Area.Top + 2 && run.Area.Top - last.Area.Bottom < 1.9 * Math.Max(run.Size, last.Size)
                && (Math.Abs(run.Area.Left - known[0].Area.Left) < 3.5 || Math.Abs(run.Area.Right - known[0].Area.Right) < 2));
            if (block is null)
                blocks.Add(block = []);
            block.Add(run);
        }

        return blocks;
    }

    private bool InSection(PageRun run, Hint hint) =>
        sections.Where(section => section.Holds(run.Page, run.Area)).OrderByDescending(section => section.Label.Area.Top).FirstOrDefault()?.Hint == hint;

    private (PageCandidate<string>? Seller, PageCandidate<string>? Buyer) Best()
    {
        var groups = names.GroupBy(name => Squeeze(name.Text), StringComparer.Ordinal).Select(group => (
            Name: group.OrderByDescending(name => Math.Max(name.Seller, name.Buyer)).First(),
            Seller: Combine(group.Select(name => name.Seller)) * (group.Max(name => name.Seller) > 0 ? 1 : 0) + Bonus(group.Key, group.Max(name => name.Seller)),
            Buyer: Combine(group.Select(name => name.Buyer)))).ToList();
        // "Alpha" in the sender's line and "Alpha Cars Ltd" in the letterhead are one: the full name stands for both.
        for (var i = 0; i < groups.Count; i++)
        {
            var shorter = groups[i];
            var full = groups.FindIndex(other => other.Name.Text.StartsWith(shorter.Name.Text + " ", StringComparison.OrdinalIgnoreCase));
            if (full >= 0)
                groups[full] = (groups[full].Name, Math.Max(groups[full].Seller, shorter.Seller) + 0.05, Math.Max(groups[full].Buyer, shorter.Buyer));
        }

        (PageCandidate<string>? Seller, PageCandidate<string>? Buyer) best = default;
        var bestScore = 0.0;
        foreach (var seller in groups.Append(default))
        {
            foreach (var buyer in groups.Append(default))
            {
                if (seller.Name is not null && ReferenceEquals(seller.Name, buyer.Name))
                    continue;
                var score = Math.Max(AcceptRole, seller.Seller) + Math.Max(AcceptRole, buyer.Buyer);
                if (score <= bestScore)
                    continue;
                bestScore = score;
                best = (Candidate(seller.Name, seller.Seller), Candidate(buyer.Name, buyer.Buyer));
            }
        }

        return best;
    }

    // Named in the mail address or the web site; written more than once on the pages.
    private double Bonus(string squeezed, double seller)
    {
        if (seller <= 0)
            return 0;
        var core = LegalForm().Replace(squeezed, "");
        var bonus = core.Length >= 4 && contacts.Contains(core, StringComparison.Ordinal) ? 0.25 : FirstWordIn(core) ? 0.15 : 0;
        var times = context.Runs.Count(run => Squeeze(run.Text).Contains(squeezed, StringComparison.Ordinal));
        return bonus + (0.12 * Math.Min(2, times - 1));
    }

    private bool FirstWordIn(string core) => core.Length >= 5 && contacts.Contains(core[..5], StringComparison.Ordinal);

    private static double Combine(IEnumerable<double> scores)
    {
        var ordered = scores.OrderDescending().ToList();
        return ordered[0] + (ordered.Skip(1).Any(score => score > 0) && ordered[0] > 0 ? 0.08 : 0);
    }

    private static PageCandidate<string>? Candidate(Named? name, double score) =>
        name is null || score < AcceptRole
            ? null
            : new PageCandidate<string>(
                new PageValue<string>(name.Run, name.First, name.Count, name.Run.Words.Skip(name.First).Take(name.Count).Select(word => word.Area).Aggregate((a, b) => a.Union(b)), name.Text, name.Text),
                name.Text, Math.Min(1, score));

    private PageCandidate<string>? Vat(IReadOnlyList<PageValue<string>> vats, PageCandidate<string>? buyer) =>
        PageFields.Rank(vats, value =>
        {
            var labelled = context.Score(value, Hint.Vat, [Hint.Iban, Hint.OtherId]);
            if (context.Score(value, Hint.BuyerVat, []) > 0.4)
                return 0.06;
            var score = 0.55 + (0.25 * labelled);
            var section = sections.Where(s => s.Holds(value.Run.Page, value.Area)).OrderByDescending(s => s.Label.Area.Top).FirstOrDefault();
            score += section?.Hint switch
            {
                Hint.Seller => 0.2,
                Hint.Buyer => -0.45,
                Hint.OtherParty => -0.3,
                _ => 0,
            };
            var height = context.PageOf(value.Run).Height;
            if (section is null && (value.Area.Top < 0.2 * height || value.Area.Top > 0.8 * height))
                score += 0.1;
            var nearBuyer = buyer is not null && buyer.Source.Run.Page == value.Run.Page && Math.Abs(buyer.Source.Area.Left - value.Area.Left) < 60
                && value.Area.Top > buyer.Source.Area.Top && value.Area.Top - buyer.Source.Area.Top < 130 && section?.Hint != Hint.Seller;
            return score - (nearBuyer ? 0.3 : 0) - (0.0001 * value.Run.Page);
        }).FirstOrDefault();

    private static bool LooksLikeName(string text)
    {
        var trimmed = text.Trim(' ', ',', ':', '.');
        if (trimmed.Length is < 2 or > 70 || !trimmed.Any(char.IsLetter) || char.IsDigit(trimmed[0]) || trimmed[0] is '(' or '*' or '#' || trimmed.Count(char.IsDigit) > 3 || text.TrimEnd().EndsWith(':'))
            return false;
        if (Contact().IsMatch(text) || Town().IsMatch(text) || text.Contains(':', StringComparison.Ordinal) || trimmed.Split(' ').Length > 8)
            return false;
        var normalized = PageLabels.Normalize(trimmed);
        return !NotNames().IsMatch(normalized) && !HouseNumber().IsMatch(normalized) && !IsOnlyLabel(normalized);
    }

    private static bool IsOnlyLabel(string normalized)
    {
        var run = new PageRun([.. normalized.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => new PageWord(word, default, 10, false, 1))]);
        return run.Words.Count == 0 || PageLabels.Find(run).Any(label => label.Count >= run.Words.Count);
    }

    private static bool Divided(string text) => text.Contains('●', StringComparison.Ordinal) || text.Contains('|', StringComparison.Ordinal) || text.Contains('·', StringComparison.Ordinal) || text.Contains('•', StringComparison.Ordinal);

    private static int SkipMarks(PageRun run, int first)
    {
        while (first < run.Words.Count - 1 && PageLabels.Normalize(run.Words[first].Text).Length == 0)
            first++;
        return first;
    }

    private static string Join(PageRun run, int first, int count) => string.Join(' ', run.Words.Skip(first).Take(count).Select(word => word.Text)).Trim();

    private static string Squeeze(string text) => PageLabels.Normalize(text).Replace(" ", "", StringComparison.Ordinal);

    // Postcode and town in the ways of the continent, Britain, Ireland and North America.
    [GeneratedRegex(@"(^|[ ,(-])([A-Z]{1,3}[ -])?\d{4,5}([ -]\d{3})?,? +\p{Lu}[\p{L}.'-]+|\p{L}{2,}[ ,]+[A-Z]{2},? +\d{5}(-\d{4})?|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b\d{4} [A-Z]{2} +\p{Lu}|\b[A-Z]\d[\dW] ?[\dA-Z]{4}\b", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Town();

    [GeneratedRegex(@"(strasse|straße|str\.|weg|platz|allee|gasse|ring|damm|ufer|street|road|avenue|lane|drive| st,| rd| ave|\brue\b|chemin|boulevard|\bvia\b|viale|piazza|calle|camino|plaza|straat|laan|gata|gade|vej|ulica|\bul\.) ?\d|^\d+[a-z]? ?,? \p{L}+|(straße|strasse|str\.?|weg|platz|allee) \d", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex Street();

    [GeneratedRegex(@"^[\p{L} ]+ \d{1,4}[a-z]?$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex HouseNumber();

    [GeneratedRegex(@"@|www\.|https?:|\btel\b|tel\.|telefon|phone|\bfax\b|\bfon\b|\+\d{2}[ (\d]|e-?mail|ust[.-]? ?-?id|\bvat\b|\btva\b|\biban\b|\bbic\b|siren|siret|hrb|handelsreg|\bgln\b|gesch[aä]ftsf", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex Contact();

    [GeneratedRegex(@" +[-–●•·|] +| *, +|[●•·|]", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Divider();

    [GeneratedRegex(@"^(rechnung|invoice|facture|fattura|factura|factuur|gutschrift|credit note|tax invoice|seite|page|deutschland|germany|france|spain|italia|italy|osterreich|austria|schweiz|original|kopie|copy|logo .*|logo|beispiel rechnungen.*|stylesheet.*|attn.*|z hd.*|c o .*|.*\brechnung\b.*|.*\binvoice\b.*)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex NotNames();

    [GeneratedRegex(@"(gmbhcokg|gmbhco|gmbh|ag|kg|ohg|ug|sarl|sasu|sas|sa|srl|spa|bv|nv|ltd|limited|llc|inc|corp|corporation|plc|asa|as|ab|oy|sl)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex LegalForm();
}
