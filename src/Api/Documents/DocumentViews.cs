using Countersign.Client.Documents;
using Countersign.Projections.Documents;

namespace Countersign.Api.Documents;

internal static class DocumentViews
{
    public static DocumentView Of(DocumentRecord d) => new(d.Id, d.Name, d.MediaType, d.Size, d.Sha256, d.UploadedAt, d.UploadedBy,
        [.. d.Pages.Select(p => new DocumentPage(p.Number, p.Width, p.Height))]);
}
