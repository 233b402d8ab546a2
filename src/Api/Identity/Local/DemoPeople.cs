using System.Collections.Immutable;
using Countersign.Domain.Tenants;

namespace Countersign.Api.Identity.Local;

/// <summary>A demo tenant.</summary>
internal sealed record DemoTenant(string Id, string Name, string TimeZone);

/// <summary>A demo person. The member id is the login and the tenant's first letters, so that no id occurs in two tenants.</summary>
internal sealed record DemoPerson(string Login, string TenantId, string Name, string Does, ImmutableArray<string> Roles, ImmutableArray<string> Groups)
{
    public string MemberId => $"{Login}-{TenantId[..4]}";
}

/// <summary>Tenants and people that exist in Development only, each with the password <c>demo</c>.</summary>
internal static class DemoPeople
{
    public const string Password = "demo";
    public const string Acme = "acmefinance";
    public const string Globex = "globexoffice";

    /// <summary>Logins of programs for the command line's demo load, by client credentials with the same password.</summary>
    public const string ProgramSuffix = "-demo";

    public static readonly ImmutableArray<DemoTenant> Tenants = [new(Acme, "Acme Finance", "Europe/Berlin"), new(Globex, "Globex", "America/New_York")];

    public static readonly ImmutableArray<DemoPerson> All =
    [
        new("ana", Acme, "Ana Arroyo", "clerk, hands in and prepares", [], ["clerks"]),
        new("ben", Acme, "Ben Bauer", "approver", [], ["approvers"]),
        new("cleo", Acme, "Cleo Clarke", "approver, the second pair of eyes; approves policies", [], ["approvers", Permission.PolicyApprovers]),
        new("dora", Acme, "Dora Dimitrova", "administrator and designer", [Role.Admin, Role.Designer], []),
        new("otto", Acme, "Otto Olsen", "operator, incidents", [Role.Operator], []),
        new("tess", Acme, "Tess Tanaka", "auditor", [Role.Auditor], []),
        new("gus", Globex, "Gus Grant", "administrator and designer", [Role.Admin, Role.Designer], []),
        new("gia", Globex, "Gia Grimaldi", "clerk", [], ["clerks"]),
        new("gil", Globex, "Gil Garcia", "approver; approves policies", [], ["approvers", Permission.PolicyApprovers]),
        new(Acme + ProgramSuffix, Acme, "Demo load", "program", [Role.Integrator], []),
        new(Globex + ProgramSuffix, Globex, "Demo load", "program", [Role.Integrator], []),
    ];

    public static DemoPerson? Find(string? login) => All.FirstOrDefault(p => string.Equals(p.Login, login, StringComparison.Ordinal));
}
