using System.Collections.Immutable;
using Countersign.Domain.Instances;
using Countersign.Projections.Databases;
using Countersign.Projections.Instances;
using Countersign.Projections.Processes;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Projections;
using JasperFx.MultiTenancy;
using Marten;
using Npgsql;
using Weasel.Core;

namespace Countersign.Projections.Store;

/// <summary>What a store is used for; the rest of its configuration is the same.</summary>
public enum StoreUse
{
    /// <summary>Runner, handlers, daemon, trail: role writer, every tenant.</summary>
    Writer,

    /// <summary>Queries of API requests: role reader, one tenant a session, row security forced.</summary>
    Reader,

    /// <summary>Making and changing tables before the service runs: role migrator.</summary>
    Migration,
}

/// <summary>The one Marten configuration of the house. Settings and their reasons: docs/reference/event-store.md.</summary>
public static class StoreConfiguration
{
    /// <summary>Puts the configuration on a store's options.</summary>
    /// <param name="options">Options of the store.</param>
    /// <param name="source">Connections of the role that belongs to <paramref name="use"/>.</param>
    /// <param name="use">What the store is for.</param>
    /// <param name="parts">Documents and projections of other nouns; the same in every store of a process.</param>
    public static void Apply(StoreOptions options, NpgsqlDataSource source, StoreUse use, ImmutableArray<Action<StoreOptions>> parts)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Connection(source);
        options.DatabaseSchemaName = DatabaseRoles.Schema;
        options.DisableNpgsqlLogging = true;
        options.AutoCreateSchemaObjects = use == StoreUse.Migration ? AutoCreate.CreateOrUpdate : AutoCreate.None;
        options.UseSystemTextJsonForSerialization(EnumStorage.AsString, Casing.CamelCase, StoreJson.Configure);
        if (use == StoreUse.Reader)
            options.UseRowLevelSecurity(DatabaseRoles.TenantSetting);
        Tenancy(options);
        Events(options);
        Daemon(options);
        Rows(options);
        // The reader builds nothing: a daemon under row security would see no events and say nothing.
        if (use != StoreUse.Reader)
        {
            options.Projections.Add<InstanceSummaryProjection>(ProjectionLifecycle.Async);
            options.Projections.Add<DecisionSummaryProjection>(ProjectionLifecycle.Async);
        }

        if (!parts.IsDefault)
        {
            foreach (var part in parts)
                part(options);
        }
    }

    private static void Tenancy(StoreOptions options)
    {
        options.Events.TenancyStyle = TenancyStyle.Conjoined;
        options.Policies.AllDocumentsAreMultiTenanted();
        // A forgotten tenant is an exception, not a row of the default tenant.
        options.Advanced.DefaultTenantUsageEnabled = false;
    }

    private static void Events(StoreOptions options)
    {
        var events = options.Events;
        events.StreamIdentity = StreamIdentity.AsString;
        // Quick takes the time stamp from the database: a node's clock cannot lie in the trail.
        events.AppendMode = EventAppendMode.Quick;
        // Without it a lost race burns sequence numbers, and the gaps stall the daemon (G9).
        events.UseExclusiveLockOnConcurrentAppends = true;
        events.EnableBigIntEvents = true;
        // A stream is only started with its type, and nothing is appended to a stream that is not there.
        events.UseMandatoryStreamTypeDeclaration = true;
        events.UseListenNotifyForEventAppends = true;
        events.MetadataConfig.CorrelationIdEnabled = true;
        events.MetadataConfig.CausationIdEnabled = true;
        events.MetadataConfig.HeadersEnabled = true;
        events.MetadataConfig.UserNameEnabled = true;
        options.Events.AutoDiscoverTagTypes = false;
        foreach (var (type, alias) in EventAliases.All)
            events.MapEventType(type, alias);
    }

    private static void Daemon(StoreOptions options)
    {
        // An event that cannot be applied pauses its projection and raises an alarm; it is never passed over.
        options.Projections.Errors.SkipApplyErrors = false;
        options.Projections.Errors.SkipSerializationErrors = false;
        options.Projections.Errors.SkipUnknownEvents = false;
        options.Projections.StopAndDrainTimeout = TimeSpan.FromSeconds(30);
        // The messages' distribution runs it, on one node at a time.
        options.Projections.AsyncMode = JasperFx.Events.Daemon.DaemonMode.ExternallyManaged;
        // Every append wakes it: this is how soon a lost notice is made good.
        options.Projections.SlowPollingTime = TimeSpan.FromSeconds(10);
    }

    // What is written in the instance's own transaction, so that it can be read at once.
    private static void Rows(StoreOptions options)
    {
        options.Schema.For<TaskRow>().Metadata(m => m.DisableInformationalFields()).Duplicate(x => x.InstanceId).Duplicate(x => x.CreatedAt);
        options.Schema.For<JobRow>().Metadata(m => m.DisableInformationalFields()).Duplicate(x => x.InstanceId).Duplicate(x => x.Type).Duplicate(x => x.DueAt);
        options.Schema.For<TimerRow>().Metadata(m => m.DisableInformationalFields()).Duplicate(x => x.DueAt);
        options.Schema.For<SubscriptionRow>().Metadata(m => m.DisableInformationalFields()).Duplicate(x => x.CorrelationKey);
        options.Schema.For<SignalRow>().Metadata(m => m.DisableInformationalFields()).Duplicate(x => x.SignalName);
        options.Schema.For<IncidentRow>().Metadata(m => m.DisableInformationalFields()).Duplicate(x => x.InstanceId).Duplicate(x => x.RaisedAt);
        options.Schema.For<BusinessKeyRow>().Metadata(m => m.DisableInformationalFields());
        options.Schema.For<InstanceSnapshot>().Metadata(m => m.DisableInformationalFields());
        options.Schema.For<CommandReceipt>().Metadata(m => m.DisableInformationalFields()).Duplicate(x => x.At);
        options.Schema.For<ProcessVersion>().Duplicate(x => x.ProcessKey);
        options.Schema.For<ProcessHead>().Metadata(m => m.DisableInformationalFields()).Duplicate(x => x.Newest).Duplicate(x => x.InForce);
    }
}
