using System.Text;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Graphics.Colors;

namespace Countersign.Workers.Documents;

/// <summary>Turns the letters of a PDF into words, runs and rows with positions, and sets aside what a person would not see.</summary>
internal static class PageTextExtractor
{
    /// <summary>Letters read from one document at most; far above any invoice.</summary>
    private const int MaxLetters = 400_000;

    // In ems: a gap above the first ends a word, above the second a run.
    private const double WordGap = 0.17;
    private const double RunGap = 0.9;
    private const double TinyPoints = 2.5;

    public static DocumentText Extract(PdfDocument document, CancellationToken cancellation)
    {
        var pages = new List<PageText>();
        var hidden = new StringBuilder();
        int hiddenCount = 0, images = 0, letters = 0;
        var fromImage = false;
        for (var number = 1; number <= document.NumberOfPages && letters < MaxLetters; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            var page = document.GetPage(number);
            letters += page.Letters.Count;
            images += page.NumberOfImages;
            var (visible, unseen) = Split(page);
            var recognised = visible.Count == 0 && page.NumberOfImages > 0 && unseen.Count > 0 && unseen.TrueForAll(IsUndrawn);
            fromImage |= recognised;
            if (!recognised)
            {
                hiddenCount += unseen.Count(letter => !string.IsNullOrWhiteSpace(letter.Value));
                foreach (var letter in unseen.Take(Math.Max(0, 2000 - hidden.Length)))
                    hidden.Append(letter.Value);
            }

            pages.Add(new PageText(number, page.Width, page.Height, Rows(recognised ? unseen : visible, page)));
        }

        return new DocumentText(pages, hidden.ToString(), hiddenCount, fromImage, images);
    }

    private static (List<Letter> Visible, List<Letter> Hidden) Split(Page page)
    {
        var dark = new Lazy<List<PdfRectangle>>(() => DarkAreas(page));
        var visible = new List<Letter>();
        var hidden = new List<Letter>();
        foreach (var letter in page.Letters)
            (IsHidden(letter, page, dark) ? hidden : visible).Add(letter);
        return (visible, hidden);
    }

    private static bool IsHidden(Letter letter, Page page, Lazy<List<PdfRectangle>> dark)
    {
        if (string.IsNullOrWhiteSpace(letter.Value))
            return false;
        var at = letter.StartBaseLine;
        if (IsUndrawn(letter) || letter.PointSize is > 0 and < TinyPoints || at.X < -2 || at.Y < -2 || at.X > page.Width + 2 || at.Y > page.Height + 2)
            return true;
        return (letter.RenderingMode is TextRenderingMode.Fill or TextRenderingMode.FillClip) && IsWhite(letter.FillColor) && !dark.Value.Exists(area => Holds(area, at));
    }

    private static bool IsUndrawn(Letter letter) => letter.RenderingMode is TextRenderingMode.Neither or TextRenderingMode.NeitherClip;

    private static bool IsWhite(IColor? color)
    {
        // Patterns have no single colour.
        if (color is null or PatternColor)
            return false;
        var (r, g, b) = color.ToRGBValues();
        return r > 0.96 && g > 0.96 && b > 0.96;
    }

    // White text is readable on a filled shape or an image.
    private static List<PdfRectangle> DarkAreas(Page page)
    {
        var areas = page.Paths.Where(path => path.IsFilled && !IsWhite(path.FillColor)).Select(path => path.GetBoundingRectangle()).OfType<PdfRectangle>().ToList();
        areas.AddRange(page.GetImages().Select(image => image.BoundingBox));
        return areas;
    }

    private static bool Holds(PdfRectangle area, PdfPoint at) => at.X >= area.Left - 1 && at.X <= area.Right + 1 && at.Y >= area.Bottom - 3 && at.Y <= area.Top + 1;

    private static List<List<PageRun>> Rows(List<Letter> letters, Page page)
    {
        var glyphs = letters.Where(letter => letter.TextOrientation == TextOrientation.Horizontal && letter.Value.Length > 0)
            .Select(letter => new Glyph(letter, page.Height)).OrderBy(glyph => glyph.Base).ToList();
        var rows = new List<List<Glyph>>();
        foreach (var glyph in glyphs)
        {
            var row = rows.Count == 0 ? null : rows[^1];
            if (row is null || glyph.Base - row[0].Base > 0.3 * Math.Min(glyph.Size, row[0].Size))
                rows.Add(row = []);
            row.Add(glyph);
        }

        return [.. rows.Select(row => Runs(row, page.Number)).Where(runs => runs.Count > 0)];
    }

    private static List<PageRun> Runs(List<Glyph> row, int page)
    {
        var runs = new List<PageRun>();
        var words = new List<PageWord>();
        var word = new List<Glyph>();
        Glyph? last = null;
        foreach (var glyph in row.OrderBy(glyph => glyph.Left))
        {
            // The same sign twice in one place is how some writers make bold type.
            if (last is { } twin && twin.Text == glyph.Text && Math.Abs(twin.Left - glyph.Left) < 0.1 * glyph.Size)
                continue;
            var gap = last is null ? 0 : (glyph.Left - last.Right) / glyph.Size;
            var blank = string.IsNullOrWhiteSpace(glyph.Text);
            if (blank || gap > WordGap)
                EndWord();
            if (!blank && words.Count > 0 && (glyph.Left - words[^1].Area.Right) / glyph.Size > RunGap && word.Count == 0)
                EndRun();
            if (!blank)
            {
                word.Add(glyph);
                last = glyph;
            }
        }

        EndWord();
        EndRun();
        return runs;

        void EndWord()
        {
            if (word.Count == 0)
                return;
            var area = new Area(word[0].Left, word.Min(g => g.Top), word.Max(g => g.Right), word.Max(g => g.Bottom));
            words.Add(new PageWord(TextFolding.Clean(string.Concat(word.Select(g => g.Text))), area, word[0].Size, word[0].Bold, page));
            word.Clear();
        }

        void EndRun()
        {
            if (words.Count > 0)
                runs.Add(new PageRun([.. words]));
            words.Clear();
        }
    }

    private sealed class Glyph
    {
        public Glyph(Letter letter, double pageHeight)
        {
            Text = letter.Value;
            Size = letter.PointSize > 0 ? letter.PointSize : Math.Max(1, letter.BoundingBox.Height);
            Left = Math.Min(letter.StartBaseLine.X, letter.EndBaseLine.X);
            Right = Math.Max(Math.Max(letter.StartBaseLine.X, letter.EndBaseLine.X), letter.BoundingBox.Right);
            Base = pageHeight - letter.StartBaseLine.Y;
            // Ascent and descent of common text faces; glyph boxes differ from letter to letter and would make rows jump.
            Top = Base - (0.74 * Size);
            Bottom = Base + (0.22 * Size);
            Bold = letter.FontName?.Contains("bold", StringComparison.OrdinalIgnoreCase) == true;
        }

        public string Text { get; }

        public double Size { get; }

        public double Left { get; }

        public double Right { get; }

        public double Top { get; }

        public double Bottom { get; }

        public double Base { get; }

        public bool Bold { get; }
    }
}
