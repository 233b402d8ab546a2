using System.Collections.Immutable;
using System.Text.Json;

namespace Countersign.Domain.Instances;

/// <summary>What a token did at a run of elements one after another, as one stored fact: the facts of the elements, packed. See <see cref="Steps"/>.</summary>
/// <param name="Steps">The steps, in order.</param>
public sealed record StepsTaken(ImmutableArray<StepTaken> Steps) : IInstanceEvent;

/// <summary>One element of a run. A member that is not there is empty, so that a step is as short as what happened.</summary>
/// <param name="Element">BPMN id of the element.</param>
/// <param name="Token">The stay that it names, where the token rested; null where it went through.</param>
/// <param name="Half">Where a token only entered or only left; null where it did both.</param>
/// <param name="Scope">Scope the token lives in; null = the process.</param>
/// <param name="From">Sequence flows whose tokens were consumed.</param>
/// <param name="To">Sequence flows taken.</param>
/// <param name="Conditions">At gateways: condition's flow id and truth value, in evaluation order.</param>
/// <param name="Variables">What the element set: after it was entered, before it was left.</param>
/// <param name="SetIn">Scope of those variables; null = the process.</param>
/// <param name="Iteration">Which repetition it is, from 1.</param>
/// <param name="Undoes">The finished stay that it undoes.</param>
public sealed record StepTaken(string Element, string? Token = null, StepHalf? Half = null, string? Scope = null, ImmutableArray<string>? From = null, ImmutableArray<string>? To = null,
    ImmutableArray<ConditionResult>? Conditions = null, ImmutableDictionary<string, JsonElement>? Variables = null, string? SetIn = null, int? Iteration = null, string? Undoes = null);

/// <summary>Half of a stay.</summary>
public enum StepHalf
{
    /// <summary>The token entered and rests.</summary>
    Entered,

    /// <summary>The token had entered before, and left.</summary>
    Left,
}

/// <summary>
/// Packs the facts of elements that follow one another into one stored fact, and unpacks it: the deciders, the state and readers know the facts of elements
/// alone, the store has a row for a run of them.
/// </summary>
public static class Steps
{
    /// <summary>Steps of one fact: a loop over ten thousand elements stays readable, and its rows of a size.</summary>
    public const int Most = 64;

    /// <summary>The facts with every run of element facts packed. A run of one stays as it is.</summary>
    /// <param name="facts">Facts, in order.</param>
    public static List<IInstanceEvent> Pack(IReadOnlyList<IInstanceEvent> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var packed = new List<IInstanceEvent>(facts.Count);
        var at = 0;
        while (at < facts.Count)
        {
            var begin = at;
            var steps = ImmutableArray.CreateBuilder<StepTaken>();
            while (steps.Count < Most && Next(facts, at) is { } next)
            {
                steps.Add(next.Step);
                at += next.Facts;
            }

            if (at - begin > 1)
                packed.Add(new StepsTaken(steps.ToImmutable()));
            else
                packed.Add(facts[begin]);
            at = Math.Max(at, begin + 1);
        }

        return packed;
    }

    /// <summary>The facts of the elements, in order: what was packed, exactly. Any other fact is itself. Total: what an old or a foreign text leaves out is empty.</summary>
    /// <param name="fact">A stored fact.</param>
    public static IReadOnlyList<IInstanceEvent> Unpack(IInstanceEvent fact)
    {
        if (fact is not StepsTaken run)
            return [fact];
        var facts = new List<IInstanceEvent>();
        foreach (var step in run.Steps.IsDefault ? [] : run.Steps)
        {
            if (step is not null)
                Add(step, facts);
        }

        return facts;
    }

    private static void Add(StepTaken step, List<IInstanceEvent> facts)
    {
        var (element, scope) = (step.Element ?? "", step.Scope ?? InstanceState.RootScope);
        if (step.Token is not { } token)
        {
            // A script that does not rest sets its result and goes through.
            if (step.Variables is { } result)
                facts.Add(new VariablesSet(step.SetIn ?? InstanceState.RootScope, result, element, null, null));
            facts.Add(new ElementPassed(element, scope, OrEmpty(step.From), OrEmpty(step.To), OrEmpty(step.Conditions)));
            return;
        }

        if (step.Half != StepHalf.Left)
            facts.Add(new ElementEntered(element, token, scope, OrEmpty(step.From), step.Iteration, step.Undoes));
        if (step.Variables is { } variables)
            facts.Add(new VariablesSet(step.SetIn ?? InstanceState.RootScope, variables, element, null, null));
        if (step.Half != StepHalf.Entered)
            facts.Add(new ElementLeft(element, token, OrEmpty(step.To), OrEmpty(step.Conditions)));
    }

