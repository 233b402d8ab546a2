using Countersign.Client.Members;
using Countersign.Projections.Tenants;

namespace Countersign.Api.Members;

internal static class MemberViews
{
    public static MemberView Of(MemberRecord m) => new(m.Id, m.Name, m.Email, [.. m.Roles], [.. m.Groups], m.Active, m.Version);
}
