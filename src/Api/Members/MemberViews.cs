using Countersign.Client.Members;
using Countersign.Projections.Sealing;
using Countersign.Projections.Tenants;

namespace Countersign.Api.Members;

/// <summary>Members for readers: names and addresses are opened here, all of a page at once. An erased person's id stands for the name.</summary>
internal sealed class MemberViews(PersonalTexts texts)
{
    public async Task<IReadOnlyList<MemberView>> Of(string tenantId, IReadOnlyList<MemberRecord> members, CancellationToken cancellation)
    {
        var opened = await texts.Open(tenantId, [.. members.SelectMany(m => new[] { m.Name, m.Email })], cancellation);
        return [.. members.Select((m, i) => new MemberView(m.Id, opened[2 * i] ?? m.Id, opened[(2 * i) + 1], [.. m.Roles], [.. m.Groups], m.Active, m.Version))];
    }

    public async Task<MemberView?> Of(string tenantId, MemberRecord? member, CancellationToken cancellation) =>
        member is null ? null : (await Of(tenantId, [member], cancellation))[0];
}
