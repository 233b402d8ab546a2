using Countersign.Projections.Databases;
using Countersign.Projections.Store;

namespace Countersign.Api.Hosting;

/// <summary>Opens and migrates the database before anything that stands on it is composed.</summary>
internal static class DatabaseSetup
{
    /// <summary>The step of its own: makes roles, brings every table to this version, and ends.</summary>
    public static async Task Migrate(IConfiguration configuration, IReadOnlyList<IDatabasePart> parts, StartUpReport report)
    {
        // This is the step that others leave the work to.
        var options = DatabaseOptions.From(configuration) with { Migration = MigrationTime.AtStart };
        await using var database = await Database.Open(options, report.Step, CancellationToken.None);
        report.Step($"Using {database.Description}");
        await database.Migrate(parts, report.Step, CancellationToken.None);
        report.Step("The database is at this version; nodes may start.");
    }

    /// <summary>Builds one read model, or all of them, anew from the facts, and ends.</summary>
    public static async Task Rebuild(IConfiguration configuration, string? projection, StartUpReport report)
    {
        // As the owner of the tables, like the migrate step.
        var options = DatabaseOptions.From(configuration) with { Migration = MigrationTime.AtStart };
        await using var database = await Database.Open(options, report.Step, CancellationToken.None);
        report.Step($"Using {database.Description}");
        await ProjectionRebuild.Run(database.Connections, projection, [TenantParts.Configure], report.Step, CancellationToken.None);
    }

    /// <summary>Null for a node that is only a console.</summary>
    public static async Task<Database?> AddDatabase(
        this WebApplicationBuilder builder, NodeRoles roles, IReadOnlyList<IDatabasePart> parts, StartUpReport report)
    {
        if (!roles.NeedsDatabase)
            return null;
        var options = DatabaseOptions.From(builder.Configuration);
        var database = await Database.Open(options, report.Step, CancellationToken.None);
        try
        {
            report.Step($"Using {database.Description}");
            if (options.Migration == MigrationTime.AtStart)
                await database.Migrate(parts, report.Step, CancellationToken.None);
            else
                await database.VerifyMigrated(CancellationToken.None);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }

        builder.Services.AddSingleton(database);
        builder.Services.AddSingleton(database.Connections);
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth>("database", tags: [Health.Ready]);
        if (database.IsLocal)
            builder.Services.AddHostedService<LocalServerWatch>();
        return database;
    }
}
