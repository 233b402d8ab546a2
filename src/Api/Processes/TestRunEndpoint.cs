using System.Collections.Immutable;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Processes;
using Countersign.Domain.Policies;
using Countersign.Domain.Processes;
using Countersign.Projections.Store;
using Countersign.Testing;
using Countersign.Workers.Instances;

namespace Countersign.Api.Processes;

internal sealed class TestRunEndpoint : IEndpoint
{
    /// <summary>Test runs compute for seconds at worst; people's work comes first.</summary>
    private static readonly SemaphoreSlim AtATime = new(Math.Max(1, Environment.ProcessorCount / 2));
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void Map(RouteTable routes) => routes.Post("/processes/test-runs", Permission.ProcessesPublish, Handle).Produces<TestRunView>()
        .WithMetadata(new BodyLimit(14 * 1024 * 1024)).WithTags("Processes").WithSummary("Runs a process on a simulated clock with scripted answers; writes nothing");

    private static async Task<IResult> Handle(JsonBody<TestRunRequest> body, Call call, PointReads reads, IProcessCatalog processes, IPolicyCatalog policies, TimeProvider clock)
    {
        var request = body.Value;
        if (TestRunScript.Problem(request) is { } problem)
            return problem;
        if (!await AtATime.WaitAsync(Patience, call.Cancellation))
            return Problems.OfStatus(StatusCodes.Status429TooManyRequests);
        try
        {
            var (graph, findings, refused) = request.Process is null ? await Compiled(request, call) : await Published(request, call, reads, processes);
            if (graph is null)
                return refused!;
            var (active, missing) = await Policies(request, graph, call, policies);
            return missing ?? await Task.Run(() => Run(request, graph, findings, active, clock, call.Cancellation), call.Cancellation);
        }
        finally
        {
            AtATime.Release();
        }
    }

    private static IResult Run(TestRunRequest request, ProcessGraph graph, ImmutableArray<Domain.Processes.ProcessFinding> findings, List<CompiledPolicy> active, TimeProvider clock, CancellationToken cancellation)
    {
        var start = request.StartAt?.ToUniversalTime() ?? ProcessTest.UsualStart;
        var test = ProcessTest.Of(graph).StartingAt(start);
        foreach (var policy in active)
            test.WithPolicy(policy);
        TestRunScript.Write(test, request);
        TestInstance main;
        try
        {
            main = test.Start(TestRunScript.Variables(request.Variables), request.BusinessKey, request.StartedBy ?? "starter", at: request.StartElementId);
        }
        catch (ProcessTestException e)
        {
            // What the engine refuses at the start it would refuse of a real start, too.
            return Problems.Invalid("", e.Message);
        }

        var runner = new TestRunner(test, request, start, clock);
        runner.Run(cancellation);
        return Answer.Ok(runner.View(main, findings));
    }

    private static async Task<(ProcessGraph?, ImmutableArray<Domain.Processes.ProcessFinding>, ProblemAnswer?)> Compiled(TestRunRequest r, Call call)
    {
        var (sources, problem) = PublishProcessEndpoint.Sources(new PublishProcessRequest(r.Bpmn!, r.Resources));
        if (problem is not null)
            return (null, [], problem);
        var compilation = await Task.Run(() => ProcessCompiler.Compile(sources!), call.Cancellation);
        return compilation.Graph is { } graph ? (graph, compilation.Findings, null) : (null, [], PublishProcessEndpoint.Invalid(compilation.Findings));
    }

    private static async Task<(ProcessGraph?, ImmutableArray<Domain.Processes.ProcessFinding>, ProblemAnswer?)> Published(TestRunRequest r, Call call, PointReads reads, IProcessCatalog processes)
    {
        ProcessGraph? graph = null;
        if (KeyText.TryParse(r.Process!, null, out var key))
        {
            var version = await reads.Version(call.TenantId, key.Value, r.Version, call.Cancellation);
            graph = version is null ? null : await processes.Find(call.TenantId, version.VersionId, call.Cancellation);
        }

        return (graph, [], graph is null ? Problems.Invalid("/process", "There is no such process, or no such version of it. List /v1/processes.") : null);
    }

    /// <summary>The policies in force, as far as the script decides nothing in their place.</summary>
    private static async Task<(List<CompiledPolicy>, ProblemAnswer?)> Policies(TestRunRequest r, ProcessGraph graph, Call call, IPolicyCatalog policies)
    {
        var active = new List<CompiledPolicy>();
        foreach (var key in graph.Policies.Where(p => r.Decisions?.Any(d => d.Policy == p) != true))
        {
            if (await policies.Active(call.TenantId, key, call.Cancellation) is not { } version || await policies.Find(call.TenantId, version, call.Cancellation) is not { } policy)
                return (active, Problems.Invalid("/decisions", $"The process asks the policy '{key}', which has no active version. Publish one, or say in 'decisions' what it decides."));
            active.Add(policy);
        }

        return (active, null);
    }
}
