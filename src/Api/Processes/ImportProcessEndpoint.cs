using System.Text;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Processes;
using Countersign.Domain.Processes.Import;

namespace Countersign.Api.Processes;

internal sealed class ImportProcessEndpoint : IEndpoint
{
    /// <summary>A drawing of thousands of elements can have as many edits; nobody reads more than this, and the file has them all.</summary>
    private const int MostShown = 1000;

    public static void Map(RouteTable routes) => routes.Post("/processes/import", Permission.ProcessesPublish, Handle).Produces<ProcessImportView>()
        .WithMetadata(new BodyLimit(12 * 1024 * 1024)).WithTags("Processes").WithSummary("How a BPMN file of another tool would run here, with every edit it needs; stores nothing");

    private static async Task<IResult> Handle(JsonBody<ImportProcessRequest> body, Call call)
    {
        var (sources, problem) = PublishProcessEndpoint.Sources(new PublishProcessRequest(body.Value.Bpmn, body.Value.Resources));
        if (problem is not null)
            return problem;
        if (body.Value.ProcessId is { Length: > 200 })
            return Problems.Invalid("/processId", "A process id has at most 200 characters.");
        var import = await Task.Run(() => ProcessImport.Import(sources! with { ProcessId = body.Value.ProcessId }), call.Cancellation);
        return Answer.Ok(new ProcessImportView(
            import.Bpmn is { } bpmn ? Encoding.UTF8.GetString(bpmn.Span) : null,
            import.ProcessId,
            [.. import.Edits.Take(MostShown).Select(e => new ProcessImportEdit(e.Rule, e.ElementId, e.NeedsAttention, e.Sentence, e.Before, e.After))],
            [.. import.Findings.Take(MostShown).Select(ProcessViews.Of)]));
    }
}
