using System.Text.RegularExpressions;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Domain;
using Countersign.Domain.Tenants;
using Shouldly;

namespace Countersign.Integration.Tests.Api;

/// <summary>Reference pages that are written from the code and compared with it.</summary>
internal static partial class ReferencePages
{
    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "global.json")))
                folder = folder.Parent ?? throw new DirectoryNotFoundException("The repository's root is not above the tests.");
            return folder.FullName;
        }
    }

    /// <summary>Roles of a caller as the columns of the page.</summary>
    public static readonly (string Title, string[] Roles, string[] Groups)[] Columns =
        [.. Role.All.Select(r => (r, new[] { r }, Array.Empty<string>())), ("any group", [], ["clerks"]), (Permission.PolicyApprovers, [], [Permission.PolicyApprovers])];

    /// <summary>Compares the part of a page below its marker; with UPDATE_DOCS=1 it is written anew instead.</summary>
    public static void Compare(string page, string marker, string expected)
    {
        var path = Path.Combine(Root, page);
        var text = File.ReadAllText(path);
        var (from, to) = ($"<!-- {marker} -->\n", $"<!-- end of {marker} -->");
        var (start, end) = (text.IndexOf(from, StringComparison.Ordinal), text.IndexOf(to, StringComparison.Ordinal));
        (start >= 0 && end > start).ShouldBeTrue($"{page} has lost its marker '{marker}'.");
        var whole = text[..(start + from.Length)] + "\n" + expected + "\n" + text[end..];
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            File.WriteAllText(path, whole);
        else
            text.ShouldBe(whole, $"Run this test once with UPDATE_DOCS=1 to write {page} anew.");
    }

    public static string PermissionTable(IEnumerable<Operation> operations)
    {
        var lines = new List<string>
        {
            $"| route | permission | {string.Join(" | ", Columns.Select(c => c.Title))} |",
            $"| --- | --- |{string.Concat(Enumerable.Repeat(" --- |", Columns.Length))}",
        };
        lines.AddRange(operations.OrderBy(o => o.Path, StringComparer.Ordinal).ThenBy(o => o.Method, StringComparer.Ordinal).Select(o =>
            $"| `{o.Method} {o.Path}` | `{o.Permission}` | {string.Join(" | ", Columns.Select(c => Permission.Of(c.Roles, c.Groups).Contains(o.Permission) ? "yes" : "-"))} |"));
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>What the page says: which column may call which route.</summary>
    public static Dictionary<string, string[]> ReadPermissions()
    {
        var rows = File.ReadAllLines(Path.Combine(Root, "docs/reference/permissions.md")).Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split('|', StringSplitOptions.TrimEntries)[1..^1]);
        return rows.ToDictionary(r => r[0].Trim('`'), r => Columns.Where((_, i) => r[i + 2] == "yes").Select(c => c.Title).ToArray(), StringComparer.Ordinal);
    }

    public static string ProblemsOfTheEdge() =>
        string.Join('\n', ["| Code | Status | Title |", "|---|---|---|", .. ProblemTable.Kinds.Values.OrderBy(k => k.Code, StringComparer.Ordinal).Select(k => $"| `{k.Code}` | {k.Status} | {k.Title} |")]) + "\n";

    public static string ProblemsOfTheDomain()
    {
        // A code that the edge publishes itself stands there.
        var rows = Refusals().Where(r => !ProblemTable.Kinds.ContainsKey(r.Code)).OrderBy(r => r.Code, StringComparer.Ordinal)
            .Select(r => ProblemTable.Of(new Refusal(r.Kind, r.Code, ""))).Where(k => k.Code != "resource.not_found").Select(k => $"| `{k.Code}` | {k.Status} |").Distinct(StringComparer.Ordinal);
        return string.Join('\n', ["| Code | Status |", "|---|---|", .. rows]) + "\n";
    }

    /// <summary>Every refusal that the sources make, by kind and code.</summary>
    public static IEnumerable<(RefusalKind Kind, string Code)> Refusals() =>
        new[] { "Domain", "Workers", "Api" }.SelectMany(p => Directory.EnumerateFiles(Path.Combine(Root, "src", p), "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(f => Refusal().Matches(File.ReadAllText(f)))
            .Select(m => (m.Groups["kind"].Success ? Enum.Parse<RefusalKind>(m.Groups["kind"].Value) : RefusalKind.Invalid, m.Groups["code"].Value)).Distinct();

    // With its kind, or by a helper of the file named after the kind.
    [GeneratedRegex("""(RefusalKind\.(?<kind>[A-Z][A-Za-z]+),|\bInvalid\()\s*"(?<code>[a-z_]+(\.[a-z_]+)+)"\s*,""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Refusal();
}
