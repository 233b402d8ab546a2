using Countersign.Api.Identity;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;

namespace Countersign.Api.Tasks;

/// <summary>Who sees which task: its assignee, its candidates, and those who oversee.</summary>
internal static class TaskAccess
{
    /// <summary>Roles that see every task of the tenant.</summary>
    public static bool Oversees(Caller caller) => caller.Actor.Holds(Role.Admin) || caller.Actor.Holds(Role.Operator) || caller.Actor.Holds(Role.Auditor) || caller.Actor.Holds(Role.Integrator)
        || caller.Actor.Holds(Role.Designer);

    public static bool IsCandidate(Actor actor, string? assignee, IEnumerable<string> groups, IEnumerable<string> users) =>
        assignee == actor.Id || users.Contains(actor.Id, StringComparer.Ordinal) || groups.Any(actor.IsIn);

    /// <summary>Why the actor may not complete it, or null.</summary>
    public static string? Barred(string actorId, IEnumerable<Separation> separations) =>
        separations.FirstOrDefault(s => s.MemberId == actorId) is { } s ? Sentence(s, you: true) : null;

    public static string Sentence(Separation s, bool you)
    {
        var who = you ? "You" : s.MemberId;
        return s.Duty == "initiator"
            ? $"{who} handed the case in and may not countersign it."
            : $"{who} already acted at '{s.Duty}' and may not countersign as well.";
    }
}
