using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Domain.Processes;

namespace Countersign.Conformance;

/// <summary>
/// Executable BPMN models with the traces they must leave. The models' script words become job types, a worker here writes each word into the trace;
/// <c>test.contains("a")</c> becomes FEEL; waits happen on a simulated clock. A model that is refused passes only where an error is expected.
/// </summary>
internal static partial class BpmnExecutionSuite
{
    /// <summary>Runs all cases of <c>cases.json</c>; the last line is <c>bpmn-execution: passed/total</c>.</summary>
    public static int Run(string folder, TextWriter output)
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json")));
        int passed = 0, refused = 0, total = 0, wrong = 0, contradicted = 0;
        foreach (var model in cases.RootElement.EnumerateArray())
        {
            total++;
            var name = model.GetProperty("name").GetString()!;
            var file = Path.Combine(Path.GetDirectoryName(folder)!, model.GetProperty("file").GetString()!);
            var xml = Translate(File.ReadAllText(file));
            var tests = model.GetProperty("testcases").EnumerateArray().ToList();
            var expected = tests.ConvertAll(t => string.Join(' ', t.GetProperty("expected_trace").EnumerateArray().Select(w => w.GetString()).Order(StringComparer.Ordinal)));
            var compilations = Processes(xml).ToDictionary(id => id, id => ProcessCompiler.Compile(new ProcessSources(Sources(xml), id)), StringComparer.Ordinal);
            if (compilations.Values.Any(c => c.Graph is null))
            {
                var reasons = string.Join("; ", compilations.Values.SelectMany(c => c.Findings).Where(f => f.Severity == FindingSeverity.Error).Select(f => $"{f.ElementId}: {f.Sentence}").Distinct(StringComparer.Ordinal).Take(2));
                var asExpected = expected.TrueForAll(e => e == "ERROR");
                passed += asExpected ? 1 : 0;
                refused += asExpected ? 0 : 1;
                output.WriteLine($"{(asExpected ? "passed " : "refused")} {name}: {reasons}");
                continue;
            }

            if (expected.SelectMany(e => e.Split(' ')).FirstOrDefault(w => w.StartsWith("SCRIPT_", StringComparison.Ordinal) && !xml.Contains(w, StringComparison.Ordinal)) is { } missing)
            {
                contradicted++;
                output.WriteLine($"no way  {name}: the trace expected has '{missing}', which nothing in the model writes");
                continue;
            }

            var graphs = compilations.ToDictionary(c => c.Key, c => c.Value.Graph!, StringComparer.Ordinal);
            var got = tests.ConvertAll(t => new BpmnExecutionWorld(graphs).Run(name, t));
            if (got.SequenceEqual(expected, StringComparer.Ordinal))
            {
                passed++;
                output.WriteLine($"passed  {name}");
                continue;
            }

            wrong++;
            var at = Enumerable.Range(0, got.Count).First(i => got[i] != expected[i]);
            output.WriteLine($"WRONG   {name}: expected '{expected[at]}', got '{got[at]}'");
        }

        output.WriteLine($"refused by name: {refused}, wrong: {wrong}, model and expected trace contradict: {contradicted}");
        output.WriteLine($"bpmn-execution: {passed}/{total}");
        return passed * 100 >= total * 95 ? 0 : 1;
    }

    private static ImmutableArray<ProcessSource> Sources(string xml) => [new ProcessSource(ProcessSourceKind.Bpmn, "model.bpmn", Encoding.UTF8.GetBytes(xml))];

    private static IEnumerable<string> Processes(string xml) => Process().Matches(xml).Select(m => m.Groups["id"].Value);

    /// <summary>Script words become job types, conditions become FEEL.</summary>
    private static string Translate(string xml)
    {
        xml = Script().Replace(xml, m => $"""<bpmn2:extensionElements><z:taskDefinition xmlns:z="http://camunda.org/schema/zeebe/1.0" type="{m.Groups["word"].Value}" retries="1"/></bpmn2:extensionElements>""");
        return Condition().Replace(xml, m => $"{m.Groups["tag"].Value}={Feel(m.Groups["text"].Value)}</");
    }

    // One model's condition has a stray character behind the call, so only the call is taken where there is one.
    private static string Feel(string condition)
    {
        var text = condition.Replace("<![CDATA[", "", StringComparison.Ordinal).Replace("]]>", "", StringComparison.Ordinal).Trim();
        return Contains().Match(text) is { Success: true } call ? $"contains({call.Groups["name"].Value}, {call.Groups["part"].Value})" : text;
    }

    [GeneratedRegex(@"<bpmn2:script>\s*(?<word>\w+)\s*</bpmn2:script>", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Script();

    [GeneratedRegex(@"(?<tag><bpmn2:(conditionExpression|condition|loopCondition|completionCondition)( [^>]*)?>)(?<text>.*?)</", RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Condition();

    [GeneratedRegex(@"<bpmn2:process [^>]*?\bid=""(?<id>[^""]+)""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Process();

    [GeneratedRegex(@"(?<name>\w+)\.contains\((?<part>[^)]*)\)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Contains();
}
