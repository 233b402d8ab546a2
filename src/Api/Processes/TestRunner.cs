using System.Globalization;
using Countersign.Client.Processes;
using Countersign.Domain.Instances;
using Countersign.Testing;
using ClientStatus = Countersign.Client.Instances.InstanceStatus;

namespace Countersign.Api.Processes;

/// <summary>Drives a test of the test kit step by step within bounds, and says what happened.</summary>
internal sealed class TestRunner(ProcessTest test, TestRunRequest request, DateTimeOffset start, TimeProvider clock)
{
    public const int MostSteps = 1_000;
    public const int MostFacts = 20_000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private string? _limit;

    /// <summary>Runs it to its end, to a wait that nothing in the script ends, or to a bound.</summary>
    public void Run(CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        var end = start + TimeSpan.FromSeconds(request.ForSeconds ?? TestRunScript.MostSeconds);
        foreach (var m in request.Messages ?? [])
            test.Message(m.Name, m.CorrelationKey ?? "", TestRunScript.Variables(m.Variables), TimeSpan.FromSeconds(m.AfterSeconds));
        var signals = new Queue<TestRunSignal>((request.Signals ?? []).OrderBy(s => s.AfterSeconds));
        var facts = test.Steps.Sum(s => s.Facts.Length);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            _limit = test.Steps.Count >= MostSteps ? "steps" : facts > MostFacts ? "size" : clock.GetElapsedTime(began) > Longest ? "time" : null;
            if (_limit is not null)
                return;
            var signalAt = signals.TryPeek(out var signal) && start + TimeSpan.FromSeconds(signal.AfterSeconds) is var at && at <= end ? at : (DateTimeOffset?)null;
            if (test.AdvanceToNext(signalAt ?? end) is { } step)
            {
                facts += step.Facts.Length;
                continue;
            }

            if (signalAt is not { } then)
                return;
            if (then > test.Now)
                test.AdvanceTo(then);
            test.Signal(signal!.Name, TestRunScript.Variables(signal.Variables));
            signals.Dequeue();
        }
    }

    public TestRunView View(TestInstance main, IEnumerable<Domain.Processes.ProcessFinding> findings)
    {
        var number = test.Instances.Select((instance, i) => (instance.Id, Number: i + 1)).ToDictionary(i => i.Id, i => i.Number);
        return new TestRunView(main.Graph.Key, Sentence(main), _limit, test.Now,
            [.. test.Steps.Select(s => new TestRunStep(s.Number, s.At, s.Kind.ToString().ToLowerInvariant(), number.TryGetValue(s.InstanceId, out var n) ? n : null, s.ElementId, s.Sentence, s.Details,
                s.Refusal is { } refusal ? new TestRunRefusal(refusal.Code, refusal.Detail) : null))],
            [.. test.Instances.Select(Of)],
            [.. findings.Take(1000).Select(ProcessViews.Of)]);
    }

    private static TestRunInstance Of(TestInstance i) => new(i.Graph.Key, i.State.SuspendedAt is not null ? ClientStatus.Suspended : Enum.Parse<ClientStatus>(i.Status.ToString()), i.EndedAt, i.Path, i.Flows, i.Variables,
        [.. i.WaitingFor.Select(w => new TestRunWait(w.ElementId, w.Sentence, Remedy(i.State, w)))]);

    private string Sentence(TestInstance main)
    {
        // Of what it called, or what the script started beside it; with a bound reached, the steps say more.
        var stopped = _limit is null ? test.Instances.Index().FirstOrDefault(i => i.Item != main && i.Item.State.Incidents.Count > 0) : default;
        return Own(main) + (stopped.Item is null ? "" : string.Create(CultureInfo.InvariantCulture, $" Instance {stopped.Index + 1}, of '{stopped.Item.Graph.Key}', stopped with an incident."));
    }

    private string Own(TestInstance main) => _limit switch
    {
        "steps" => string.Create(CultureInfo.InvariantCulture, $"Stopped after {MostSteps} steps, the most of a test run. Look for a loop in the last steps, or let less time pass (forSeconds)."),
        "size" => string.Create(CultureInfo.InvariantCulture, $"Stopped: a test run has at most {MostFacts} facts. Test with shorter collections, or let less time pass (forSeconds)."),
        "time" => "Stopped after 5 seconds of computing, the most of a test run. Test with fewer repetitions.",
        _ => main.Status switch
        {
            InstanceStatus.Completed => "The process completed.",
            InstanceStatus.Cancelled => "The process was cancelled.",
            _ when main.State.Incidents.Count > 0 => "The process stopped with an incident.",
            _ => "The process waits for what is not in the script, or is due later than the time that may pass.",
        },
    };

    private static string? Remedy(InstanceState state, WaitReason wait)
    {
        if (wait.IncidentId is not null || state.Incidents.Values.Any(i => i.ElementId == wait.ElementId))
            return "Correct what caused it, in the script or in the diagram.";
        if (wait.TokenId is not { } token)
            return null;
        if (state.Tasks.Values.FirstOrDefault(t => t.TokenId == token) is { } task)
            return $"Add an answer for '{task.ElementId}' to 'tasks', with one of the verdicts {string.Join(", ", task.Verdicts)}{(task.Groups.IsEmpty ? "" : $", of somebody in {string.Join(" or ", task.Groups)}")}; if there is one, the steps say why it was refused.";
        if (state.Jobs.Values.FirstOrDefault(j => j.TokenId == token) is { } job)
            return $"Add an answer for the type '{job.Type}' or the element '{job.ElementId}' to 'jobs'.";
        if (state.Subscriptions.Values.FirstOrDefault(s => s.TokenId == token) is { } s)
        {
            return s.Kind switch
            {
                SubscriptionKind.Signal => $"Add the signal '{s.MessageName}' to 'signals'.",
                SubscriptionKind.Condition => "Let something set the variables of its condition.",
                _ => $"Add the message '{s.MessageName}'{(s.CorrelationKey.Length == 0 ? "" : $" with the key '{s.CorrelationKey}'")} to 'messages'.",
            };
        }

        return state.Timers.Values.Any(t => t.TokenId == token) ? "Let more time pass (forSeconds)." : null;
    }
}
