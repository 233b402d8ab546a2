using Countersign.Projections.Databases;
using Npgsql;

namespace Countersign.TestKit.Databases;

/// <summary>A PostgreSQL server in a folder of its own, with fsync as in production: for campaigns, whose figures depend on it.</summary>
public sealed class DurableServer : IAsyncDisposable
{
    private readonly LocalServer _server;

    private DurableServer(LocalServer server) => _server = server;

    /// <summary>An administrator's connection to a database that the service makes.</summary>
    public string Database(string name) => new NpgsqlConnectionStringBuilder(_server.AdminConnectionString) { Database = name }.ConnectionString;

    /// <summary>Which server it is.</summary>
    public string Description => _server.Description;

    /// <summary>Makes and starts it.</summary>
    /// <param name="folder">Where its files lie.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<DurableServer> Start(string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var options = new DatabaseOptions { DataFolder = folder };
        return new DurableServer(await LocalServer.Start(options, DatabaseSecrets.Open(folder), _ => { }, cancellation));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _server.Stop();
    }
}
