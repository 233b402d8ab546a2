using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Countersign.Projections.Databases;
using Npgsql;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Databases;

/// <summary>A server of our own survives what happens to machines: restarts, kills, ports taken, half-made folders.</summary>
public sealed class LocalServerTests(MadeFolder made) : IClassFixture<MadeFolder>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _progress = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_start_finds_the_same_data_on_the_same_port()
    {
        made.CopyTo(_folder.Path);
        var first = await Start();
        await Write(first, 7);
        await first.Stop();
        first.IsAlive().ShouldBeFalse();

        var second = await Start();
        second.Port.ShouldBe(first.Port);
        (await Read(second)).ShouldBe(7);
        await second.Stop();
    }

    [Fact]
    public async Task A_start_joins_a_server_that_runs_already()
    {
        made.CopyTo(_folder.Path);
        var first = await Start();
        await Write(first, 1);
        _progress.Clear();

        var second = await Start();

        second.Port.ShouldBe(first.Port);
        _progress.ShouldBeEmpty();
        (await Read(second)).ShouldBe(1);
        await second.Stop();
        first.IsAlive().ShouldBeFalse();
    }

    [Fact]
    public async Task Two_first_starts_at_the_same_moment_make_one_server_and_one_set_of_passwords()
    {
        var options = new DatabaseOptions { DataFolder = _folder.Path };
        var both = await Task.WhenAll(Database.Open(options, Say, Cancel), Database.Open(options, Say, Cancel));
        foreach (var database in both)
        {
            await using var command = database.Connections.Reader.CreateCommand("select current_user::text");
            (await command.ExecuteScalarAsync(Cancel)).ShouldBe(DatabaseRoles.Reader);
        }

        both[0].Description.ShouldBe(both[1].Description);
        await both[0].DisposeAsync();
        await both[1].DisposeAsync();
        Cluster.Running().ShouldBeNull();
    }

    [Fact]
    public async Task A_killed_server_is_revived_on_its_port_with_what_was_committed()
    {
        made.CopyTo(_folder.Path);
        var server = await Start();
        await Write(server, 42);
        var port = server.Port;

        await Kill();
        server.IsAlive().ShouldBeFalse();
        await server.Revive(Cancel);

        server.Port.ShouldBe(port);
        (await Read(server)).ShouldBe(42);
        await server.Stop();
    }

    [Fact]
    public async Task A_start_after_a_kill_recovers()
    {
        made.CopyTo(_folder.Path);
        var server = await Start();
        await Write(server, 43);
        await Kill();

        var again = await Start();

        (await Read(again)).ShouldBe(43);
        _progress.ShouldContain(p => p.Contains("recovers"));
        await again.Stop();
    }

    [Fact]
    public async Task A_pid_file_whose_number_belongs_to_another_program_does_not_mislead()
    {
        made.CopyTo(_folder.Path);
        var server = await Start();
        await server.Stop();
        // After a power cut: the number is that of a program which has nothing to do with the folder.
        await File.WriteAllTextAsync(Cluster.PidFile, $"{Environment.ProcessId}\n{Cluster.Data}\n0\n{server.Port}\n\n127.0.0.1\n", Cancel);

        var again = await Start();

        again.IsAlive().ShouldBeTrue();
        await again.Stop();
    }

    [Fact]
    public async Task A_port_that_another_program_took_meanwhile_is_left_to_it()
    {
        made.CopyTo(_folder.Path);
        var server = await Start();
        await Write(server, 5);
        await server.Stop();
        using var other = new TcpListener(IPAddress.Loopback, server.Port);
        other.Start();

        var again = await Start();

        again.Port.ShouldNotBe(server.Port);
        (await Read(again)).ShouldBe(5);
        await again.Stop();
    }

    [Fact]
    public async Task A_first_start_that_was_cut_short_begins_again()
    {
        // What initdb leaves behind when the machine goes down in the middle.
        Directory.CreateDirectory(Path.Combine(Cluster.Home, "cluster.new", "base"));
        await File.WriteAllTextAsync(Path.Combine(Cluster.Home, "cluster.new", "PG_VERSION"), "15\n", Cancel);

        var server = await Start();

        (await Scalar<int>(server, "select 1")).ShouldBe(1);
        await server.Stop();
    }

    [Fact]
    public async Task The_server_listens_on_loopback_only_with_checksums_and_strong_passwords()
    {
        made.CopyTo(_folder.Path);
        var server = await Start();
        (await Scalar<string>(server, "show listen_addresses")).ShouldBe("127.0.0.1");
        (await Scalar<string>(server, "show data_checksums")).ShouldBe("on");
        (await Scalar<string>(server, "show password_encryption")).ShouldBe("scram-sha-256");
        (await Scalar<long>(server, "select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256'")).ShouldBe(0);
        await server.Stop();
    }

    [Fact]
    public async Task A_durable_server_never_trades_durability_away()
    {
        made.CopyTo(_folder.Path);
        var server = await Start();
        foreach (var name in (string[])["fsync", "full_page_writes", "synchronous_commit"])
            (await Scalar<string>(server, $"show {name}")).ShouldBe("on");
        await server.Stop();
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Passwords_are_readable_by_their_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix rights");
        var server = await Start();
        await server.Stop();
        File.GetUnixFileMode(DatabaseSecrets.FileIn(_folder.Path)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.EnumerateFiles(_folder.Path, "*.secret", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_folder_that_the_servers_user_may_not_enter_is_replaced_by_one_he_may()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "Only a root process starts the server as another user.");
        File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var server = await Start();
        var outside = (await File.ReadAllTextAsync(_folder["postgresql.location"], Cancel)).Trim();
        try
        {
            outside.ShouldNotStartWith(_folder.Path);
            await Write(server, 9);
            await server.Stop();
            var again = await Start();
            (await Read(again)).ShouldBe(9);
            await again.Stop();
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    private PostgresCluster Cluster => new(_folder["postgresql"]);

    private Task<LocalServer> Start(bool durable = true) => LocalServer.Start(
        new DatabaseOptions { DataFolder = _folder.Path, Durable = durable }, DatabaseSecrets.Open(_folder.Path), Say, Cancel);

    private void Say(string text)
    {
        lock (_progress)
            _progress.Add(text);
    }

    private async Task Kill()
    {
        using var process = Process.GetProcessById(Cluster.Running().ShouldNotBeNull().Pid);
        process.Kill();
        await process.WaitForExitAsync(Cancel);
    }

    private static async Task Write(LocalServer server, int value)
    {
        await Execute(server, "create table if not exists kept (value int)");
        await Execute(server, $"insert into kept values ({value})");
    }

    private static Task<int> Read(LocalServer server) => Scalar<int>(server, "select value from kept");

    private static async Task Execute(LocalServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.AdminConnectionString);
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task<T> Scalar<T>(LocalServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.AdminConnectionString);
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
