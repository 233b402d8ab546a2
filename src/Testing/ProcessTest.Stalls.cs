using System.Collections.Immutable;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;

namespace Countersign.Testing;

/// <content>Where the processes cannot go on by what is scripted, and what to add.</content>
public sealed partial class ProcessTest
{
    /// <summary>Every place that waits for what nobody scripted; empty when all goes on by itself or by the clock. Messages of called instances stand beside those of their callers.</summary>
    public ImmutableArray<TestStall> Stalls
    {
        get
        {
            var stalls = ImmutableArray.CreateBuilder<TestStall>();
            foreach (var instance in _instances.Where(i => !i.HasEnded && i.StateOrNull is not null))
            {
                var before = stalls.Count;
                var state = instance.State;
                if (state.SuspendedAt is not null)
                    stalls.Add(new TestStall(instance.Id, instance.Graph.Nodes[0].Id, "The instance is suspended. Call Resume on it."));
                foreach (var (_, incident) in state.Incidents.OrderBy(i => Order(i.Key)))
                    stalls.Add(new TestStall(instance.Id, incident.ElementId, $"The process stopped at '{instance.Graph.NameOf(incident.ElementId)}' with an incident: {incident.Message} Correct what caused it in the test or in the drawing; RetryIncident tries again."));
                foreach (var (id, task) in state.Tasks.OrderBy(t => Order(t.Key)))
                    Add(stalls, Stalled(instance, id, task));
                foreach (var (_, job) in state.Jobs.Where(j => !j.Value.Failed && WorkerOf(j.Value) is not { HasAnswer: true }).OrderBy(j => Order(j.Key)))
                    stalls.Add(new TestStall(instance.Id, job.ElementId, $"The process waits at '{instance.Graph.NameOf(job.ElementId)}' for a worker of the type '{job.Type}'; none is scripted. Add Worker(\"{job.Type}\").Completes(...), or WorkerAt(\"{job.ElementId}\") for this step alone."));
                foreach (var (_, subscription) in state.Subscriptions.Where(s => IsMainWait(instance, s.Value)).OrderBy(s => Order(s.Key)))
                    stalls.Add(new TestStall(instance.Id, subscription.ElementId, Stalled(instance, subscription)));
                if (stalls.Count == before && state.Timers.IsEmpty && !state.Calls.Values.Any(c => _instances.Exists(i => i.Id == c.ChildId && !i.HasEnded)) && _letters.Count == 0 && !JobMoves(instance).Concat(TaskMoves(instance)).Any())
                    stalls.AddRange(WaitReasons.Of(instance.Graph, state).Select(r => new TestStall(instance.Id, r.ElementId, $"{r.Sentence} Look at the conditions of the flows that lead there.")));
            }

            return stalls.DrainToImmutable();
        }
    }

    private TestStall? Stalled(TestInstance instance, string id, TaskState task)
    {
        var scripted = _people.Where(p => p.AnswersTo(task.ElementId) is not null).ToList();
        if (scripted.Exists(p => MayTry(p, id, task)))
            return null;
        var title = task.Name == task.ElementId ? $"'{task.Name}'" : $"'{task.ElementId}' ({task.Name})";
        var who = task.Assignee is { } assignee ? $", which {assignee} has" : task.Groups.IsEmpty ? "" : $" for {string.Join(" or ", task.Groups)}";
        var group = task.Groups.IsEmpty ? "" : $".In(\"{task.Groups[0]}\")";
        var sentence = scripted.Count == 0
            ? $"The process waits at the task {title}{who}; nobody is scripted for it. Add Person(\"{task.Assignee ?? "name"}\"){group}.Completes(\"{task.ElementId}\"), with one of its verdicts: {string.Join(", ", task.Verdicts)}."
            : $"The process waits at the task {title}{who}; whoever is scripted for it was refused: {string.Join(" ", scripted.Select(p => $"{p.Id}: {Refusal(p, task.ElementId)}"))} Script another person, or correct the answer.";
        return new TestStall(instance.Id, task.ElementId, sentence);
    }

    private string Refusal(TestPerson person, string elementId) =>
        _steps.FindLast(s => s.Kind == TestStepKind.Person && s.ElementId == elementId && s.Refusal is not null && s.Sentence.StartsWith(person.Id + " ", StringComparison.Ordinal))?.Refusal?.Detail ?? "the task is somebody else's.";

    private static string Stalled(TestInstance instance, SubscriptionState s)
    {
        var name = instance.Graph.NameOf(s.ElementId);
        return s.Kind switch
        {
            SubscriptionKind.Signal => $"The process waits at '{name}' for the signal '{s.MessageName}'. Add Signal(\"{s.MessageName}\").",
            SubscriptionKind.Condition => $"The process waits at '{name}' until its condition holds. Set its variables with SetVariables on the instance.",
            _ => $"The process waits at '{name}' for the message '{s.MessageName}'{(s.CorrelationKey.Length == 0 ? "" : $" with the key '{s.CorrelationKey}'")}. Add Message(\"{s.MessageName}\"{(s.CorrelationKey.Length == 0 ? "" : $", \"{s.CorrelationKey}\"")}).",
        };
    }

    // What is attached to an activity may come but need not; what a token stands at must.
    private static bool IsMainWait(TestInstance instance, SubscriptionState s) => instance.Graph.Node(s.ElementId)?.Kind
        is ElementKind.MessageCatch or ElementKind.SignalCatch or ElementKind.ConditionalCatch or ElementKind.MultipleCatch or ElementKind.ReceiveTask
        && !instance.State.Timers.Values.Any(t => t.TokenId == s.TokenId);

    private static void Add(ImmutableArray<TestStall>.Builder stalls, TestStall? stall)
    {
        if (stall is not null)
            stalls.Add(stall);
    }
}
