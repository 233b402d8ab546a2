using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Countersign.Projections.Processes;
using Countersign.Projections.Sealing;
using Countersign.TestKit.Databases;
using Countersign.Workers.Hosting;
using Countersign.Workers.Instances;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Integration.Tests.Instances;

/// <summary>A node under test: the stores, the runner and, when asked, all that acts, on a database with production's roles.</summary>
internal sealed class RunnerHost : IAsyncDisposable
{
    public static readonly Actor Ana = new("ana", ActorKind.Person, [], ["clerks"]);
    public static readonly Actor Ben = new("ben", ActorKind.Person, [], ["approvers"]);

    private RunnerHost(IHost host) => Host = host;

    public IHost Host { get; }

    public InstanceRunner Runner => Host.Services.GetRequiredService<InstanceRunner>();

    public IDocumentStore Store => Host.Services.GetRequiredService<IDocumentStore>();

    public static Task<TestDatabase> Database(PostgresFixture postgres) => postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts()]);

    public static async Task<RunnerHost> Start(TestDatabase database, KeyRing ring, bool acts = false, Action<HostApplicationBuilder>? configure = null, params Action<StoreOptions>[] parts)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddLogging(l => l.AddProvider(new TestLog()).SetMinimumLevel(LogLevel.Warning).AddFilter("Countersign", LogLevel.Information));
        configure?.Invoke(builder);
        builder.AddCountersignStore(database.Connections, ring, configure: null, [.. parts]);
        if (acts)
            builder.AddCountersignWorkers();
        var host = builder.Build();
        await host.StartAsync();
        return new RunnerHost(host);
    }

    public async Task Publish(string tenant, string bpmn)
    {
        var sources = ProcessSources.OfBpmn(bpmn);
        var compilation = ProcessCompiler.Compile(sources);
        var graph = compilation.Graph ?? throw new InvalidOperationException(string.Join('\n', compilation.Findings.Select(f => f.ToString())));
        await using var session = Store.LightweightSession(tenant);
        session.Store(new ProcessVersion(ProcessVersion.IdOf(graph.Key, 1), graph.Key, 1, graph.Name, sources.Hash(), null,
            [new ProcessFile("bpmn", "process.bpmn", Encoding.UTF8.GetBytes(bpmn))], "ana", DateTimeOffset.UnixEpoch));
        await session.SaveChangesAsync();
    }

    public Task<CommandResult> Execute(InstanceCommand command, IdempotentCall? call = null) => Runner.Execute(command, call, CancellationToken.None);

    public Task<CommandResult> StartInstance(string tenant, string process, Guid? id = null, params (string Name, object? Value)[] variables) =>
        Execute(new StartInstance(tenant, id ?? Guid.CreateVersion7(), Ana, process + ":1", Vars(variables)));

    public static ImmutableDictionary<string, JsonElement> Vars(params (string Name, object? Value)[] variables) =>
        variables.ToImmutableDictionary(v => v.Name, v => JsonSerializer.SerializeToElement(v.Value));

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync();
        Host.Dispose();
    }

    /// <summary>Ends the node as a crash would: nothing is drained, nothing is sent.</summary>
    public void Abandon() => Host.Dispose();

    private sealed class TestLog : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Xunit.TestContext.Current.SendDiagnosticMessage($"{logLevel}: {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}

/// <summary>Small questions to a database.</summary>
internal static class Sql
{
    public static async Task<T> Ask<T>(NpgsqlDataSource source, string sql, params object[] values)
    {
        await using var command = source.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.AddWithValue(value);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
