using Countersign.Client.ReferenceTables;
using Countersign.Projections.ReferenceTables;

namespace Countersign.Api.ReferenceTables;

internal static class ReferenceTableViews
{
    public static ReferenceTableView Of(ReferenceTableRecord t) => new(t.Id, t.Version, [.. t.Columns], [.. t.Key], t.RowCount, t.Hash, t.PublishedAt, t.PublishedBy);
}
