using System.Diagnostics;
using Countersign.Projections.Databases;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Databases;

/// <summary>A data folder with a stopped database, made once and copied for each test that breaks its own.</summary>
public sealed class MadeFolder : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public async ValueTask InitializeAsync()
    {
        var options = new DatabaseOptions { DataFolder = _folder.Path, Source = ServerSource.Installed };
        var server = await LocalServer.Start(options, DatabaseSecrets.Open(_folder.Path), _ => { }, CancellationToken.None);
        await server.Stop();
    }

    /// <summary>Copies the folder, owners and rights included, into one that exists.</summary>
    public void CopyTo(string folder)
    {
        using var copy = Process.Start("cp", ["-a", _folder.Path + "/.", folder]);
        copy.WaitForExit();
        copy.ExitCode.ShouldBe(0);
        File.WriteAllText(Path.Combine(folder, "postgresql.location"), Path.Combine(folder, "postgresql"));
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
