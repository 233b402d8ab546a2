using System.Globalization;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;

namespace Countersign.Testing;

/// <content>What can be done next. At one time letters between instances come first, then messages, workers, people and timers; the oldest of a kind goes first.</content>
public sealed partial class ProcessTest
{
    private readonly Dictionary<(string Task, string Person), TaskState> _refused = [];
    private readonly HashSet<(string Timer, int Events)> _spent = [];

    private Move? Next(DateTimeOffset until)
    {
        // Letters lead to others at once; everything else is chosen by time.
        if (_letters.Count > 0)
            return new Move(Now, 0, 0, Deliver);
        var moves = MessageMoves().Concat(StartMoves()).Concat(_instances.Where(i => !i.HasEnded && i.StateOrNull is { SuspendedAt: null }).SelectMany(i => JobMoves(i).Concat(TaskMoves(i)).Concat(TimerMoves(i))));
        Move? first = null;
        foreach (var move in moves)
        {
            var at = move.At > Now ? move.At : Now;
            if (at <= until && (first is not { } best || (at, move.Rank, move.Order).CompareTo((best.At, best.Rank, best.Order)) < 0))
                first = move with { At = at };
        }

        return first;
    }

    private IEnumerable<Move> JobMoves(TestInstance instance)
    {
        foreach (var (id, job) in instance.State.Jobs)
        {
            if (!job.Failed && WorkerOf(job) is { HasAnswer: true } worker)
                yield return new Move(job.DueAt + worker.Duration, 2, Order(id), () => Work(instance, id, job, worker));
        }
    }

    private IEnumerable<Move> TaskMoves(TestInstance instance)
    {
        foreach (var (id, task) in instance.State.Tasks)
        {
            var at = 0;
            foreach (var person in _people.Where(p => MayTry(p, id, task)))
            {
                var answer = person.AnswersTo(task.ElementId)!;
                yield return new Move(task.CreatedAt + answer.Current.After, 3, Order(id) + at++, () => Answer(instance, id, task, person, answer));
            }
        }
    }

    private IEnumerable<Move> TimerMoves(TestInstance instance)
    {
        foreach (var (id, timer) in instance.State.Timers)
        {
            if (!_spent.Contains((id, instance.State.Events)))
                yield return new Move(timer.DueAt, 4, Order(id), () => Fire(instance, id, timer));
        }
    }

    private TestWorker? WorkerOf(JobState job) => _workersAt.TryGetValue(job.ElementId, out var here) && here.HasAnswer ? here : _workers.GetValueOrDefault(job.Type);

    // Who was refused is not asked again before the task has changed; a task that somebody has is answered by that person only.
    private bool MayTry(TestPerson person, string id, TaskState task) => person.AnswersTo(task.ElementId) is not null && (task.Assignee is null || task.Assignee == person.Id)
        && !(_refused.TryGetValue((id, person.Id), out var then) && ReferenceEquals(then, task));

    private TestStep Work(TestInstance instance, string id, JobState job, TestWorker worker)
    {
        var seen = new TestJob(instance.Id, job.ElementId, job.Type, job.Attempt, job.Headers, instance.VariablesOf(id), Now);
        var name = instance.Graph.NameOf(job.ElementId);
        var attempt = job.Attempt == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" in attempt {job.Attempt}");
        return worker.Answer(seen) switch
        {
            TestJobAnswer.Completed done => Do(instance, new CompleteJob(Tenant, instance.Id, Actor.System, id, job.Attempt, done.Variables, done.Inference), TestStepKind.Worker, job.ElementId,
                done.Inference is { } model ? $"The model '{model.Model}' answered '{name}'{attempt}." : $"The worker of '{job.Type}' completed '{name}'{attempt}."),
            TestJobAnswer.Failed failed => Do(instance, new FailJob(Tenant, instance.Id, Actor.System, id, job.Attempt, failed.Code, failed.Message, failed.Retryable, failed.RetryAfter), TestStepKind.Worker,
                job.ElementId, $"The worker of '{job.Type}' failed at '{name}'{attempt}: {failed.Message}"),
            TestJobAnswer.Error error => Do(instance, new ThrowJobError(Tenant, instance.Id, Actor.System, id, job.Attempt, error.Code, error.Message, error.Variables), TestStepKind.Worker, job.ElementId,
                $"The worker of '{job.Type}' raised the error '{error.Code}' at '{name}'{attempt}."),
            _ => throw new ProcessTestException($"The worker of '{job.Type}' gave no answer. Return job.Completes(...), job.Fails(...) or job.Throws(...)."),
        };
    }

    private TestStep Answer(TestInstance instance, string id, TaskState task, TestPerson person, Script<PersonAnswer> script)
    {
        var answer = script.Current;
        var verdict = answer.Verdict == PersonAnswer.Usual && task.Verdicts.Length == 1 ? task.Verdicts[0] : answer.Verdict;
        var step = Do(instance, new CompleteTask(Tenant, instance.Id, person.Actor, id, verdict, answer.Reason, answer.ReasonCode, answer.Values), TestStepKind.Person, task.ElementId,
            $"{person.Id} answered '{verdict}' to '{task.Name}'.");
        if (step.Refusal is null)
            script.Advance();
        else
            _refused[(id, person.Id)] = task;
        return step;
    }

    private TestStep Fire(TestInstance instance, string id, TimerState timer)
    {
        _spent.Add((id, instance.State.Events));
        return Do(instance, new FireTimer(Tenant, instance.Id, Actor.System, id), TestStepKind.Timer, timer.ElementId, $"The timer '{instance.Graph.NameOf(timer.ElementId)}' fired.");
    }

    // The sequence inside an instance; instances one after the other.
    private long Order(string insideId) => InsideId.TryParse(insideId, out var instance, out var sequence)
        ? (_instances.FindIndex(i => i.Id == instance) * 10_000_000L) + (sequence * 100) : 0;

    private readonly record struct Move(DateTimeOffset At, int Rank, long Order, Func<TestStep> Act);
}
