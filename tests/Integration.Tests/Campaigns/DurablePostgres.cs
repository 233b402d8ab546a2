using Countersign.Integration.Tests.Databases;
using Countersign.TestKit.Databases;
using Xunit;

[assembly: AssemblyFixture(typeof(Countersign.Integration.Tests.Campaigns.DurablePostgres))]

namespace Countersign.Integration.Tests.Campaigns;

/// <summary>A server with fsync, without which the service does not start; begun when the first test asks.</summary>
public sealed class DurablePostgres : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private DurableServer? _server;

    /// <summary>An administrator's connection to a database of the test's own, which the service makes.</summary>
    public async Task<string> Database(string name, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            _server ??= await DurableServer.Start(_folder.Path, cancellation);
            return _server.Database(name);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _gate.Dispose();
        _folder.Dispose();
    }
}
