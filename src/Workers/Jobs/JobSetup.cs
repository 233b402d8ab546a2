using Countersign.Projections.Databases;
using Countersign.Workers.Hosting;
using Countersign.Workers.Messages;
using Countersign.Workers.Streams;
using Countersign.Workers.Telemetry;
using Countersign.Workers.Timers;
using Hangfire;
using Hangfire.Common;
using Hangfire.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace Countersign.Workers.Jobs;

internal static class JobSetup
{
    /// <summary>What every node needs to enqueue, lease and carry out attempts.</summary>
    public static IServiceCollection AddJobs(this IServiceCollection services, DatabaseConnections connections)
    {
        services.AddSingleton<Notices>();
        services.AddHostedService(s => s.GetRequiredService<Notices>());
        services.AddSingleton<JobLeases>();
        services.AddSingleton<ExternalJobs>();
        services.AddSingleton(new WaitingRoom());
        services.AddSingleton<LeaseKeeper>();
        services.AddHostedService(s => s.GetRequiredService<LeaseKeeper>());
        services.AddSingleton<JobExecutor>();
        services.AddSingleton<JobDispatcher>();
        services.TryAddSingleton(new AttemptOptions());
        services.AddSingleton<BornAttempts>();
        // After the runner and the leases' keeper, so that it stops before them.
        services.AddHostedService(s => s.GetRequiredService<BornAttempts>());
        services.AddTransient<InferenceJob>();
        // Only the filters that a job names itself. Hangfire's own for every job (culture, continuations, retries, statistics by the hour) are of no use here,
        // and each costs statements.
        services.AddSingleton<IJobFilterProvider>(new JobFilterProviderCollection(new JobFilterAttributeFilterProvider()));
        // This host's own, whatever other hosts in the process have made current.
        services.AddSingleton<JobStorage>(_ => new PostgreSqlStorage(new Pool(connections.Hangfire), new PostgreSqlStorageOptions
        {
            SchemaName = DatabaseRoles.HangfireSchema,
            PrepareSchemaIfNecessary = false,
            // Without the sliding time-out a long job ran three times in parallel.
            UseSlidingInvisibilityTimeout = true,
            // A killed node's job becomes visible after this; a running one says every fifth of it that it lives.
            InvisibilityTimeout = TimeSpan.FromSeconds(20),
            // Enqueuing wakes a worker (InferenceWake); asking is only for what was lost, and each worker asks.
            QueuePollInterval = TimeSpan.FromSeconds(20),
            DistributedLockTimeout = TimeSpan.FromMinutes(1),
            JobExpirationCheckInterval = TimeSpan.FromMinutes(5),
            EnableTransactionScopeEnlistment = false,
            AllowDegradedModeWithoutStorage = false,
            // It would hold a connection for each idle worker, and open one for each job.
            EnableLongPolling = false,
        }));
        services.AddHangfire((provider, hangfire) => hangfire
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings()
            .UseStorage(provider.GetRequiredService<JobStorage>()));
        return services;
    }

    /// <summary>What a node with role workers runs by itself.</summary>
    public static IServiceCollection AddJobWorkers(this IServiceCollection services)
    {
        services.AddHangfireServer(options =>
        {
            options.Queues = [InferenceJob.Queue, "default"];
            // An inference waits for its model most of the time, without a connection.
            options.WorkerCount = Math.Max(16, Environment.ProcessorCount);
            options.ShutdownTimeout = TimeSpan.FromSeconds(20);
            // Nothing is scheduled there: the engine decides when an attempt is due.
            options.SchedulePollingInterval = TimeSpan.FromMinutes(1);
        });
        services.AddSingleton<IDueClock, DatabaseDueClock>();
        services.AddHostedService<InferenceWake>();
        services.AddHostedService<JobSweeperHost>();
        services.AddHostedService<Backlog>();
        services.AddHostedService<TimerService>();
        services.AddHostedService<ReceiptSweeper>();
        services.AddHostedService<MessageSweeper>();
        return services;
    }

    private sealed class Pool(NpgsqlDataSource source) : IConnectionFactory
    {
        public NpgsqlConnection GetOrCreateConnection() => source.CreateConnection();
    }
}
