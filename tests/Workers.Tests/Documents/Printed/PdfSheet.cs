using System.Globalization;
using System.Text;

namespace Countersign.Workers.Tests.Documents.Printed;

/// <summary>Writes a one-page PDF with the fonts every viewer has (Helvetica, not embedded), and files attached to it. Written by hand so that the
/// same input gives the same bytes and no font file is needed; for the same reason the file is not PDF/A.</summary>
internal sealed class PdfSheet
{
    public const double Width = 595;
    public const double Height = 842;

    // Advance widths of Helvetica and Helvetica-Bold for signs 32 to 126 in thousandths of the size (Adobe Core 14 font metrics).
    private static readonly int[] Regular = Parse(
        "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 " +
        "667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584");

    private static readonly int[] BoldWidths = Parse(
        "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 " +
        "667 778 722 667 611 722 667 944 667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 556 556 500 389 280 389 584");

    private readonly StringBuilder content = new();
    private readonly List<(string Name, string Description, byte[] Bytes, bool Hex)> files = [];

    /// <summary>Writes text with its left end at <paramref name="x"/>, the base line <paramref name="y"/> points under the top edge.</summary>
    public void Text(double x, double y, double size, string text, bool bold = false, double gray = 0) =>
        content.Append(CultureInfo.InvariantCulture, $"BT {gray:0.##} g /{(bold ? "F2" : "F1")} {size:0.##} Tf 1 0 0 1 {x:0.##} {Height - y:0.##} Tm ({Escape(text)}) Tj ET\n");

    /// <summary>Writes text with its right end at <paramref name="x"/>.</summary>
    public void TextRight(double x, double y, double size, string text, bool bold = false, double gray = 0) => Text(x - Measure(text, size, bold), y, size, text, bold, gray);

    public void Line(double x1, double x2, double y, double width = 0.5, double gray = 0.6) =>
        content.Append(CultureInfo.InvariantCulture, $"{gray:0.##} G {width:0.##} w {x1:0.##} {Height - y:0.##} m {x2:0.##} {Height - y:0.##} l S\n");

    public void Box(double x, double y, double width, double height, double red, double green, double blue) =>
        content.Append(CultureInfo.InvariantCulture, $"{red:0.##} {green:0.##} {blue:0.##} rg {x:0.##} {Height - y - height:0.##} {width:0.##} {height:0.##} re f\n");

    /// <summary>Adds PDF operators as they are.</summary>
    public void Operators(string operators) => content.Append(operators).Append('\n');

    public void Attach(string name, string description, byte[] bytes, bool hex = false) => files.Add((name, description, hex ? Latin(Convert.ToHexString(bytes) + ">") : bytes, hex));

    public static double Measure(string text, double size, bool bold)
    {
        var widths = bold ? BoldWidths : Regular;
        return text.Sum(c => c is >= ' ' and <= '~' ? widths[c - ' '] : 556) * size / 1000;
    }

    /// <summary>The file; further entries of the catalog, for instance an action, and page content as PDF operators may be given.</summary>
    public byte[] Save(string title, DateOnly date, string catalog = "", int pages = 1)
    {
        var attached = files.Count > 0;
        var stamp = date.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var objects = new List<byte[]>
        {
            Latin(attached
                ? $"<< /Type /Catalog /Pages 2 0 R {catalog} /AF [{References()}] /Names << /EmbeddedFiles << /Names [{NamePairs()}] >> >> >>"
                : $"<< /Type /Catalog /Pages 2 0 R {catalog} >>"),
            Latin($"<< /Type /Pages /Kids [{string.Join(' ', Enumerable.Repeat("3 0 R", pages))}] /Count {pages} >>"),
            Latin($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {Width} {Height}] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>"),
            Stream("", Latin(content.ToString())),
            Latin("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"),
            Latin("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>"),
            Latin($"<< /Title ({Escape(title)}) /Producer (Countersign generator) /CreationDate (D:{stamp}080000Z) >>"),
        };
        foreach (var (name, description, bytes, hex) in files)
        {
            objects.Add(Stream($"/Type /EmbeddedFile /Subtype /text#2Fxml /Params << /Size {bytes.Length} >> {(hex ? "/Filter /ASCIIHexDecode " : "")}", bytes));
            objects.Add(Latin($"<< /Type /Filespec /F ({name}) /UF ({name}) /AFRelationship /Alternative /Desc ({Escape(description)}) /EF << /F {objects.Count} 0 R /UF {objects.Count} 0 R >> >>"));
        }

        return Assemble(objects);

        string References() => string.Join(' ', files.Select((_, i) => $"{9 + (2 * i)} 0 R"));
        string NamePairs() => string.Join(' ', files.Select((file, i) => $"({file.Name}) {9 + (2 * i)} 0 R"));
    }

    private static byte[] Assemble(List<byte[]> objects)
    {
        using var file = new MemoryStream();
        Write("%PDF-1.7\n%\u00E2\u00E3\u00CF\u00D3\n");
        var offsets = new List<long>();
        for (var i = 0; i < objects.Count; i++)
        {
            offsets.Add(file.Position);
            Write($"{i + 1} 0 obj\n");
            file.Write(objects[i]);
            Write("\nendobj\n");
        }

        var start = file.Position;
        Write($"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
            Write(string.Create(CultureInfo.InvariantCulture, $"{offset:0000000000} 00000 n \n"));
        Write($"trailer\n<< /Size {objects.Count + 1} /Root 1 0 R /Info 7 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return file.ToArray();

        void Write(string text) => file.Write(Latin(text));
    }

    private static byte[] Stream(string entries, byte[] bytes) => [.. Latin($"<< {entries}/Length {bytes.Length} >>\nstream\n"), .. bytes, .. Latin("\nendstream")];

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);

    // WinAnsi agrees with Latin 1 but for these; what it has not is shown as a question mark.
    private static string Escape(string text) => string.Concat(text.Select(c => c switch
    {
        '(' or ')' or '\\' => $"\\{c}",
        '€' => "\\200",
        '–' => "\\226",
        '’' => "\\222",
        '•' => "\\225",
        > '\u00FF' => "?",
        _ => c.ToString(),
    }));

    private static int[] Parse(string text) => [.. text.Split(' ').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
}
