using Countersign.Client.Keys;
using Countersign.Domain.Keys;
using Countersign.Projections.Keys;
using Countersign.Workers.Keys;

namespace Countersign.Api.Keys;

internal static class KeyViews
{
    public static KeyView Of(KeyRecord k, DateTimeOffset? lastUsed) =>
        new(k.Id, k.Name, k.Prefix, [.. k.Roles], k.CreatedAt, k.CreatedBy, k.ExpiresAt, lastUsed, k.RevokedAt, k.ReplacedBy);

    public static KeyView Of(KeyState s) => Of(KeyStreams.RecordOf(s), null);
}
