using System.Globalization;
using System.Text;

namespace Countersign.Console.Sample;

/// <summary>Writes a one-page PDF of text lines at known places, and remembers where each stands.</summary>
internal sealed class TinyPdf
{
    private const double PageWidth = 595, PageHeight = 842;
    private readonly StringBuilder content = new();

    public double Width => PageWidth;

    public double Height => PageHeight;

    /// <summary>Draws text whose baseline is <paramref name="y"/> points below the top edge; answers its box from the top left corner.</summary>
    public (double X, double Y, double W, double H) Text(double x, double y, string text, double size = 10, bool bold = false, bool right = false)
    {
        var width = text.Length * size * 0.52;
        if (right)
            x -= width;
        content.Append(CultureInfo.InvariantCulture, $"BT /{(bold ? "F2" : "F1")} {size} Tf {x:0.##} {PageHeight - y:0.##} Td ({text.Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal)}) Tj ET\n");
        return (x, y - (size * 0.78), width, size);
    }

    public void Line(double x1, double y, double x2) =>
        content.Append(CultureInfo.InvariantCulture, $"0.6 w 0.75 G {x1} {PageHeight - y} m {x2} {PageHeight - y} l S\n");

    public void Bar(double x, double y, double w, double h) =>
        content.Append(CultureInfo.InvariantCulture, $"0.13 0.35 0.33 rg {x} {PageHeight - y - h} {w} {h} re f 0 g\n");

    public byte[] Save()
    {
        var stream = content.ToString();
        string[] objects =
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PageWidth} {PageHeight}] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
            $"<< /Length {stream.Length} >>\nstream\n{stream}endstream",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
        ];
        var file = new StringBuilder("%PDF-1.4\n");
        var offsets = new List<int>();
        for (var i = 0; i < objects.Length; i++)
        {
            offsets.Add(file.Length);
            file.Append(CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n{objects[i]}\nendobj\n");
        }

        var start = file.Length;
        file.Append(CultureInfo.InvariantCulture, $"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
            file.Append(CultureInfo.InvariantCulture, $"{offset:0000000000} 00000 n \n");
        file.Append(CultureInfo.InvariantCulture, $"trailer\n<< /Size {objects.Length + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(file.ToString());
    }
}
