using System.Collections.Immutable;
using Countersign.Projections.Databases;
using JasperFx.Events.Projections;
using Marten;

namespace Countersign.Projections.Store;

/// <summary>Builds read models anew from the facts, while no node runs. See docs/how-to/rebuild-a-projection.md.</summary>
public static class ProjectionRebuild
{
    // A shard that has done nothing for so long is stuck, not slow.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    /// <summary>Builds one read model, or all of them, and ends.</summary>
    /// <param name="connections">Pools; only the migrator's is used.</param>
    /// <param name="name">Name of a projection, or <c>all</c>.</param>
    /// <param name="parts">Documents and projections of other nouns, the same as a node has.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancel">Ends it; what was not finished is built by the next node that starts.</param>
    /// <exception cref="StartUpException">No such projection, or nodes are running; the message says what to do.</exception>
    public static async Task Run(DatabaseConnections connections, string? name, ImmutableArray<Action<StoreOptions>> parts, Action<string> progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        ArgumentNullException.ThrowIfNull(progress);
        var options = new StoreOptions();
        StoreConfiguration.Apply(options, connections.Migrator, StoreUse.Migration, parts);
        await using var store = new DocumentStore(options);
        var known = options.Projections.All.Where(p => p.Lifecycle == ProjectionLifecycle.Async).Select(p => p.Name).Order(StringComparer.Ordinal).ToArray();
        var chosen = name == "all" ? known : known.Where(k => k == name).ToArray();
        if (chosen.Length == 0)
            throw new StartUpException($"There is no projection '{name}': give one of {string.Join(", ", known)}, or all.");
        // A node that projects meanwhile would write its own position over the rebuild's, and facts would be missing in the rows for good.
        await using var others = connections.Migrator.CreateCommand($"select count(*) from pg_stat_activity where datname = current_database() and application_name like 'countersign {DatabaseRoles.Writer} %'");
        if ((long)(await others.ExecuteScalarAsync(cancel))! > 0)
            throw new StartUpException("Nodes of this service are running: stop all nodes with role api or workers, rebuild, and start them again.");
        using var daemon = await store.BuildProjectionDaemonAsync();
        foreach (var projection in chosen)
        {
            progress($"Building {projection} anew");
            await daemon.RebuildProjectionAsync(projection, Patience, cancel);
        }

        progress($"Built anew: {string.Join(", ", chosen)}; nodes may start.");
    }
}
