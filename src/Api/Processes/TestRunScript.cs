using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Api.Http;
using Countersign.Client.Processes;
using Countersign.Domain.Decisions;
using Countersign.Testing;

namespace Countersign.Api.Processes;

/// <summary>From the script of a request to the people, workers, models and policies of the test kit.</summary>
internal static class TestRunScript
{
    /// <summary>Entries of a kind at most.</summary>
    private const int Most = 200;

    /// <summary>366 days.</summary>
    public const int MostSeconds = 366 * 24 * 3600;

    /// <summary>What is wrong with a script, or null.</summary>
    public static ProblemAnswer? Problem(TestRunRequest r)
    {
        if (r.Bpmn is null == r.Process is null)
            return Problems.Invalid("/bpmn", "Give either 'bpmn' or the key of a published process in 'process'.");
        if (r.Process is null && r.Version is not null)
            return Problems.Invalid("/version", "A version belongs to a published process. Leave it out, or name the process.");
        if (r.Process is not null && r.Resources is { Count: > 0 })
            return Problems.Invalid("/resources", "A published version has its files. Leave them out, or send the diagram in 'bpmn'.");
        if (r.ForSeconds is < 0 or > MostSeconds)
            return Problems.Invalid("/forSeconds", "Time of a test run is 0 to 31,622,400 seconds (366 days).");
        foreach (var (name, count) in (ReadOnlySpan<(string, int?)>)[("tasks", r.Tasks?.Count), ("jobs", r.Jobs?.Count), ("decisions", r.Decisions?.Count), ("messages", r.Messages?.Count), ("signals", r.Signals?.Count), ("calls", r.Calls?.Count)])
        {
            if (count > Most)
                return Problems.Invalid("/" + name, $"A script has at most {Most} '{name}'. The last answer of a kind is given again and again, so fewer will do.");
        }

        return Jobs(r) ?? Calls(r) ?? Times(r);
    }

    /// <summary>Puts the script into a test.</summary>
    public static void Write(ProcessTest test, TestRunRequest r)
    {
        foreach (var people in (r.Tasks ?? []).GroupBy(t => t.Person, StringComparer.Ordinal))
        {
            var person = test.Person(people.Key).In([.. people.SelectMany(p => p.Groups ?? []).Distinct(StringComparer.Ordinal)]);
            foreach (var t in people)
                person.Completes(t.ElementId, t.Verdict ?? "complete", Variables(t.Variables), t.Reason, TimeSpan.FromSeconds(t.AfterSeconds), t.ReasonCode);
        }

        foreach (var job in r.Jobs ?? [])
            Write(test, job);
        foreach (var d in r.Decisions ?? [])
            test.Policy(d.Policy).Decides(Enum.Parse<Verdict>(d.Verdict.ToString()), d.Reason);
        foreach (var c in r.Calls ?? [])
        {
            _ = c.Outcome switch
            {
                TestRunOutcome.Completed => test.Called(c.Process).Completes(Variables(c.Variables)),
                TestRunOutcome.Failed => test.Called(c.Process).Fails(),
                _ => test.Called(c.Process).Throws(c.Code!, Variables(c.Variables)),
            };
        }
    }

    public static ImmutableDictionary<string, JsonElement> Variables(IReadOnlyDictionary<string, JsonElement>? given) => given?.ToImmutableDictionary(StringComparer.Ordinal) ?? ImmutableDictionary<string, JsonElement>.Empty;

    private static void Write(ProcessTest test, TestRunJob job)
    {
        if (job.Model is { } m)
        {
            var model = test.Model(m.Name, job.Type!).By(m.Provider ?? "countersign").Version(m.Version ?? "test");
            if (job.Outcome == TestRunOutcome.Failed)
                model.Fails(job.Message ?? "The model failed.", job.Retryable);
            else
                model.Answers(Variables(job.Variables), m.Score, m.FieldScores ?? new Dictionary<string, decimal>());
            return;
        }

        var worker = job.ElementId is { } element ? test.WorkerAt(element) : test.Worker(job.Type!);
        _ = job.Outcome switch
        {
            TestRunOutcome.Completed => worker.Completes(Variables(job.Variables)),
            TestRunOutcome.Failed => worker.Fails(job.Message ?? "The worker failed.", job.Retryable),
            _ => worker.Throws(job.Code!, Variables(job.Variables)),
        };
    }

    private static ProblemAnswer? Jobs(TestRunRequest r)
    {
        for (var i = 0; i < (r.Jobs?.Count ?? 0); i++)
        {
            var job = r.Jobs![i];
            if (job.Type is null == job.ElementId is null)
                return Problems.Invalid($"/jobs/{i}/type", "A job is named by its type or by its element: give one of the two.");
            if (job.Outcome == TestRunOutcome.Error && string.IsNullOrEmpty(job.Code))
                return Problems.Invalid($"/jobs/{i}/code", "Name the BPMN error code that is raised.");
            if (job.Model is null)
                continue;
            if (job.Type is null || job.Outcome == TestRunOutcome.Error)
                return Problems.Invalid($"/jobs/{i}/model", "A model answers a job type, and completes or fails. Name the type, or leave the model out.");
            if (job.Outcome == TestRunOutcome.Completed && job.Variables is not { Count: > 0 })
                return Problems.Invalid($"/jobs/{i}/variables", "A model proposes something: give at least one variable.");
            if (job.Model is { Score: < 0 or > 1 } || job.Model.FieldScores?.Values.Any(s => s is < 0 or > 1) == true)
                return Problems.Invalid($"/jobs/{i}/model", "Scores are 0 to 1.");
        }

        return null;
    }

    private static ProblemAnswer? Calls(TestRunRequest r)
    {
        for (var i = 0; i < (r.Calls?.Count ?? 0); i++)
        {
            if (r.Calls![i] is { Outcome: TestRunOutcome.Error, Code: null or "" })
                return Problems.Invalid($"/calls/{i}/code", "Name the BPMN error code that is raised.");
        }

        return null;
    }

    private static ProblemAnswer? Times(TestRunRequest r) =>
        (r.Tasks ?? []).Select(t => t.AfterSeconds).Concat((r.Messages ?? []).Select(m => m.AfterSeconds)).Concat((r.Signals ?? []).Select(s => s.AfterSeconds)).Any(s => s is < 0 or > MostSeconds)
            ? Problems.Invalid("", "'afterSeconds' is 0 to 31,622,400 (366 days).")
            : r.StartAt is { Year: < 1970 or > 9000 } ? Problems.Invalid("/startAt", "The clock starts between the years 1970 and 9000.") : null;
}
