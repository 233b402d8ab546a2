using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Countersign.Projections.Databases;
using Countersign.Projections.Processes;
using Countersign.Projections.Sealing;
using Countersign.Workers.Hosting;
using Countersign.Workers.Instances;
using Countersign.Workers.Jobs;
using Countersign.Workers.Trail;
using JasperFx.Events.Projections;
using Marten;
using Marten.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Countersign.Benchmarks.Engines;

/// <summary>A node in this process: the real runner on a real database, with what acts where a workload needs it.</summary>
internal sealed class BenchNode : IAsyncDisposable
{
    public const int Tenants = 50;
    private static readonly Actor Ana = new("ana", ActorKind.Person, [], ["clerks"]);
    private static readonly Actor Ben = new("ben", ActorKind.Person, [], ["approvers"]);
    private static readonly ImmutableDictionary<string, JsonElement> Input = ImmutableDictionary<string, JsonElement>.Empty
        .Add("amount", JsonSerializer.SerializeToElement(100)).Add("text", JsonSerializer.SerializeToElement(new string('x', 180)));

    // All nodes on one database share one.
    private static readonly KeyRing Ring = KeyRing.Temporary();

    private readonly IHost _host;
    private readonly Endings _endings;

    private BenchNode(IHost host, Endings endings) => (_host, _endings) = (host, endings);

    public InstanceRunner Runner => _host.Services.GetRequiredService<InstanceRunner>();

    public IServiceProvider Services => _host.Services;

    /// <summary>Starts a node.</summary>
    /// <param name="database">Where.</param>
    /// <param name="acts">Whether it also carries out jobs and timers.</param>
    /// <param name="projects">Whether it also projects what lists and figures read.</param>
    /// <param name="options">Bounds of the runner; null = those of production.</param>
    /// <param name="trail">Keeps the trail as well; null = not.</param>
    public static async Task<BenchNode> Start(Database database, bool acts, bool projects, RunnerOptions? options = null, TrailOptions? trail = null)
    {
        var endings = new Endings();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddLogging(l => l.AddSimpleConsole().SetMinimumLevel(LogLevel.Error).AddFilter("Countersign", LogLevel.Warning));
        if (options is not null)
            builder.Services.AddSingleton(options);
        builder.Services.AddScoped<IJobWorker, EffectWorker>().AddScoped<IJobWorker, NullModel>();
        var parts = new List<Action<StoreOptions>>();
        if (acts)
            parts.Add(o => o.Listeners.Add(endings));
        if (!projects)
            parts.Add(o => o.Projections.All.Clear());
        builder.AddCountersignStore(database.Connections, Ring, configure: null, [.. parts]);
        if (acts)
            builder.AddCountersignWorkers();
        if (trail is not null)
            builder.Services.AddTrail(trail, sequence: true);
        var host = builder.Build();
        await host.StartAsync();
        return new BenchNode(host, endings);
    }

    public static string Tenant(int number) => string.Create(CultureInfo.InvariantCulture, $"tenant{number % Tenants:d4}");

    /// <summary>Publishes processes to every tenant.</summary>
    public async Task Publish(params string[] processes)
    {
        var store = Services.GetRequiredService<IDocumentStore>();
        await using var session = store.LightweightSession(Tenant(0));
        foreach (var bpmn in processes)
        {
            var sources = ProcessSources.OfBpmn(bpmn);
            var graph = Compile(bpmn);
            for (var i = 0; i < Tenants; i++)
            {
                session.ForTenant(Tenant(i)).Store(new ProcessVersion(ProcessVersion.IdOf(graph.Key, 1), graph.Key, 1, graph.Name, sources.Hash(), null,
                    [new ProcessFile("bpmn", "process.bpmn", Encoding.UTF8.GetBytes(bpmn))], "ana", DateTimeOffset.UnixEpoch));
            }
        }

        await session.SaveChangesAsync();
    }

    public static ProcessGraph Compile(string bpmn)
    {
        var compilation = ProcessCompiler.Compile(ProcessSources.OfBpmn(bpmn));
        return compilation.Graph ?? throw new InvalidOperationException(string.Join('\n', compilation.Findings.Select(f => f.ToString())));
    }

    public async Task W1(int number) => Ended(await Start(number, "w1:1"));

    public Task W2(int number) => W2(number, this);

    /// <summary>The start on this node, the answer on another.</summary>
    public async Task W2(int number, BenchNode other)
    {
        var started = await Start(number, "w2:1");
        var id = started.State!.Id;
        Ended(await other.Execute(new CompleteTask(Tenant(number), id, Ben, started.State.Tasks.Keys.Single(), "complete", null, null, ImmutableDictionary<string, JsonElement>.Empty)));
    }

    /// <summary>An instance whose jobs are done by workers; it ends when its last fact is durable.</summary>
    public async Task Worked(int number, string version)
    {
        var id = Guid.CreateVersion7();
        var ended = _endings.Of(id);
        await Start(number, version, id);
        await ended.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public Task<CommandResult> Start(int number, string version, Guid? id = null) => Execute(new StartInstance(Tenant(number), id ?? Guid.CreateVersion7(), Ana, version, Input));

    /// <summary>Carries out a command; one that comes when the runner is full is sent again, as a client would.</summary>
    public async Task<CommandResult> Execute(InstanceCommand command)
    {
        while (true)
        {
            var result = await Runner.Execute(command, null, CancellationToken.None);
            if (result.Refusal is not { } refusal)
                return result;
            if (refusal.Code != "runner.overloaded")
                throw new InvalidOperationException($"{refusal.Code}: {refusal.Detail}");
            await Task.Delay(Random.Shared.Next(20, 100));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static void Ended(CommandResult result)
    {
        if (result.State is not { HasEnded: true })
            throw new InvalidOperationException("The instance did not end as it should.");
    }

    /// <summary>Tells who waits that an instance has ended, once that is durable.</summary>
    private sealed class Endings : DocumentSessionListenerBase
    {
        private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _waiting = new();

        public Task Of(Guid id) => _waiting.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public override Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token)
        {
            // The last job is gone and none has come after it.
            var open = commit.Updated.Concat(commit.Inserted).OfType<JobRow>().Select(j => j.InstanceId).ToHashSet();
            foreach (var job in commit.Deleted.Select(d => d.Document).OfType<JobRow>().Where(j => !open.Contains(j.InstanceId)))
            {
                if (_waiting.TryRemove(job.InstanceId, out var waiting))
                    waiting.TrySetResult();
            }

            return Task.CompletedTask;
        }
    }

    private sealed class EffectWorker : IJobWorker
    {
        public string Type => BenchProcesses.Effect;

        public bool IsInference => false;

        public Task<JobOutcome> Run(JobContext job, CancellationToken cancellation) => Task.FromResult<JobOutcome>(new JobOutcome.Completed(ImmutableDictionary<string, JsonElement>.Empty));
    }

    private sealed class NullModel : IJobWorker
    {
        public string Type => BenchProcesses.Model;

        public bool IsInference => true;

        public Task<JobOutcome> Run(JobContext job, CancellationToken cancellation) => Task.FromResult<JobOutcome>(new JobOutcome.Completed(ImmutableDictionary<string, JsonElement>.Empty));
    }
}
