using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Countersign.Domain.Tenants;

/// <summary>A text about a person: as it was given, to be judged, and as it is stored.</summary>
/// <param name="Plain">The text; never part of a fact.</param>
/// <param name="Stored">The same, sealed.</param>
public sealed record PersonalText(string Plain, JsonElement Stored);

/// <summary>Adds a person.</summary>
public sealed record AddMember(string MemberId, PersonalText Name, PersonalText? Email, ImmutableArray<string> Roles, ImmutableArray<string> Groups, Actor By);

/// <summary>Sets what a member may do.</summary>
public sealed record ChangeMember(ImmutableArray<string> Roles, ImmutableArray<string> Groups, bool Active, string Reason, Actor By);

/// <summary>Pure decisions about members.</summary>
public static partial class MemberDecider
{
    /// <summary>Adds a member; twice adds nothing.</summary>
    public static Outcome Decide(MemberState? state, AddMember command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (!IdPattern().IsMatch(command.MemberId))
            return Outcome.Refuse(RefusalKind.Invalid, "member.id_invalid", "A member id is 1 to 64 lower-case letters, digits and hyphens. Choose another one.");
        if (string.IsNullOrWhiteSpace(command.Name.Plain) || command.Name.Plain.Length > 200)
            return Outcome.Refuse(RefusalKind.Invalid, "member.name_invalid", "A name is 1 to 200 characters.");
        if (Unknown(command.Roles, command.Groups) is { } refusal)
            return refusal;
        return state is not null
            ? Outcome.Nothing
            : Outcome.Of(new MemberAdded(command.MemberId, command.Name.Stored, command.Email?.Stored, Sorted(command.Roles), Sorted(command.Groups), command.By.Id, now));
    }

    /// <summary>Changes a member; the same values add nothing.</summary>
    public static Outcome Decide(MemberState? state, ChangeMember command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is null)
            return Outcome.Refuse(RefusalKind.NotFound, "member.not_found", "There is no such member.");
        if (string.IsNullOrWhiteSpace(command.Reason) || command.Reason.Length > 2000)
            return Outcome.Refuse(RefusalKind.Invalid, "member.reason_missing", "Give a reason of 1 to 2,000 characters; it is kept in the trail.");
        if (Unknown(command.Roles, command.Groups) is { } refusal)
            return refusal;
        if (state.Id == command.By.Id && (!command.Active || (state.Roles.Contains(Role.Admin) && !command.Roles.Contains(Role.Admin))))
            return Outcome.Refuse(RefusalKind.Conflict, "member.own_rights", "You cannot take your own administration away. Ask another administrator.");
        var (roles, groups) = (Sorted(command.Roles), Sorted(command.Groups));
        return state.Active == command.Active && state.Roles.SequenceEqual(roles) && state.Groups.SequenceEqual(groups)
            ? Outcome.Nothing
            : Outcome.Of(new MemberChanged(roles, groups, command.Active, command.By.Id, command.Reason, now));
    }

    private static Outcome? Unknown(ImmutableArray<string> roles, ImmutableArray<string> groups)
    {
        if (roles.IsDefault || groups.IsDefault || roles.Any(r => !Role.All.Contains(r)))
            return Outcome.Refuse(RefusalKind.Invalid, "member.role_unknown", $"Roles are {string.Join(", ", Role.All)}.");
        return groups.Length > 100 || groups.Any(g => !GroupPattern().IsMatch(g))
            ? Outcome.Refuse(RefusalKind.Invalid, "member.group_invalid", "A group is 1 to 64 lower-case letters, digits and hyphens; a member has at most 100.")
            : null;
    }

    private static ImmutableArray<string> Sorted(ImmutableArray<string> names) => [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex IdPattern();

    [GeneratedRegex("^[a-z][a-z0-9-]{0,63}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex GroupPattern();
}
