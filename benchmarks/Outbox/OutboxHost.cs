using JasperFx;
using JasperFx.CodeGeneration;
using JasperFx.Events;
using JasperFx.MultiTenancy;
using Marten;
using Marten.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wolverine;
using Wolverine.Marten;
using Wolverine.Runtime;

namespace Countersign.Benchmarks.Outbox;

/// <summary>How the message that follows a commit gets from the transaction to its handler.</summary>
internal enum OutboxMode
{
    /// <summary>No message at all: the price of the events alone.</summary>
    None,

    /// <summary>Wolverine's outbox: one session of many tenants enrolled in one <see cref="MartenOutbox"/>, a durable local queue.</summary>
    Wolverine,

    /// <summary>Rows of our own in the same session, a relay woken by NOTIFY that takes them with SKIP LOCKED and deletes them when handled.</summary>
    Rows,
}

public sealed record JobReady(string TenantId, Guid InstanceId, string JobId);

internal sealed record SpikeStarted(string ProcessKey, int Version, string Pad);

internal sealed record SpikeJobCreated(string JobId, string Pad);

/// <summary>The effect behind the message: one row by key, as a Hangfire enqueue is; and every raw delivery, to count repeats.</summary>
public sealed class SpikeEffects(NpgsqlDataSource source)
{
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public Action<string>? Fault { get; set; }

    public async Task Apply(JobReady message, CancellationToken cancellation)
    {
        Fault?.Invoke("in-handler-before-effect");
        await using var command = source.CreateCommand("with d as (insert into spike_deliveries(job) values ($1)) insert into spike_effects(job, tenant) values ($1, $2) on conflict do nothing");
        command.Parameters.AddWithValue(message.JobId);
        command.Parameters.AddWithValue(message.TenantId);
        await command.ExecuteNonQueryAsync(cancellation);
        Interlocked.Increment(ref _count);
        Fault?.Invoke("after-effect-before-ack");
    }
}

public sealed class JobReadyHandler
{
    public static Task Handle(JobReady message, SpikeEffects effects, CancellationToken cancellation) => effects.Apply(message, cancellation);
}

internal static class OutboxHost
{
    public static async Task<IHost> Start(string connection, OutboxMode mode)
    {
        var source = new NpgsqlDataSourceBuilder(connection + ";Maximum Pool Size=32;Max Auto Prepare=100;Auto Prepare Min Usages=2;Keepalive=30").Build();
        await Tables(source);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Error);
        builder.Services.AddSingleton(source);
        builder.Services.AddSingleton<SpikeEffects>();
        builder.Services.AddMarten(options =>
        {
            options.Connection(source);
            options.DatabaseSchemaName = "spike";
            options.DisableNpgsqlLogging = true;
            options.AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate;
            options.Events.AppendMode = EventAppendMode.Quick;
            options.Events.TenancyStyle = TenancyStyle.Conjoined;
            options.Events.UseExclusiveLockOnConcurrentAppends = true;
            options.Events.AddEventTypes([typeof(SpikeStarted), typeof(SpikeJobCreated)]);
            options.Policies.AllDocumentsAreMultiTenanted();
            options.Advanced.DefaultTenantUsageEnabled = false;
        }).UseLightweightSessions().IntegrateWithWolverine(w => w.MessageStorageSchemaName = "spike_wolverine");
        builder.UseWolverine(options =>
        {
            options.ApplicationAssembly = typeof(OutboxHost).Assembly;
            options.ServiceName = "spike";
            options.CodeGeneration.TypeLoadMode = TypeLoadMode.Dynamic;
            options.Discovery.DisableConventionalDiscovery().IncludeType<JobReadyHandler>();
            options.Policies.UseDurableLocalQueues();
            options.LocalQueueFor<JobReady>().MaximumParallelMessages(16);
            var d = options.Durability;
            d.HealthCheckPollingTime = TimeSpan.FromSeconds(1);
            d.StaleNodeTimeout = TimeSpan.FromSeconds(5);
            d.NodeReassignmentPollingTime = TimeSpan.FromSeconds(1);
            d.OrphanedMessageSweepPollingTime = TimeSpan.FromSeconds(1);
            d.ScheduledJobPollingTime = TimeSpan.FromSeconds(1);
            d.CheckAssignmentPeriod = TimeSpan.FromSeconds(5);
        });
        var host = builder.Build();
        await host.Services.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await host.StartAsync();
        return host;
    }

    public static async Task Reset(string connection)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(
            "drop schema if exists spike cascade; drop schema if exists spike_wolverine cascade; drop table if exists spike_effects, spike_deliveries, spike_outbox, spike_acknowledged");
        await command.ExecuteNonQueryAsync();
    }

    private static async Task Tables(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("""
            create table if not exists spike_effects(job text primary key, tenant text not null);
            create table if not exists spike_deliveries(id bigserial primary key, job text not null);
            create table if not exists spike_outbox(id bigserial primary key, tenant text not null, instance uuid not null, job text not null, due timestamptz not null default now());
            create table if not exists spike_acknowledged(job text primary key);
            """);
        await command.ExecuteNonQueryAsync();
    }
}
