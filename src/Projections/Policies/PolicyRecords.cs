namespace Countersign.Projections.Policies;

/// <summary>A policy as requests read it, written in the transaction of its events.</summary>
/// <param name="Id">Policy key.</param>
public sealed record PolicyRecord(string Id, string Name, int LatestVersion, int? ActiveVersion, bool KillSwitch, DateTimeOffset ChangedAt, long Version);

/// <summary>A version of a policy with its sources.</summary>
/// <param name="Id"><c>key:number</c>.</param>
/// <param name="Status"><c>draft</c>, <c>published</c> or <c>rejected</c>.</param>
public sealed record PolicyVersionRecord(string Id, string Key, int Number, string Status, string Hash, string Note, string DraftedBy, DateTimeOffset DraftedAt,
    string? ApprovedBy, DateTimeOffset? ApprovedAt, string Document, string Gate)
{
    /// <summary>Id of a version.</summary>
    public static string IdOf(string key, int number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{key}:{number}");
}
