using System.Collections.Immutable;
using Countersign.Projections.Databases;
using Countersign.Projections.Documents;
using Countersign.Projections.Processes;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Workers.Documents;
using Countersign.Workers.Instances;
using Countersign.Workers.Invoices;
using Countersign.Workers.Jobs;
using Countersign.Workers.Messages;
using Countersign.Workers.Policies;
using Countersign.Workers.Processes;
using Countersign.Workers.ReferenceTables;
using Countersign.Workers.Telemetry;
using Countersign.Workers.Tenants;
using Countersign.Workers.Webhooks;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Wolverine;
using Wolverine.Marten;

namespace Countersign.Workers.Hosting;

/// <summary>The stores, the runner and what acts, for the composition root.</summary>
public static class CountersignWorkers
{
    /// <summary>What the database must have for the floors below; give it to <see cref="Database.Migrate"/>.</summary>
    /// <param name="parts">Documents and projections of other nouns, the same as for <see cref="AddCountersignStore"/>.</param>
    public static IReadOnlyList<IDatabasePart> DatabaseParts(params ImmutableArray<Action<StoreOptions>> parts) =>
        [new EventStorePart(parts), new PointReadTables(), new FactTables(), new JobTables(), new MessageTables(), new TimerStartTable(), new WebhookTables(), new KeyTables(), new HangfirePart()];

    /// <summary>
    /// The two stores (writer as <see cref="IDocumentStore"/> with messages, reader as <see cref="IReaderStore"/>), the runner, and the
    /// door to it. Every role that opens the database needs this.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="connections">Pools of the roles.</param>
    /// <param name="ring">Master keys of this node.</param>
    /// <param name="configure">More for messages, e.g. assemblies with handlers.</param>
    /// <param name="parts">Documents and projections of other nouns.</param>
    public static IHostApplicationBuilder AddCountersignStore(this IHostApplicationBuilder builder, DatabaseConnections connections, KeyRing ring,
        Action<WolverineOptions>? configure = null, params ImmutableArray<Action<StoreOptions>> parts)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connections);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(connections);
        services.AddSingleton(ring);
        services.AddSingleton(s => new SubjectKeyStore(connections.Writer, ring, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<FieldSealer>();
        services.AddSingleton<PersonalTexts>();
        services.AddMarten(options => StoreConfiguration.Apply(options, connections.Writer, StoreUse.Writer, parts))
            .UseLightweightSessions()
            .IntegrateWithWolverine(w =>
            {
                w.MessageStorageSchemaName = DatabaseRoles.WolverineSchema;
                w.UseWolverineManagedEventSubscriptionDistribution = true;
            });
        services.AddSingleton(new PointReads(connections));
        services.AddMartenStore<IReaderStore>(options => StoreConfiguration.Apply(options, connections.Reader, StoreUse.Reader, parts));
        builder.UseWolverine(options =>
        {
            WolverineSettings.Apply(options);
            configure?.Invoke(options);
        });
        services.AddHostedService<TraceIds>();
        services.AddHostedService<RingCheck>();
        services.TryAddSingleton(RunnerSettings.From(builder.Configuration));
        services.TryAddSingleton<IProcessCatalog, ProcessCatalog>();
        services.TryAddSingleton<IPolicyCatalog, PolicyCatalog>();
        services.AddSingleton<DocumentContents>();
        services.AddSingleton(s => new InvoiceReader(new InvoiceReaderLimits(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ReferenceTableLookup>();
        services.AddSingleton<InvoiceClaims>();
        services.AddScoped<IJobWorker, ReconcileInvoiceWorker>();
        services.AddScoped<IJobWorker, ReadInvoiceWorker>();
        services.AddSingleton<InstanceContext>();
        services.AddSingleton<AccessLog>();
        // Before the runner, so that it stops after it: the last refusals are counted, too.
        services.AddHostedService<AccessLogHost>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<InstanceRunner>(s, connections.Statements));
        services.AddHostedService(s => s.GetRequiredService<InstanceRunner>());
        services.AddTransient<CommandDoor>();
        services.AddSingleton<OpenedInstances>();
        services.AddSingleton<InstanceTrial>();
        services.AddSingleton<ProcessVersions>();
        services.AddTransient<CallPost>();
        services.AddTransient<ThrownPost>();
        services.AddTransient<MessagePost>();
        services.AddJobs(connections);
        return builder;
    }

    /// <summary>What works by itself on a node with role <c>workers</c>: built-in job types, timers, sweepers, Hangfire's server.</summary>
    public static IHostApplicationBuilder AddCountersignWorkers(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddJobWorkers();
        return builder;
    }
}
