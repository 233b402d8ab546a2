using Countersign.Projections.Databases;
using Countersign.Projections.Sealing;
using Microsoft.Extensions.Hosting;

namespace Countersign.Workers.Hosting;

/// <summary>A node whose key ring is not the database's does not start: what it sealed, others could not open.</summary>
internal sealed class RingCheck(DatabaseConnections connections, KeyRing ring) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => KeyTables.VerifyRing(connections.Writer, ring, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
