using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Countersign.Architecture.Tests;

public sealed partial class SourceTests
{
    private static readonly string[] Nouns =
    [
        "Processes", "Instances", "Tasks", "Policies", "Models", "Decisions", "Documents", "Trail", "Incidents", "Connectors", "Triggers", "Webhooks",
        "Tenants", "Usage", "Plans", "Keys", "ReferenceTables", "Databases",
    ];

    [Fact]
    public void A_source_file_keeps_a_sense_of_proportion()
    {
        // "About 300 lines" is a habit; beyond this bound it is no longer one subject.
        const int most = 420;
        Repository.Under("src", ".cs").Select(f => (File: f, Lines: Repository.Lines(f).Length)).Where(f => f.Lines > most)
            .ShouldBeEmpty($"Split these files: none has more than {most} lines.");
    }

    [Fact]
    public void A_namespace_is_the_project_and_the_noun()
    {
        var wrong = new List<string>();
        foreach (var file in Repository.Under("src", ".cs").Concat(Repository.Under("tests", ".cs")))
        {
            if (NamespaceOf().Match(Repository.Read(file)) is not { Success: true } match)
                continue;
            var folders = file.Split('/')[1..^1];
            // A folder inside of a noun's may share its namespace.
            var allowed = Enumerable.Range(1, folders.Length).Select(n => "Countersign." + string.Join('.', folders[..n])).ToList();
            if (folders.Length > 1 && Nouns.Contains(folders[1], StringComparer.Ordinal))
                allowed.RemoveAt(0);
            if (!allowed.Contains(match.Groups["name"].Value, StringComparer.Ordinal))
                wrong.Add($"{file}: {match.Groups["name"].Value}, expected {allowed[^1]}");
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void A_suppression_has_its_reason_beside_it_or_on_the_line_above()
    {
        var bare = new List<string>();
        foreach (var file in Repository.Under("src", ".cs"))
        {
            var lines = Repository.Lines(file);
            for (var i = 0; i < lines.Length; i++)
            {
                if (lines[i].Contains("Justification = ", StringComparison.Ordinal))
                    continue;
                if (Suppression().IsMatch(lines[i]) && (i == 0 || !lines[i - 1].TrimStart().StartsWith("//", StringComparison.Ordinal)))
                    bare.Add($"{file}:{i + 1}");
            }
        }

        bare.ShouldBeEmpty();
    }

    [Fact]
    public void The_banned_symbols_hold_for_every_floor()
    {
        var banned = Repository.Read("BannedSymbols.txt");
        foreach (var symbol in (string[])
        [
            "P:System.DateTime.Now", "P:System.DateTime.UtcNow", "P:System.DateTimeOffset.Now", "P:System.DateTimeOffset.UtcNow",
            "M:System.Guid.NewGuid", "P:System.Threading.Tasks.Task`1.Result", "M:System.Threading.Tasks.Task.Wait", "M:System.Net.Http.HttpClient.#ctor",
            "T:System.Xml.XmlDocument", "M:System.Xml.Linq.XDocument.Parse(System.String)", "T:System.Console",
        ])
        {
            (banned + Repository.Read("BannedSymbols.Services.txt")).ShouldContain(symbol + ";");
        }

        var props = Repository.Read("Directory.Build.props");
        props.ShouldContain("Microsoft.CodeAnalysis.BannedApiAnalyzers");
        props.ShouldContain("<TreatWarningsAsErrors>true</TreatWarningsAsErrors>");
        Repository.Read(".editorconfig").ShouldContain("dotnet_diagnostic.RS0030.severity = error");
        // No project opts out.
        Repository.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal) && f.StartsWith("src/", StringComparison.Ordinal))
            .Where(f => Repository.Read(f).Contains("IsTestCode", StringComparison.Ordinal) || Repository.Read(f).Contains("TreatWarningsAsErrors", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    /// <summary>One session over several tenants is a writer's privilege: elsewhere it is the way data leaks.</summary>
    [Fact]
    public void Only_the_runner_and_the_trail_cross_tenants()
    {
        string[] allowed = ["src/Workers/Instances/", "src/Workers/Trail/", "src/Projections/Trail/", "src/Projections/Store/"];
        Calls(CrossTenant()).Where(c => !allowed.Any(a => c.StartsWith(a, StringComparison.Ordinal))).ShouldBeEmpty();
    }

    /// <summary>G54: what rewrites or removes stored facts is called by nobody.</summary>
    [Fact]
    public void Nobody_rewrites_a_stored_fact()
    {
        Calls(Rewrites()).ShouldBeEmpty();
    }

    [Fact]
    public void No_secret_lies_in_the_sources()
    {
        var text = Repository.Files.Where(f => !Binary().IsMatch(f) && !f.StartsWith("samples/", StringComparison.Ordinal));
        text.Where(f => Secret().IsMatch(Repository.Read(f))).ShouldBeEmpty();
    }

    [Fact]
    public void Secrets_of_every_watched_kind_are_recognised()
    {
        // Put together here, so that this file does not trip over itself.
        foreach (var sample in (string[])["AKI" + "A" + new string('Q', 16), "sk_" + "live_" + new string('a', 24), "ghp" + "_" + new string('b', 36), "-----BEGIN PRIVATE" + " KEY-----", "xox" + "b-1234567890-abcdef"])
            Secret().IsMatch(sample).ShouldBeTrue(sample);
    }

    private static IEnumerable<string> Calls(Regex pattern) =>
        from file in Repository.Under("src", ".cs")
        from line in Repository.Lines(file)
        where !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && pattern.IsMatch(line)
        select $"{file}: {line.Trim()}";

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamespaceOf();

    [GeneratedRegex(@"^\s*#pragma warning disable|SuppressMessage\(", RegexOptions.None, 1000)]
    private static partial Regex Suppression();

    [GeneratedRegex(@"\.(ForTenant|AnyTenant|TenantIsOneOf)\s*\(", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CrossTenant();

    [GeneratedRegex(@"\b(ApplyEventDataMasking|CompactStreamAsync|DeleteAllTenantDataAsync|OverwriteEvent|ArchiveStream|DeleteAllEventDataAsync)\s*[(<]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rewrites();

    [GeneratedRegex(@"\.(png|jpg|pdf|ttf|woff2?|zip|onnx|ico|gz)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Binary();

    [GeneratedRegex(@"AKIA[0-9A-Z]{16}|sk_live_[0-9a-zA-Z]{16,}|gh[pousr]_[0-9A-Za-z]{36}|-----BEGIN ([A-Z]+ )?PRIVATE KEY-----|xox[abpr]-[0-9]{6,}-\w+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Secret();
}
