using System.Collections.Immutable;
using System.Globalization;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;

namespace Countersign.Testing;

/// <content>Running: by single steps, all that can be done now, or to the end with the clock going from one due time to the next.</content>
public sealed partial class ProcessTest
{
    /// <summary>Steps after which a run is taken for one that never ends.</summary>
    public const int MostSteps = 10_000;

    private static readonly TimeSpan UsualLimit = TimeSpan.FromDays(366);
    private readonly List<TestInstance> _instances = [];
    private readonly List<TestStep> _steps = [];

    /// <summary>All instances of the test, called ones included, in the order of their starts.</summary>
    public IReadOnlyList<TestInstance> Instances => _instances;

    /// <summary>All that has happened, in order.</summary>
    public IReadOnlyList<TestStep> Steps => _steps;

    /// <summary>Starts an instance; the process goes as far as it can by itself. What is scripted happens in <see cref="Run"/>, <see cref="Step"/> or <see cref="RunToEnd"/>.</summary>
    /// <param name="variables">Initial variables, e.g. <c>new { amount = 12 }</c>; null means none.</param>
    /// <param name="businessKey">The caller's own key; null means none.</param>
    /// <param name="by">Who starts it: <c>initiator</c> of separated duties.</param>
    /// <param name="process">Key of the process; null means the first of the test.</param>
    /// <param name="at">Start event; null means where the process begins by itself.</param>
    /// <exception cref="ProcessTestException">The engine refuses the start.</exception>
    public TestInstance Start(object? variables = null, string? businessKey = null, string by = "starter", string? process = null, string? at = null)
    {
        var known = process is null ? _processes[0] : Newest(process) ?? throw new ProcessTestException($"There is no process '{process}' in this test. Add it with And, or start one of: {string.Join(", ", NewestOfEach().Select(p => p.Graph.Key))}.");
        var instance = Create(known, NextId());
        var who = Known(by, ActorKind.Person);
        var step = Do(instance, new StartInstance(Tenant, instance.Id, who, known.VersionId, TestJson.Variables(variables), businessKey, at), TestStepKind.Start, null, $"{by} started {Quoted(known.Graph)}.");
        if (step.Refusal is { } refusal)
        {
            _instances.Remove(instance);
            throw new ProcessTestException(refusal.Code == "policy.not_active" ? $"{refusal.Detail} In a test: WithPolicy for the real one, or Policy(key).Decides(...) for a scripted one." : refusal.Detail);
        }

        return instance;
    }

    /// <summary>Does the next thing that can be done at the present time; the clock stands still.</summary>
    /// <returns>What was done; null when nothing can be done now.</returns>
    public TestStep? Step() => Next(Now)?.Act();

    /// <summary>Does all that can be done at the present time; the clock stands still.</summary>
    /// <returns>What was done, in order.</returns>
    /// <exception cref="ProcessTestException">It never ends.</exception>
    public ImmutableArray<TestStep> Run() => Until(Now);

    /// <summary>Lets time pass: whatever becomes due on the way happens in its order.</summary>
    /// <param name="time">How much; not negative.</param>
    /// <returns>What was done, in order.</returns>
    /// <exception cref="ProcessTestException">It never ends.</exception>
    public ImmutableArray<TestStep> AdvanceBy(TimeSpan time) => AdvanceTo(Now + time);

    /// <summary>Lets time pass until then: whatever becomes due on the way happens in its order.</summary>
    /// <param name="then">A time that is not past.</param>
    /// <returns>What was done, in order.</returns>
    /// <exception cref="ProcessTestException">The time is past, or it never ends.</exception>
    public ImmutableArray<TestStep> AdvanceTo(DateTimeOffset then)
    {
        if (then < Now)
            throw new ProcessTestException($"The clock never goes back: it is {Text(Now)} already. Give a later time.");
        var done = Until(then.ToUniversalTime());
        Now = then.ToUniversalTime();
        // What was kept until now is dropped now.
        return done.AddRange(Until(Now));
    }

    /// <summary>Moves the clock to the next time at which something is due, and does that one thing.</summary>
    /// <returns>What was done; null when nothing will ever be due.</returns>
    public TestStep? AdvanceToNext() => AdvanceToNext(DateTimeOffset.MaxValue);

