using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;

namespace Countersign.Conformance;

/// <summary>
/// Executable BPMN models with the traces they must leave. The models' script words become job types, a worker here writes each word into the trace;
/// <c>test.contains("a")</c> becomes FEEL; waits happen on a simulated clock. A model that is refused passes only where an error is expected.
/// </summary>
internal static partial class BpmnExecutionSuite
{
    private static readonly Guid Id = new("01980000-0000-7000-8000-000000000001");
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    /// <summary>Runs all cases of <c>cases.json</c>; the last line is <c>bpmn-execution: passed/total</c>.</summary>
    public static int Run(string folder, TextWriter output)
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json")));
        int passed = 0, refused = 0, total = 0, wrong = 0;
        foreach (var model in cases.RootElement.EnumerateArray())
        {
            total++;
            var name = model.GetProperty("name").GetString()!;
            var file = Path.Combine(Path.GetDirectoryName(folder)!, model.GetProperty("file").GetString()!);
            var compilation = Compile(File.ReadAllText(file));
            var tests = model.GetProperty("testcases").EnumerateArray().ToList();
            var expected = tests.ConvertAll(t => string.Join(' ', t.GetProperty("expected_trace").EnumerateArray().Select(w => w.GetString()).Order(StringComparer.Ordinal)));
            if (compilation.Graph is not { } graph)
            {
                var reasons = string.Join("; ", compilation.Findings.Where(f => f.Severity == FindingSeverity.Error).Select(f => $"{f.ElementId}: {f.Sentence}").Distinct(StringComparer.Ordinal).Take(2));
                var asExpected = expected.TrueForAll(e => e == "ERROR");
                passed += asExpected ? 1 : 0;
                refused += asExpected ? 0 : 1;
                output.WriteLine($"{(asExpected ? "passed " : "refused")} {name}: {reasons}");
                continue;
            }

            var got = tests.ConvertAll(t => new Simulation(graph).Run(t.GetProperty("variables")));
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

        output.WriteLine($"refused by name: {refused}, wrong: {wrong}");
        output.WriteLine($"bpmn-execution: {passed}/{total}");
        return passed * 100 >= total * 95 ? 0 : 1;
    }

    private static ProcessCompilation Compile(string xml)
    {
        xml = Script().Replace(xml, m => $"""<bpmn2:extensionElements><z:taskDefinition xmlns:z="http://camunda.org/schema/zeebe/1.0" type="{m.Groups["word"].Value}" retries="1"/></bpmn2:extensionElements>""");
        xml = Condition().Replace(xml, m => $"{m.Groups["tag"].Value}={Feel(m.Groups["text"].Value)}</");
        return ProcessCompiler.Compile(new ProcessSources([new ProcessSource(ProcessSourceKind.Bpmn, "model.bpmn", Encoding.UTF8.GetBytes(xml))]));
    }

    private static string Feel(string condition) => Contains().Replace(condition.Replace("<![CDATA[", "", StringComparison.Ordinal).Replace("]]>", "", StringComparison.Ordinal).Trim(), "contains(${name}, ${part})");

    [GeneratedRegex(@"<bpmn2:script>\s*(?<word>\w+)\s*</bpmn2:script>", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Script();

    [GeneratedRegex(@"(?<tag><bpmn2:conditionExpression[^>]*>)(?<text>.*?)</", RegexOptions.CultureInvariant | RegexOptions.Singleline, 1000)]
    private static partial Regex Condition();

    [GeneratedRegex(@"(?<name>\w+)\.contains\((?<part>[^)]*)\)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Contains();

    /// <summary>One instance on a simulated clock.</summary>
    private sealed class Simulation(ProcessGraph graph)
    {
        private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
        private readonly List<string> _trace = [];
        private InstanceState? _state;
        private DateTimeOffset _now = Start;

        public string Run(JsonElement variables)
        {
            var initial = variables.EnumerateObject().ToImmutableDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal);
            Do(new StartInstance("conformance", Id, Actor.System, graph.Key + ":1", initial));
            var finished = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
            while (_state is { HasEnded: false } && Next(finished) is { } next && next.At <= Start + Longest)
            {
                _now = next.At > _now ? next.At : _now;
                Do(next.Command);
            }

            return string.Join(' ', _trace.Order(StringComparer.Ordinal));
        }

        private (DateTimeOffset At, InstanceCommand Command)? Next(Dictionary<string, DateTimeOffset> finished)
        {
            foreach (var (id, job) in _state!.Jobs.Where(j => !j.Value.Failed && finished.TryAdd(j.Key, _now + (j.Value.Type == "WAIT_TEN_SECONDS" ? TimeSpan.FromSeconds(10) : TimeSpan.Zero))))
                Work(id, job);
            var jobs = _state.Jobs.Where(j => !j.Value.Failed).Select(j => (At: finished[j.Key], Command: Done(j.Key, j.Value)));
            var timers = _state.Timers.Select(t => (At: t.Value.DueAt, Command: (InstanceCommand)new FireTimer("conformance", Id, Actor.System, t.Key)));
            return jobs.Concat(timers).OrderBy(c => c.At).Select(c => ((DateTimeOffset, InstanceCommand)?)c).FirstOrDefault();
        }

        /// <summary>What a script word leaves in the trace when its work begins.</summary>
        private void Work(string id, JobState job)
        {
            if (job.Type.StartsWith("SCRIPT_", StringComparison.Ordinal))
                _trace.Add(job.Type);
            else if (job.Type == "INCREMENT_INTEGER_VARIABLE_AND_LOG")
                _trace.Add("INCREMENT_correct");
            else if (job.Type == "CREATE_TIMESTAMP_LOG_2" && _state!.Jobs.Any(j => j.Key != id && j.Value.Type == "CREATE_TIMESTAMP_LOG_1"))
                _trace.Add("EXECUTION_parallel");
        }

        private InstanceCommand Done(string id, JobState job)
        {
            if (job.Type == "THROW_ERROR")
                return new ThrowJobError("conformance", Id, Actor.System, id, job.Attempt, "ERR_CODE", "The script throws.", ImmutableDictionary<string, JsonElement>.Empty);
            var result = ImmutableDictionary<string, JsonElement>.Empty;
            if (job.Type.StartsWith("INCREMENT_", StringComparison.Ordinal))
                result = result.Add("integerVariable", JsonSerializer.SerializeToElement(_state!.Variables[InstanceState.RootScope]["integerVariable"].GetInt32() + 1));
            return new CompleteJob("conformance", Id, Actor.System, id, job.Attempt, result);
        }

        private void Do(InstanceCommand command)
        {
            if (Engine.Decide(graph, _state, command, DecideContext.Empty, _now) is not Outcome.Facts facts)
                return;
            foreach (var fact in facts.Events.Cast<IInstanceEvent>())
            {
                _state = InstanceState.Evolve(_state, fact);
                if (fact is IncidentRaised { Code: "error.not_caught" })
                    _trace.Add("ERROR_thrownErrorEvent");
                else if (fact is IncidentRaised { Code: not "gateway.deadlock" })
                    _trace.Add("ERROR");
            }
        }
    }
}
