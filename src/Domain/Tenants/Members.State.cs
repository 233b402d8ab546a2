using System.Collections.Immutable;
using System.Text.Json;

namespace Countersign.Domain.Tenants;

/// <summary>State of a member, folded from the member's events; name and address as they are stored, sealed.</summary>
public sealed record MemberState(string Id, JsonElement Name, JsonElement? Email, ImmutableArray<string> Roles, ImmutableArray<string> Groups, bool Active)
{
    /// <summary>Folds one event; never throws.</summary>
    public static MemberState? Evolve(MemberState? state, IMemberEvent @event) => (state, @event) switch
    {
        (_, MemberAdded e) => new MemberState(e.MemberId, e.Name, e.Email, e.Roles, e.Groups, Active: true),
        ({ } s, MemberChanged e) => s with { Roles = e.Roles, Groups = e.Groups, Active = e.Active },
        _ => state,
    };
}
