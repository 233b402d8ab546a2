using Countersign.Domain;
using Countersign.Domain.Tenants;
using Countersign.Projections.Store;
using Countersign.Projections.Tenants;
using Countersign.Workers.Streams;

namespace Countersign.Workers.Tenants;

/// <summary>State of the tenant's own stream.</summary>
public sealed record TenantState(string Id, string Name, string TimeZone);

/// <summary>Changes to a tenant and its members, with the rows that requests read.</summary>
public static class TenantStreams
{
    /// <summary>Makes a tenant; twice adds nothing.</summary>
    public static StreamChange<TenantState, ITenantEvent> Create(string tenantId, string name, string timeZone, DateTimeOffset now) => new(
        tenantId,
        StreamsOf.Tenant,
        Actor.System,
        (s, e) => e is TenantCreated c ? new TenantState(c.TenantId, c.Name, c.TimeZone) : s,
        s => s is null ? Outcome.Of(new TenantCreated(tenantId, name, timeZone, now)) : Outcome.Nothing,
        (session, _) => session.Store(new TenantRecord(TenantRecord.Only, tenantId, name, timeZone, now)));

    /// <summary>A change to a member.</summary>
    public static StreamChange<MemberState, IMemberEvent> Member(string tenantId, string memberId, Actor by, Func<MemberState?, Outcome> decide) => new(
        tenantId,
        StreamsOf.Member(memberId),
        by,
        MemberState.Evolve,
        decide,
        (session, result) =>
        {
            var s = result.State!;
            session.Store(new MemberRecord(s.Id, s.Name, s.Email, s.Roles, s.Groups, s.Active, result.Version));
        });
}
