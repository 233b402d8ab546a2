namespace Countersign.Workers.Documents;

/// <summary>A value proposed for a field, with a raw score 0 to 1.</summary>
internal sealed record PageCandidate<T>(PageValue<T> Source, T Value, double Score);

/// <summary>Everything known about the pages of one document, and how labels and values stand to each other.</summary>
internal sealed class PageContext
{
    private readonly Dictionary<int, PageText> pages;
    private readonly ILookup<int, PageRun> runsOfPage;

    public PageContext(DocumentText text)
    {
        Text = text;
        pages = text.Pages.ToDictionary(page => page.Number);
        Runs = [.. text.Pages.SelectMany(page => page.Runs)];
        runsOfPage = Runs.ToLookup(run => run.Page);
        Labels = [.. Runs.SelectMany(PageLabels.Find)];
        HeadRows = FindHeadRows();
    }

    public DocumentText Text { get; }

    public List<PageRun> Runs { get; }

    public List<PageLabel> Labels { get; }

    /// <summary>Runs that belong to the head of a table: their labels name columns, not single values.</summary>
    public HashSet<PageRun> HeadRows { get; }

    public PageText PageOf(PageRun run) => pages[run.Page];

    public IEnumerable<PageRun> RunsOn(int page) => runsOfPage[page];

    /// <summary>How well a value stands to a label: 1 right behind it, less with distance and with words between, 0 not at all.</summary>
    public double Relation<T>(PageLabel label, PageValue<T> value)
    {
        if (label.Run.Page != value.Run.Page)
            return 0;
        if (ReferenceEquals(label.Run, value.Run))
            return Inside(label, value);
        var (from, to) = (label.Area, value.Area);
        if (from.RowOverlap(to) >= 0.5 && to.Left >= from.Right - 1)
            return Right(label, value);
        return to.Top >= from.Bottom - (0.35 * from.Height) ? Below(label, value) : 0;
    }

    private static double Inside<T>(PageLabel label, PageValue<T> value)
    {
        var between = value.First - (label.First + label.Count);
        if (between < 0)
            return 0;
        var words = label.Run.Words.Skip(label.First + label.Count).Take(between).Count(word => !IsFiller(word.Text));
        return words switch
        {
            0 => 1.0,
            1 => 0.75,
            2 => 0.6,
            3 or 4 => 0.45,
            <= 7 => 0.3,
            _ => 0.1,
        };
    }

    private double Right<T>(PageLabel label, PageValue<T> value)
    {
        var words = label.Run.Words.Skip(label.First + label.Count).Count(word => !IsFiller(word.Text)) + value.Run.Words.Take(value.First).Count(word => !IsFiller(word.Text));
        foreach (var run in runsOfPage[value.Run.Page])
        {
            if (ReferenceEquals(run, label.Run) || ReferenceEquals(run, value.Run) || run.Area.Left < label.Area.Right - 1 || run.Area.Right > value.Area.Left + 1)
                continue;
            if (run.Area.RowOverlap(label.Area) >= 0.5 && run.Area.RowOverlap(value.Area) >= 0.3)
                words += run.Words.Count(word => !IsFiller(word.Text));
        }

        var near = Math.Max(0.72, 1 - ((value.Area.Left - label.Area.Right) / 1200));
        return near * words switch
        {
            0 => 0.98,
            1 => 0.7,
            2 => 0.55,
            3 or 4 => 0.4,
            <= 8 => 0.22,
            _ => 0.08,
        };
    }