    /// <summary>The step that the facts from here on are, and how many of them; null when the fact here is none of a step.</summary>
    private static (StepTaken Step, int Facts)? Next(IReadOnlyList<IInstanceEvent> facts, int at)
    {
        if (at >= facts.Count)
            return null;
        switch (facts[at])
        {
            case ElementPassed when PassedAt(facts, at) is { } e:
                return (Passed(e), 1);
            case VariablesSet set when PassedAt(facts, at + 1) is { } e && SetBy(facts, at, e.ElementId) is not null:
                return (Passed(e) with { Variables = set.Variables, SetIn = NotRoot(set.ScopeId) }, 2);
            case ElementEntered { Flows.IsDefault: false, TokenId: not null } e:
                return Entered(e, facts, at);
            case VariablesSet set when LeftAt(facts, at + 1, set.Source, null) is { } left && SetBy(facts, at, left.ElementId) is { } by:
                return (new StepTaken(left.ElementId, left.TokenId, StepHalf.Left, To: NotEmpty(left.Flows), Conditions: NotEmpty(left.Conditions), Variables: by.Variables, SetIn: NotRoot(by.ScopeId)), 2);
            case ElementLeft when LeftAt(facts, at, null, null) is { } left:
                return (new StepTaken(left.ElementId, left.TokenId, StepHalf.Left, To: NotEmpty(left.Flows), Conditions: NotEmpty(left.Conditions)), 1);
            default:
                return null;
        }
    }

    private static ElementPassed? PassedAt(IReadOnlyList<IInstanceEvent> facts, int at) =>
        at < facts.Count && facts[at] is ElementPassed { From.IsDefault: false, To.IsDefault: false, Conditions.IsDefault: false } passed ? passed : null;

    private static StepTaken Passed(ElementPassed e) => new(e.ElementId, Scope: NotRoot(e.ScopeId), From: NotEmpty(e.From), To: NotEmpty(e.To), Conditions: NotEmpty(e.Conditions));

    private static (StepTaken Step, int Facts) Entered(ElementEntered e, IReadOnlyList<IInstanceEvent> facts, int at)
    {
        var step = new StepTaken(e.ElementId, e.TokenId, StepHalf.Entered, NotRoot(e.ScopeId), NotEmpty(e.Flows), Iteration: e.Iteration, Undoes: e.Undoes);
        var count = 1;
        if (SetBy(facts, at + 1, e.ElementId) is { } set)
            (step, count) = (step with { Variables = set.Variables, SetIn = NotRoot(set.ScopeId) }, 2);
        return LeftAt(facts, at + count, e.ElementId, e.TokenId) is { } left
            ? (step with { Half = null, To = NotEmpty(left.Flows), Conditions = NotEmpty(left.Conditions) }, count + 1)
            : (step, count);
    }

    private static VariablesSet? SetBy(IReadOnlyList<IInstanceEvent> facts, int at, string element) =>
        at < facts.Count && facts[at] is VariablesSet { By: null, Reason: null, Variables: not null } set && set.Source == element ? set : null;

    private static ElementLeft? LeftAt(IReadOnlyList<IInstanceEvent> facts, int at, string? element, string? token) =>
        at < facts.Count && facts[at] is ElementLeft { Flows.IsDefault: false, Conditions.IsDefault: false, TokenId: not null } left
        && (element is null || left.ElementId == element) && (token is null || left.TokenId == token) ? left : null;

    private static string? NotRoot(string scope) => scope == InstanceState.RootScope ? null : scope;

    private static ImmutableArray<T>? NotEmpty<T>(ImmutableArray<T> list) => list.IsEmpty ? null : list;

    private static ImmutableArray<T> OrEmpty<T>(ImmutableArray<T>? list) => list is { IsDefault: false } given ? given : [];
}
