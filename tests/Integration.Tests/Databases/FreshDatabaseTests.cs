using Countersign.Projections.Databases;
using Countersign.TestKit.Databases;
using Npgsql;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Databases;

public sealed class FreshDatabaseTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Every_role_signs_in_with_its_own_name_and_none_is_a_superuser()
    {
        await using var database = await postgres.CreateDatabase();
        var connections = database.Connections;
        foreach (var (role, source) in new[]
        {
            (DatabaseRoles.Writer, connections.Writer), (DatabaseRoles.Reader, connections.Reader),
            (DatabaseRoles.Hangfire, connections.Hangfire), (DatabaseRoles.Migrator, connections.Migrator),
        })
        {
            await using var command = source.CreateCommand("select current_user::text, current_setting('is_superuser')");
            await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            (await row.ReadAsync(TestContext.Current.CancellationToken)).ShouldBeTrue();
            row.GetString(0).ShouldBe(role);
            row.GetString(1).ShouldBe("off");
        }
    }

    [Theory]
    [InlineData("cs_reader", "15s", "2s", "1min")]
    [InlineData("cs_writer", "30s", "5s", "1min")]
    [InlineData("cs_hangfire", "15s", "5s", "1min")]
    [InlineData("cs_migrator", "30min", "5s", "5min")]
    public async Task A_session_of_each_role_is_bounded_in_time(string role, string statement, string @lock, string idle)
    {
        await using var database = await postgres.CreateDatabase();
        var source = new[] { database.Connections.Writer, database.Connections.Reader, database.Connections.Hangfire, database.Connections.Migrator }
            .Single(s => new NpgsqlConnectionStringBuilder(s.ConnectionString).Username == role);
        await using var command = source.CreateCommand(
            "select current_setting('statement_timeout'), current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')");
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        await row.ReadAsync(TestContext.Current.CancellationToken);
        (row.GetString(0), row.GetString(1), row.GetString(2)).ShouldBe((statement, @lock, idle));
    }
}