    private double Below<T>(PageLabel label, PageValue<T> value)
    {
        var size = Math.Max(label.Run.Size, value.Run.Size);
        var drop = value.Area.Top - label.Area.Bottom;
        if (drop > 3 * size)
            return 0;
        // A value under a label starts its run, or stands alone in it.
        var lead = value.Run.Words.Take(value.First).Count(word => !IsFiller(word.Text));
        var aligned = Math.Abs(value.Area.Left - label.Area.Left) < 4 || Math.Abs(value.Area.Right - label.Area.Right) < 4 || Math.Abs(value.Area.MiddleX - label.Area.MiddleX) < 6;
        var overlap = value.Area.ColumnOverlap(label.Area) > 0.3;
        var shifted = value.Area.Left > label.Area.Left + 20 && value.Area.Left < label.Area.Left + 260 && drop < 0.9 * size;
        var score = aligned ? 0.85 : overlap ? 0.75 : shifted ? 0.6 : 0;
        if (score == 0)
            return 0;
        score *= 1 - (0.12 * Math.Max(0, drop) / size);
        if (lead > 0)
            score *= lead == 1 ? 0.6 : 0.35;
        return score * (HasRightNeighbour(label) ? 0.45 : 1) * (Crossed(label, value) ? 0.35 : 1);
    }

    // A label with its value beside it is served: what stands below belongs to the next one.
    private bool HasRightNeighbour(PageLabel label)
    {
        if (label.First + label.Count < label.Run.Words.Count && label.Run.Words.Skip(label.First + label.Count).Any(word => word.Text.Any(char.IsDigit)))
            return true;
        return runsOfPage[label.Run.Page].Any(run => !ReferenceEquals(run, label.Run) && run.Area.RowOverlap(label.Area) > 0.7 && run.Area.Left > label.Area.Right
            && run.Area.Left - label.Area.Right < 160 && run.Text.Any(char.IsDigit) && !HeadRows.Contains(label.Run));
    }

    // Another label stands between the two, in the same column.
    private bool Crossed<T>(PageLabel label, PageValue<T> value) =>
        Labels.Exists(other => other.Run.Page == label.Run.Page && !ReferenceEquals(other.Run, label.Run) && !ReferenceEquals(other.Run, value.Run)
            && other.Area.Top > label.Area.Top + 2 && other.Area.Bottom < value.Area.Top + (0.4 * value.Area.Height) && other.Area.ColumnOverlap(value.Area) > 0);

    /// <summary>Words that may stand between a label and its value.</summary>
    public static bool IsFiller(string word)
    {
        var bare = PageLabels.Normalize(word);
        return bare.Length == 0 || bare is "nr" or "no" or "n" or "num" or "number" or "numero" or "am" or "zum" or "der" or "le" or "den" or "the" or "in" || PageValues.CurrencyOf(word) is not null;
    }

    // Three or more labels side by side and no amount with decimals in the row.
    private HashSet<PageRun> FindHeadRows()
    {
        var heads = new HashSet<PageRun>();
        foreach (var page in Text.Pages)
        {
            foreach (var row in page.Rows)
            {
                var named = Labels.Where(label => row.Contains(label.Run) && label.Run.Page == page.Number).Select(label => label.Run).Distinct().Count();
                if (named < 3 || row.Count < 3 || row.SelectMany(run => run.Words).Any(word => word.Text.Any(char.IsDigit) && word.Text.Contains(',', StringComparison.Ordinal)))
                    continue;
                foreach (var run in row)
                    heads.Add(run);
            }
        }

        return heads;
    }

    /// <summary>Best score of the value for a hint, reduced when another hint of the same kind fits better.</summary>
    public double Score<T>(PageValue<T> value, Hint hint, ReadOnlySpan<Hint> rivals)
    {
        double own = 0, other = 0;
        foreach (var label in Labels)
        {
            var counts = label.Hint == hint;
            if (!counts && !Contains(rivals, label.Hint))
                continue;
            var relation = Relation(label, value);
            if (relation == 0)
                continue;
            // The longer the phrase, the surer it is; a head row names many values.
            var strength = label.Strength * (label.First > 0 ? 0.93 : 1) * (HeadRows.Contains(label.Run) && label.Run.Area.Top < value.Area.Top - (3 * label.Run.Size) ? 0.5 : 1);
            if (counts)
                own = Math.Max(own, relation * strength);
            else
                other = Math.Max(other, relation * strength);
        }

        return other > own ? own * 0.3 : own;
    }

    private static bool Contains(ReadOnlySpan<Hint> hints, Hint hint) => hints.IndexOf(hint) >= 0;
}
