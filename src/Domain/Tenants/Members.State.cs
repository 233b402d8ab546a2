using System.Collections.Immutable;

namespace Countersign.Domain.Tenants;

/// <summary>State of a member, folded from the member's events.</summary>
public sealed record MemberState(string Id, string Name, string? Email, ImmutableArray<string> Roles, ImmutableArray<string> Groups, bool Active)
{
    /// <summary>Folds one event; never throws.</summary>
    public static MemberState? Evolve(MemberState? state, IMemberEvent @event) => (state, @event) switch
    {
        (_, MemberAdded e) => new MemberState(e.MemberId, e.Name, e.Email, e.Roles, e.Groups, Active: true),
        ({ } s, MemberChanged e) => s with { Roles = e.Roles, Groups = e.Groups, Active = e.Active },
        _ => state,
    };
}
