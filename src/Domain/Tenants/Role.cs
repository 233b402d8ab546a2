using System.Collections.Immutable;

namespace Countersign.Domain.Tenants;

/// <summary>Names of the roles of a tenant. Approvers are named by groups, not by a role.</summary>
public static class Role
{
    /// <summary>Members, keys, webhooks, and everything a designer and an operator may.</summary>
    public const string Admin = "admin";

    /// <summary>Drafts and publishes processes, policies and tables.</summary>
    public const string Designer = "designer";

    /// <summary>Repairs, cancels, reassigns.</summary>
    public const string Operator = "operator";

    /// <summary>Reads everything, changes nothing, makes exports.</summary>
    public const string Auditor = "auditor";

    /// <summary>A program: documents, starts, messages, jobs.</summary>
    public const string Integrator = "integrator";

    /// <summary>All roles.</summary>
    public static readonly ImmutableArray<string> All = [Admin, Designer, Operator, Auditor, Integrator];
}
