using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Documents;
using Countersign.Projections.Documents;
using Marten;

namespace Countersign.Api.Documents;

internal sealed class GetDocumentEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/documents/{id:guid}", Permission.DocumentsRead, Handle).Produces<DocumentView>().WithTags("Documents")
        .WithSummary("A document's description");

    private static Task<IResult> Handle(Guid id, Call call, Lists lists) =>
        lists.One(call, session => session.LoadAsync<DocumentRecord>(id, call.Cancellation), d => Answer.Ok(DocumentViews.Of(d)));
}
