using System.Collections.Immutable;
using System.Text;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Processes;
using Countersign.Domain.Processes;
using Countersign.Projections.Processes;
using Countersign.Workers.Processes;
using FindingSeverity = Countersign.Domain.Processes.FindingSeverity;
using ProcessFinding = Countersign.Domain.Processes.ProcessFinding;

namespace Countersign.Api.Processes;

internal sealed class PublishProcessEndpoint : IEndpoint
{
    private const int MaxBpmn = 5 * 1024 * 1024;
    private const int MaxResources = 100;

    public static void Map(RouteTable routes) => routes.Post("/processes", Permission.ProcessesPublish, Handle).Produces<ProcessVersionView>(StatusCodes.Status201Created)
        .WithMetadata(new BodyLimit(12 * 1024 * 1024)).WithTags("Processes").WithSummary("Publishes a version of a process, to all or as a candidate to a share of starts or to groups; the sources of the version in force give that version back");

    private static async Task<IResult> Handle(JsonBody<PublishProcessRequest> body, Call call, Writes writes, TimeProvider clock)
    {
        var (sources, problem) = Sources(body.Value);
        if (problem is not null)
            return problem;
        // Reading and checking is computing only, up to seconds for the largest diagram: not on the request's own thread queue for long.
        var compilation = await Task.Run(() => ProcessCompiler.Compile(sources!), call.Cancellation);
        if (compilation.Graph is not { } graph)
            return Invalid(compilation.Findings);

        var now = clock.GetUtcNow();
        var timers = TimerStarts.Of(graph, now, out var wrong);
        if (!wrong.IsEmpty)
            return Invalid(wrong);
        var rollout = body.Value.Rollout;
        var version = new CompiledVersion(sources!, graph, timers, ProcessViews.TargetOf(rollout), rollout?.Reason);
        return await writes.Change(call, ProcessDoor.Publish(call.TenantId, version, call.Actor, now), result =>
        {
            var view = ProcessViews.Of(result.State!, result.State!.VersionOf(graph.Hash), compilation.Findings, timers);
            return Answer.Created($"/v1/processes/{view.Key}/versions/{view.Version}", view, result.Version);
        });
    }

    internal static ProblemAnswer Invalid(IEnumerable<ProcessFinding> findings) =>
        Problems.Of("process.invalid", "The process cannot be published. Correct what the entries name and publish again.",
            [.. findings.Where(f => f.Severity == FindingSeverity.Error).Take(100).Select(f => new ProblemError(f.ElementId ?? "", f.Line is > 0 ? $"{f.Rule} (line {f.Line}): {f.Sentence} {f.Remedy}" : $"{f.Rule}: {f.Sentence} {f.Remedy}"))]);

    /// <summary>The files of a request, or what is wrong with them; an import takes the same.</summary>
    internal static (ProcessSources? Sources, ProblemAnswer? Problem) Sources(PublishProcessRequest r)
    {
        if (Encoding.UTF8.GetByteCount(r.Bpmn) > MaxBpmn)
            return (null, Problems.OfStatus(StatusCodes.Status413PayloadTooLarge));
        var files = ImmutableArray.CreateBuilder<ProcessSource>();
        files.Add(new ProcessSource(ProcessSourceKind.Bpmn, "process.bpmn", Encoding.UTF8.GetBytes(r.Bpmn)));
        var resources = r.Resources ?? [];
        if (resources.Count > MaxResources)
            return (null, Problems.Invalid("/resources", "A version has at most 100 files besides the diagram."));
        for (var i = 0; i < resources.Count; i++)
        {
            var (name, content) = (resources[i].Name, resources[i].Content);
            if (name.Length is 0 or > 200 || name.Any(c => char.IsControl(c) || c is '/' or '\\') || resources.Take(i).Any(o => string.Equals(o.Name, name, StringComparison.OrdinalIgnoreCase)))
                return (null, Problems.Invalid($"/resources/{i}/name", "A file name is 1 to 200 characters without slashes, and occurs once."));
            if (Encoding.UTF8.GetByteCount(content) > 1024 * 1024)
                return (null, Problems.Invalid($"/resources/{i}/content", "A file besides the diagram is at most 1 MB."));
            ProcessSourceKind? kind = Path.GetExtension(name).ToLowerInvariant() switch
            {
                ".dmn" => ProcessSourceKind.Dmn,
                ".form" or ".json" => ProcessSourceKind.Form,
                _ => null,
            };
            if (kind is not { } known)
                return (null, Problems.Invalid($"/resources/{i}/name", "Files besides the diagram end in .dmn or .form."));
            files.Add(new ProcessSource(known, name, Encoding.UTF8.GetBytes(content)));
        }

        return (new ProcessSources(files.DrainToImmutable()), null);
    }
}
