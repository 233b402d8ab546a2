using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Console.Texts;

namespace Countersign.Console.Tests.Texts;

/// <summary>The catalogue lists every sentence of the pages, so that a translator has one file.</summary>
public sealed partial class CatalogueTests
{
    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void The_catalogue_is_complete()
    {
        var folder = Path.Combine(Repository(), "src", "Console");
        var sources = Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".razor", StringComparison.Ordinal) || f.EndsWith(".cs", StringComparison.Ordinal))
            .Where(f => !f.Contains("node_modules", StringComparison.Ordinal) && !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        var sentences = sources.SelectMany(f => Sentence().Matches(File.ReadAllText(f))).Select(m => Regex.Unescape(m.Groups["text"].Value)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        sentences.Count.ShouldBeGreaterThan(200);
        var file = Path.Combine(folder, "Texts", "en.json");
        var wanted = JsonSerializer.Serialize(sentences.ToDictionary(s => s, s => s, StringComparer.Ordinal), Written).ReplaceLineEndings("\n") + "\n";
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_WRITE_CATALOGUE") == "yes")
            File.WriteAllText(file, wanted);
        File.ReadAllText(file).ReplaceLineEndings("\n").ShouldBe(wanted, "Run this test once with COUNTERSIGN_WRITE_CATALOGUE=yes and look at what changed in src/Console/Texts/en.json.");
    }

    [Fact]
    public void A_translation_is_used_and_English_fills_its_gaps()
    {
        var german = new Text(new Dictionary<string, string>(StringComparer.Ordinal) { ["Inbox"] = "Eingang", ["{0} failed"] = "{0} nicht bestanden" });
        german["Inbox"].ShouldBe("Eingang");
        german["{0} failed", 3].ShouldBe("3 nicht bestanden");
        german["Trail"].ShouldBe("Trail");
        Text.For("xx").ShouldBeSameAs(Text.English);
        Text.For("en")["Inbox"].ShouldBe("Inbox");
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Saas.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("Run the tests from inside the repository.");
    }

    [GeneratedRegex("""\b(T|text|Text)\["(?<text>(\\.|[^"\\])+)"(, [^\]]|\])""", RegexOptions.ExplicitCapture, 2000)]
    private static partial Regex Sentence();
}
