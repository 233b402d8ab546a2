using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Countersign.Samples.Generator;

/// <summary>
/// Attaches an invoice's data to its page, as Factur-X and ZUGFeRD do: an incremental update (ISO 32000-1, 7.5.6) adds the file, its description and a catalog
/// that names it. The PDF libraries at hand either cannot attach files or ask for a licence; the page comes from a builder whose output is known.
/// </summary>
internal static partial class HybridPdf
{
    private const string FileName = "factur-x.xml";

    public static byte[] Attach(byte[] page, byte[] data)
    {
        var text = Encoding.Latin1.GetString(page);
        var root = Number(RootPattern().Match(text));
        var size = Number(SizePattern().Match(text));
        var previous = Number(StartPattern().Match(text));
        var catalog = new Regex($@"\b{root} 0 obj\s*<<(?<body>.*?)>>\s*endobj", RegexOptions.Singleline | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture).Match(text).Groups["body"].Value;
        var update = new Update(page, text.EndsWith('\n'));
        var (file, description) = (size, size + 1);
        update.Object(file, $"<< /Type /EmbeddedFile /Subtype /text#2Fxml /Length {data.Length} /Params << /Size {data.Length} >> >>", data);
        update.Object(description, $"<< /Type /Filespec /F ({FileName}) /UF ({FileName}) /AFRelationship /Alternative /EF << /F {file} 0 R /UF {file} 0 R >> >>");
        update.Object(root, $"<<{catalog} /Names << /EmbeddedFiles << /Names [({FileName}) {description} 0 R] >> >> /AF [{description} 0 R] >>");
        return update.Close(size + 2, root, previous);
    }

    private static int Number(Match match) => int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"/Root (?<number>\d+) 0 R", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex RootPattern();

    [GeneratedRegex(@"/Size (?<number>\d+)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex SizePattern();

    [GeneratedRegex(@"startxref\s+(?<number>\d+)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex StartPattern();

    private sealed class Update
    {
        private readonly MemoryStream output = new();
        private readonly SortedDictionary<int, long> places = [];

        public Update(byte[] page, bool endsLine)
        {
            output.Write(page);
            if (!endsLine)
                Write("\n");
        }

        public void Object(int number, string dictionary, byte[]? content = null)
        {
            places[number] = output.Position;
            Write($"{number} 0 obj\n{dictionary}\n");
            if (content is not null)
            {
                Write("stream\n");
                output.Write(content);
                Write("\nendstream\n");
            }

            Write("endobj\n");
        }

        public byte[] Close(int size, int root, int previous)
        {
            var start = output.Position;
            Write("xref\n");
            foreach (var (number, place) in places)
                Write(string.Create(CultureInfo.InvariantCulture, $"{number} 1\n{place:D10} 00000 n \n"));
            Write($"trailer\n<< /Size {size} /Root {root} 0 R /Prev {previous} >>\nstartxref\n{start}\n%%EOF\n");
            return output.ToArray();
        }

        private void Write(string text) => output.Write(Encoding.Latin1.GetBytes(text));
    }
}
