namespace Countersign.Client.Tenants;

/// <summary>The caller's tenant.</summary>
/// <param name="Id"><c>[a-z0-9]{8,32}</c>.</param>
/// <param name="TimeZone">IANA name; midnight of reports and checkpoints.</param>
public sealed record TenantView(string Id, string Name, string TimeZone, DateTimeOffset CreatedAt);
