using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Tenants;

namespace Countersign.Testing;

/// <summary>A scripted person. What may be done by whom is decided by the engine: groups, claims and separated duties hold as in the service.</summary>
public sealed class TestPerson
{
    private readonly Dictionary<string, Script<PersonAnswer>> _answers = new(StringComparer.Ordinal);

    internal TestPerson(string id) => Id = id;

    /// <summary>Member id.</summary>
    public string Id { get; }

    internal ImmutableArray<string> Groups { get; private set; } = [];

    internal ImmutableArray<string> Roles { get; private set; } = [];

    internal Actor Actor => new(Id, ActorKind.Person, Roles, Groups);

    /// <summary>Puts the person into groups, e.g. <c>approvers</c>.</summary>
    /// <param name="groups">Names of groups.</param>
    /// <returns>The same person.</returns>
    public TestPerson In(params string[] groups)
    {
        Groups = Groups.AddRange(groups);
        return this;
    }

    /// <summary>Gives the person roles, e.g. <c>operator</c>.</summary>
    /// <param name="roles">Names of roles.</param>
    /// <returns>The same person.</returns>
    public TestPerson Holds(params string[] roles)
    {
        Roles = Roles.AddRange(roles);
        return this;
    }

    /// <summary>
    /// Lets the person answer a task. Several answers for one task are given one after the other, each time the task comes; the last one stays. An answer
    /// that the engine refuses stands in the trace, and the next person scripted for the task is asked.
    /// </summary>
    /// <param name="task">BPMN id of the user task.</param>
    /// <param name="verdict">One of the task's verdicts; unset means <c>complete</c>, or the only one that the task has.</param>
    /// <param name="values">Values entered; null means none.</param>
    /// <param name="reason">Reason in the person's words; the engine wants one for a rejection.</param>
    /// <param name="after">How long after the task came the person answers; null means at once.</param>
    /// <param name="reasonCode">Reason code; the engine wants one for an override.</param>
    /// <returns>The same person.</returns>
    public TestPerson Completes(string task, string verdict = PersonAnswer.Usual, object? values = null, string? reason = null, TimeSpan? after = null, string? reasonCode = null)
    {
        Script<PersonAnswer>.For(_answers, task).Add(new PersonAnswer(verdict, TestJson.Variables(values), reason, reasonCode, after ?? TimeSpan.Zero));
        return this;
    }

    internal Script<PersonAnswer>? AnswersTo(string element) => _answers.GetValueOrDefault(element);
}

/// <summary>What a person says to a task.</summary>
internal sealed record PersonAnswer(string Verdict, ImmutableDictionary<string, JsonElement> Values, string? Reason, string? ReasonCode, TimeSpan After)
{
    public const string Usual = "complete";
}

/// <summary>Answers one after the other; the last one stays.</summary>
internal sealed class Script<T>
{
    private readonly List<T> _items = [];
    private int _next;

    public T Current => _items[Math.Min(_next, _items.Count - 1)];

    public bool IsEmpty => _items.Count == 0;

    public void Add(T item) => _items.Add(item);

    public void Advance() => _next++;

    public static Script<T> For(Dictionary<string, Script<T>> all, string key)
    {
        if (!all.TryGetValue(key, out var script))
            all.Add(key, script = new Script<T>());
        return script;
    }
}
