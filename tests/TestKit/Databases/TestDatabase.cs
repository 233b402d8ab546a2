using Countersign.Projections.Databases;

namespace Countersign.TestKit.Databases;

/// <summary>A database of one test or test class, with production's roles and rights.</summary>
public sealed class TestDatabase(Database database, Func<Task> drop) : IAsyncDisposable
{
    /// <summary>The opened database.</summary>
    public Database Database { get; } = database;

    /// <summary>A pool for each role.</summary>
    public DatabaseConnections Connections => Database.Connections;

    /// <summary>
    /// What to give a whole service under test as <c>ConnectionStrings:Countersign</c>: it comes to the same roles and passwords.
    /// </summary>
    public string ConnectionString => Database.Options.ConnectionString!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await drop();
    }
}