    /// <summary>Moves the clock to the next time at which something is due, if that is not later than a bound, and does that one thing.</summary>
    /// <param name="until">The bound.</param>
    /// <returns>What was done; null when nothing is due until then: the clock stands where it stood.</returns>
    public TestStep? AdvanceToNext(DateTimeOffset until)
    {
        if (Next(until) is not { } next)
            return null;
        Now = next.At > Now ? next.At : Now;
        return next.Act();
    }

    /// <summary>Runs until every instance has ended; the clock goes from one due time to the next.</summary>
    /// <param name="within">Simulated time after which it is taken for a process that never ends; null means 366 days.</param>
    /// <returns>What was done, in order.</returns>
    /// <exception cref="ProcessTestException">Something waits for what nobody scripted; the message names each place and what to add.</exception>
    public ImmutableArray<TestStep> RunToEnd(TimeSpan? within = null)
    {
        var done = Until(Now + (within ?? UsualLimit));
        if (_instances.TrueForAll(i => i.HasEnded))
            return done;
        var stalls = Stalls;
        throw new ProcessTestException(stalls.IsEmpty
            ? $"The process still runs at {Text(Now)}. The last things that happened: {string.Join(" ", _steps.TakeLast(3).Select(s => s.Sentence))} Script an end, or give RunToEnd more time."
            : "The process cannot go on:" + string.Concat(stalls.Select(s => $"{Environment.NewLine}- {s.Sentence}")));
    }

    private ImmutableArray<TestStep> Until(DateTimeOffset then)
    {
        var done = ImmutableArray.CreateBuilder<TestStep>();
        while (Next(then) is { } next)
        {
            Now = next.At > Now ? next.At : Now;
            done.Add(next.Act());
            if (done.Count > MostSteps)
                throw new ProcessTestException($"After {MostSteps.ToString(CultureInfo.InvariantCulture)} steps the process still goes on. The last were: {string.Join(" ", done.TakeLast(3).Select(s => s.Sentence))} Look for a loop, or run for a shorter time.");
        }

        return done.DrainToImmutable();
    }

    internal TestStep Do(TestInstance instance, InstanceCommand command, TestStepKind kind, string? elementId, string sentence)
    {
        var active = _policies.ToImmutableDictionary(p => p.Key, p => p.Value.Id, StringComparer.Ordinal);
        var compiled = _policies.Values.ToImmutableDictionary(p => p.Id, p => p, StringComparer.Ordinal);
        var outcome = Engine.Decide(instance.Graph, instance.StateOrNull, command, DecideContext.Empty with { Policies = compiled, ActivePolicies = active, Limits = Limits }, Now);
        var facts = outcome is Outcome.Facts given ? given.Events.Cast<IInstanceEvent>().ToImmutableArray() : [];
        instance.Take(facts);
        foreach (var opened in facts.OfType<SubscriptionOpened>())
            _opened.Add(opened.SubscriptionId, _opened.Count);
        var step = new TestStep(_steps.Count + 1, Now, kind, instance.Id, elementId, sentence, (outcome as Outcome.Refused)?.Refusal, facts)
        {
            Details = [.. facts.Select(f => InstanceSentences.Of(f, instance.Graph)).OfType<string>()],
        };
        _steps.Add(step);
        if (instance.StateOrNull is { } after)
        {
            foreach (var letter in InstanceMail.Of(Tenant, facts, after))
                _letters.Enqueue(letter);
        }

        return step;
    }

    internal Actor Known(string id, ActorKind kind) => _people.Find(p => p.Id == id)?.Actor ?? new Actor(id, kind, [], []);

    private TestStep Note(TestStepKind kind, Guid instanceId, string? elementId, string sentence)
    {
        var step = new TestStep(_steps.Count + 1, Now, kind, instanceId, elementId, sentence, null, []);
        _steps.Add(step);
        return step;
    }

    private TestInstance Create(KnownProcess process, Guid id)
    {
        var instance = new TestInstance(this, process.Graph, id);
        _instances.Add(instance);
        return instance;
    }

    // Counted, so that every run has the same ids; shaped like the service's.
    private Guid NextId() => new(_instances.Count + 1, 0, 0x7000, [0x80, 0, 0, 0, 0, 0, 0, 0]);

    internal static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Quoted(ProcessGraph graph) => $"'{graph.Name ?? graph.Key}'";
}
