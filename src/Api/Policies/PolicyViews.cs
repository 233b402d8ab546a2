using Countersign.Client.Policies;
using Countersign.Client.Processes;
using Countersign.Domain.Policies;
using Countersign.Projections.Policies;
using PolicyFinding = Countersign.Client.Policies.PolicyFinding;

namespace Countersign.Api.Policies;

internal static class PolicyViews
{
    public static PolicyListItem Of(PolicyRecord p) => new(p.Id, p.Name, p.LatestVersion, p.ActiveVersion, p.KillSwitch, p.ChangedAt);

    /// <summary>A version with what is found in it.</summary>
    public static PolicyVersionView Of(PolicyVersionRecord v, PolicyCompilation compilation) => Of(v) with { Findings = [.. compilation.Findings.Select(Of)] };

    public static PolicyFinding Of(Domain.Policies.PolicyFinding f) =>
        new(f.Rule, f.Severity == Domain.Processes.FindingSeverity.Error ? FindingSeverity.Error : FindingSeverity.Warning, f.Element, f.Sentence, f.Remedy, f.Line);

    public static PolicyVersionView Of(PolicyVersionRecord v) => new(v.Id, v.Key, v.Number, v.Status switch
    {
        "published" => PolicyStatus.Published,
        "rejected" => PolicyStatus.Rejected,
        _ => PolicyStatus.Draft,
    }, v.Hash, v.Note, v.DraftedBy, v.DraftedAt, v.ApprovedBy, v.ApprovedAt, v.Document, v.Gate);
}
