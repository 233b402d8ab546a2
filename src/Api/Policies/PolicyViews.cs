using Countersign.Client.Policies;
using Countersign.Projections.Policies;

namespace Countersign.Api.Policies;

internal static class PolicyViews
{
    public static PolicyListItem Of(PolicyRecord p) => new(p.Id, p.Name, p.LatestVersion, p.ActiveVersion, p.KillSwitch, p.ChangedAt);

    public static PolicyVersionView Of(PolicyVersionRecord v) => new(v.Id, v.Key, v.Number, v.Status switch
    {
        "published" => PolicyStatus.Published,
        "rejected" => PolicyStatus.Rejected,
        _ => PolicyStatus.Draft,
    }, v.Hash, v.Note, v.DraftedBy, v.DraftedAt, v.ApprovedBy, v.ApprovedAt, v.Document, v.Gate);
}
