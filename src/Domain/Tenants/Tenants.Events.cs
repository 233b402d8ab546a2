using System.Collections.Immutable;
using System.Text.Json;

namespace Countersign.Domain.Tenants;

/// <summary>A fact in the stream of a tenant (one stream, <c>tenant</c>).</summary>
public interface ITenantEvent;

/// <summary>The tenant exists.</summary>
/// <param name="TenantId"><c>[a-z0-9]{8,32}</c>.</param>
/// <param name="Name">Name for people.</param>
/// <param name="TimeZone">IANA name; midnight of reports and checkpoints.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record TenantCreated(string TenantId, string Name, string TimeZone, DateTimeOffset At) : ITenantEvent;

/// <summary>A fact in the stream of one member.</summary>
public interface IMemberEvent;

/// <summary>A person joined the tenant.</summary>
/// <param name="MemberId">Member id, made by us; events name people by it.</param>
/// <param name="Name">Name for people, sealed under the key of the subject <c>member/&lt;id&gt;</c>.</param>
/// <param name="Email">Address, sealed likewise, or null.</param>
/// <param name="Roles">Roles from <see cref="Role"/>.</param>
/// <param name="Groups">Groups, approver groups included.</param>
/// <param name="By">Actor id.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record MemberAdded(string MemberId, JsonElement Name, JsonElement? Email, ImmutableArray<string> Roles, ImmutableArray<string> Groups, string By,
    DateTimeOffset At) : IMemberEvent;

/// <summary>What a member may do was changed.</summary>
public sealed record MemberChanged(ImmutableArray<string> Roles, ImmutableArray<string> Groups, bool Active, string By, string Reason, DateTimeOffset At) : IMemberEvent;
