using System.Collections.Immutable;
using Countersign.Projections.Databases;
using Countersign.Projections.Store;
using JasperFx;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wolverine;
using Wolverine.Marten;
using Wolverine.Persistence.Durability;

namespace Countersign.Workers.Hosting;

/// <summary>
/// Tables of the event store and of the message store, made by the same configuration that uses them, as the migrator and before
/// the service runs.
/// </summary>
public sealed class EventStorePart : IDatabasePart
{
    private readonly ImmutableArray<Action<StoreOptions>> _parts;

    /// <summary>The tables for documents and projections of these parts.</summary>
    public EventStorePart(params ImmutableArray<Action<StoreOptions>> parts) => _parts = parts;

    /// <inheritdoc/>
    public string Name => "event store and messages";

    /// <summary>Names what it was made with, so that two with other documents are told apart.</summary>
    public override string ToString() => $"{Name} ({string.Join(", ", _parts.Select(p => $"{p.Method.DeclaringType}.{p.Method.Name}"))})";

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        // A host that is built and never started: it only lends the two libraries' own knowledge of their tables.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddLogging(l => l.SetMinimumLevel(LogLevel.Warning));
        builder.Services.AddMarten(options => StoreConfiguration.Apply(options, connections.Migrator, StoreUse.Migration, _parts))
            .UseLightweightSessions()
            .IntegrateWithWolverine(w => w.MessageStorageSchemaName = DatabaseRoles.WolverineSchema);
        builder.UseWolverine(options =>
        {
            options.ApplicationAssembly = typeof(EventStorePart).Assembly;
            options.Discovery.DisableConventionalDiscovery();
            options.AutoBuildMessageStorageOnStartup = AutoCreate.CreateOrUpdate;
            WolverineSettings.Durability(options);
        });
        using var host = builder.Build();
        await host.Services.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await host.Services.GetRequiredService<IMessageStore>().Admin.MigrateAsync();
    }
}
