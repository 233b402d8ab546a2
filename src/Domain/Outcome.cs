using System.Collections.Immutable;

namespace Countersign.Domain;

/// <summary>What a pure <c>Decide</c> answers: facts, a refusal, or nothing because the same was asked before.</summary>
public abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>The command changes nothing: it was carried out before, or came too late to matter.</summary>
    public static Outcome Nothing { get; } = new None();

    /// <summary>Facts to append, in order; an empty array is <see cref="Nothing"/>.</summary>
    public static Outcome OfAll(ImmutableArray<object> events) => events.IsDefaultOrEmpty ? Nothing : new Facts(events);

    /// <summary>Facts to append, in order.</summary>
    public static Outcome Of(params object[] events) => OfAll([.. events]);

    /// <summary>A refusal: an answer, not an error.</summary>
    public static Outcome Refuse(RefusalKind kind, string code, string detail) => new Refused(new Refusal(kind, code, detail));

    /// <summary>Facts to append.</summary>
    /// <param name="Events">At least one event, in order.</param>
    public sealed record Facts(ImmutableArray<object> Events) : Outcome;

    /// <summary>The command is refused; state is unchanged.</summary>
    /// <param name="Refusal">Why, with a stable code.</param>
    public sealed record Refused(Refusal Refusal) : Outcome;

    /// <summary>Nothing to do.</summary>
    public sealed record None : Outcome;
}

/// <summary>Which of the public answers a refusal becomes.</summary>
public enum RefusalKind
{
    /// <summary>The actor may not do this (403, recorded in the actor's access stream).</summary>
    Denied,

    /// <summary>The state has moved on: already completed, claimed by another, suspended (409).</summary>
    Conflict,

    /// <summary>The content is well formed but not acceptable (422).</summary>
    Invalid,

    /// <summary>There is no such thing in this tenant (404).</summary>
    NotFound,

    /// <summary>A published limit is reached (413 or 429 by code).</summary>
    Limit,
}

/// <summary>Why a command was refused.</summary>
/// <param name="Kind">Which public answer it becomes.</param>
/// <param name="Code">Stable code <c>noun.reason</c>, published as <c>urn:countersign:problem:noun.reason</c>.</param>
/// <param name="Detail">One sentence for a person that says what to do next; no personal data, no internals.</param>
public sealed record Refusal(RefusalKind Kind, string Code, string Detail);
