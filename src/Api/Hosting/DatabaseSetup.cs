using Countersign.Projections.Databases;

namespace Countersign.Api.Hosting;

/// <summary>Opens and migrates the database before anything that stands on it is composed.</summary>
internal static class DatabaseSetup
{
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
            await database.Migrate(parts, report.Step, CancellationToken.None);
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
