using System.Runtime.InteropServices;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>A rectangle in points from the page's top left corner.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Area(double Left, double Top, double Right, double Bottom)
{
    public double Width => Right - Left;

    public double Height => Bottom - Top;

    public double MiddleX => (Left + Right) / 2;

    public double MiddleY => (Top + Bottom) / 2;

    public Area Union(Area other) => new(Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right), Math.Max(Bottom, other.Bottom));

    /// <summary>Share of the smaller height that both have in common.</summary>
    public double RowOverlap(Area other)
    {
        var common = Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top);
        var smaller = Math.Min(Height, other.Height);
        return smaller <= 0 ? 0 : Math.Max(0, common) / smaller;
    }

    /// <summary>Share of the smaller width that both have in common.</summary>
    public double ColumnOverlap(Area other)
    {
        var common = Math.Min(Right, other.Right) - Math.Max(Left, other.Left);
        var smaller = Math.Min(Width, other.Width);
        return smaller <= 0 ? 0 : Math.Max(0, common) / smaller;
    }
}

/// <summary>A word as it stands on a page.</summary>
internal sealed record PageWord(string Text, Area Area, double Size, bool Bold, int Page);

/// <summary>Words of one row that belong together: the gap to the next run is wider than a space.</summary>
internal sealed class PageRun(List<PageWord> words)
{
    public List<PageWord> Words { get; } = words;

    public string Text { get; } = string.Join(' ', words.Select(word => word.Text));

    public Area Area { get; } = words.Select(word => word.Area).Aggregate((a, b) => a.Union(b));

    public int Page => Words[0].Page;

    public double Size => Words[0].Size;

    public bool Bold => Words[0].Bold;
}

/// <summary>The readable text of one page.</summary>
internal sealed record PageText(int Number, double Width, double Height, List<List<PageRun>> Rows)
{
    public IEnumerable<PageRun> Runs => Rows.SelectMany(row => row);

    public PageBox Box(Area area) =>
        new(Number, Round(area.Left), Round(area.Top), Round(area.Width), Round(area.Height), Round(Width), Round(Height));

    private static double Round(double value) => Math.Round(value, 1, MidpointRounding.AwayFromZero);
}

/// <summary>All pages, and what was left out because a person would not see it.</summary>
/// <param name="Pages">The pages in order.</param>
/// <param name="HiddenText">Text that is drawn but not visible: white on white, invisible, tiny, off the page; shortened.</param>
/// <param name="HiddenCharacters">How many characters of that kind there are.</param>
/// <param name="FromImage">Whether the text is the invisible layer that a scanner's text recognition laid over an image.</param>
/// <param name="Images">How many images the pages hold.</param>
internal sealed record DocumentText(List<PageText> Pages, string HiddenText, int HiddenCharacters, bool FromImage, int Images);
