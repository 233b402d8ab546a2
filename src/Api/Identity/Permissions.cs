using System.Collections.Frozen;
using System.Collections.Immutable;
using Countersign.Domain.Tenants;

namespace Countersign.Api.Identity;

/// <summary>What a caller may be allowed to do. Every route names one; the table below says who holds it.</summary>
internal static class Permission
{
    public const string SelfRead = "self.read";
    public const string SelfSignIn = "self.sign_in";
    public const string TenantRead = "tenant.read";
    public const string DocumentsUpload = "documents.upload";
    public const string DocumentsRead = "documents.read";
    public const string ProcessesPublish = "processes.publish";
    public const string ProcessesRead = "processes.read";
    public const string PoliciesDraft = "policies.draft";
    public const string PoliciesApprove = "policies.approve";
    public const string PoliciesKill = "policies.kill";
    public const string PoliciesRead = "policies.read";
    public const string TablesPublish = "reference_tables.publish";
    public const string TablesRead = "reference_tables.read";
    public const string InstancesStart = "instances.start";
    public const string InstancesRead = "instances.read";
    public const string InstancesCancel = "instances.cancel";
    public const string InstancesOperate = "instances.operate";
    public const string TasksRead = "tasks.read";
    public const string TasksWork = "tasks.work";
    public const string TasksReassign = "tasks.reassign";
    public const string JobsWork = "jobs.work";
    public const string MessagesPublish = "messages.publish";
    public const string IncidentsRead = "incidents.read";
    public const string IncidentsRetry = "incidents.retry";
    public const string IncidentsResolve = "incidents.resolve";
    public const string BatchesRun = "batches.run";
    public const string BatchesRead = "batches.read";
    public const string DecisionsRead = "decisions.read";
    public const string TrailRead = "trail.read";
    public const string ExportsCreate = "exports.create";
    public const string ExportsRead = "exports.read";
    public const string WebhooksManage = "webhooks.manage";
    public const string KeysManage = "keys.manage";
    public const string MembersRead = "members.read";
    public const string MembersManage = "members.manage";
    public const string DashboardsRead = "dashboards.read";
    public const string UsageRead = "usage.read";
    public const string PlansManage = "plans.manage";

    /// <summary>Group whose members approve policy drafts.</summary>
    public const string PolicyApprovers = "policy-approvers";

    private static readonly ImmutableArray<string> Everyone = [SelfRead, SelfSignIn, TenantRead];

    private static readonly ImmutableArray<string> Reading =
        [DocumentsRead, ProcessesRead, PoliciesRead, TablesRead, InstancesRead, TasksRead, IncidentsRead, BatchesRead, DecisionsRead, TrailRead, MembersRead, DashboardsRead];

    // What a person gets by belonging to any group: to hand in work and to answer tasks of the group.
    private static readonly ImmutableArray<string> Working =
        [DocumentsUpload, DocumentsRead, ProcessesRead, InstancesStart, InstancesRead, TasksRead, TasksWork, TasksReassign, DecisionsRead, MembersRead, DashboardsRead, TrailRead];

    private static readonly ImmutableArray<string> Designing = [.. Reading, ProcessesPublish, PoliciesDraft, PoliciesApprove, TablesPublish];

    private static readonly ImmutableArray<string> Operating = [.. Reading, InstancesCancel, InstancesOperate, TasksReassign, IncidentsRetry, IncidentsResolve, BatchesRun, MessagesPublish, PoliciesKill];

    /// <summary>Permissions by role.</summary>
    public static readonly FrozenDictionary<string, ImmutableArray<string>> ByRole = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal)
    {
        [Role.Admin] = [.. Designing, .. Operating, DocumentsUpload, InstancesStart, WebhooksManage, KeysManage, MembersManage, ExportsCreate, ExportsRead, UsageRead, PlansManage],
        [Role.Designer] = Designing,
        [Role.Operator] = Operating,
        [Role.Auditor] = [.. Reading, ExportsCreate, ExportsRead, UsageRead],
        [Role.Integrator] =
        [
            DocumentsUpload, DocumentsRead, ProcessesRead, InstancesStart, InstancesRead, JobsWork, MessagesPublish, DecisionsRead, TrailRead, TablesPublish, TablesRead,
            DashboardsRead, IncidentsRead, TasksRead,
        ],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every permission there is.</summary>
    public static readonly ImmutableArray<string> All =
        [.. Everyone.Concat(Working).Concat(ByRole.Values.SelectMany(p => p)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>What roles and groups together allow.</summary>
    public static FrozenSet<string> Of(IEnumerable<string> roles, IReadOnlyCollection<string> groups)
    {
        IEnumerable<string> all = Everyone;
        foreach (var role in roles)
            all = all.Concat(ByRole.GetValueOrDefault(role, []));
        if (groups.Count > 0)
            all = all.Concat(Working);
        if (groups.Contains(PolicyApprovers))
            all = all.Append(PoliciesApprove).Append(PoliciesRead);
        return all.ToFrozenSet(StringComparer.Ordinal);
    }
}
