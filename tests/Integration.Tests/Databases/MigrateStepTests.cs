using Countersign.Projections.Databases;
using Countersign.TestKit.Services;
using Npgsql;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Databases;

/// <summary>Migrations and roles as a step of their own: nodes then hold no administrator's password and change no table.</summary>
public sealed class MigrateStepTests : IDisposable
{
    private const string RoleSecret = "a-secret-of-the-roles-that-serve-0123456789";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _server = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task A_node_waits_for_the_step_and_then_serves_with_the_rights_of_its_roles_alone()
    {
        // A server of its own: passwords of roles belong to a whole server.
        var options = new DatabaseOptions { DataFolder = _server.Path };
        var server = await LocalServer.Start(options, DatabaseSecrets.Open(_server.Path), _ => { }, Cancel);
        try
        {
            var admin = new NpgsqlConnectionStringBuilder(server.AdminConnectionString) { Database = "countersign" };
            var password = admin.Password.ShouldNotBeNull();
            admin.Password = null;
            var plain = new NpgsqlConnectionStringBuilder { Host = admin.Host, Port = admin.Port, Database = "countersign" }.ConnectionString;
            var node = Environment(plain, ("Countersign__Database__Migration", "step"),
                ("Countersign__Keys__Master", Key("countersign-master-1:")), ("Countersign__Trail__Keys", Key("countersign-trail-key-1 2026-11-01T00:00:00Z ")));

            var (early, _, waits) = await ServiceRun.ToEnd(node, Bound, Cancel);
            early.ShouldBe(2);
            waits.ShouldContain("run the migrate step");

            var (wrong, _, refused) = await ServiceRun.ToEnd(Environment(admin.ConnectionString, ("Countersign__Database__Password", "not-the-password")), Bound, Cancel, "migrate");
            wrong.ShouldBe(2);
            refused.Trim().ShouldStartWith("Countersign cannot start: The database server refused the user");
            refused.Trim().ShouldNotContain("\n");
            refused.ShouldNotContain("not-the-password");

            var migration = Environment(admin.ConnectionString, ("Countersign__Database__Password", password));
            for (var again = 0; again < 2; again++)
            {
                var (code, said, errors) = await ServiceRun.ToEnd(migration, Bound, Cancel, "migrate");
                code.ShouldBe(0, errors);
                said.ShouldContain("The database is at this version");
            }

            await using var service = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), node);
            using var http = new HttpClient { BaseAddress = service.Address };
            (await ServiceRun.ToEnd(migration, Bound, Cancel, "rebuild", "all")).Output.ShouldContain("Built anew: decision_summary, instance_summary");
            (await ServiceRun.ToEnd(migration, Bound, Cancel, "rebuild")).Errors.ShouldContain("give one of decision_summary, instance_summary, or all");
            await service.StartAsync(http, Bound, Cancel);
            var (busy, _, running) = await ServiceRun.ToEnd(migration, Bound, Cancel, "rebuild", "all");
            busy.ShouldBe(2);
            running.ShouldContain("stop all nodes");
            await using var look = new NpgsqlConnection(server.AdminConnectionString);
            await look.OpenAsync(Cancel);
            (await Roles(look)).ShouldBe(["cs_hangfire", "cs_reader", "cs_writer"]);

            var at = new Dictionary<string, string>(StringComparer.Ordinal) { ["ASPNETCORE_URLS"] = service.Address.ToString() };
            (await ServiceRun.ToEnd(at, Bound, Cancel, "health")).Code.ShouldBe(0);

            // Keys came from the settings: none was made in the folder.
            File.Exists(_folder[Path.Combine("keys", "master.keys")]).ShouldBeFalse();
            File.Exists(_folder[Path.Combine("keys", "trail.key")]).ShouldBeFalse();

            // A node of a build whose step was never run: what the record knows is another build.
            await service.StopAsync(Bound);
            var (gone, _, silent) = await ServiceRun.ToEnd(at, Bound, Cancel, "health");
            gone.ShouldBe(2);
            silent.ShouldContain("No node answers");
            await using (var forget = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server.AdminConnectionString) { Database = "countersign" }.ConnectionString))
            {
                await forget.OpenAsync(Cancel);
                await DatabaseRoles.Execute(forget, "update cs.migrations set build = 'another'", Cancel);
            }

            var (late, _, behind) = await ServiceRun.ToEnd(node, Bound, Cancel);
            late.ShouldBe(2);
            behind.ShouldContain("has not been migrated to this version");
        }
        finally
        {
            await server.Stop();
        }
    }

    [Theory]
    [InlineData("Countersign__Database__Migration", "sometimes", "use at_start or step")]
    [InlineData("Countersign__Database__Migration", "step", "needs ConnectionStrings:Countersign and Countersign:Database:RoleSecret")]
    [InlineData("Countersign__Telemetry__MetricsPort", "open", "use a port from 1 to 65535")]
    [InlineData("Countersign__Telemetry__MetricsToken", "a-token-that-is-long-enough-to-do", "guards a port that is not open")]
    [InlineData("Countersign__Database__RoleSecret", "short", "shorter than 32 characters")]
    public async Task A_wrong_setting_of_the_step_is_one_sentence(string name, string value, string complaint)
    {
        var (code, _, errors) = await ServiceRun.ToEnd(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["ASPNETCORE_URLS"] = "http://127.0.0.1:0", ["Countersign__DataFolder"] = _folder.Path, [name] = value }, Bound, Cancel);
        code.ShouldBe(2);
        errors.ShouldContain(complaint);
    }

    private Dictionary<string, string> Environment(string connectionString, params (string Name, string Value)[] others)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["Countersign__DataFolder"] = _folder.Path,
            ["ConnectionStrings__Countersign"] = connectionString,
            ["Countersign__Database__RoleSecret"] = RoleSecret,
        };
        foreach (var (name, value) in others)
            all[name] = value;
        return all;
    }

    private static string Key(string mark) => mark + Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));

    private static async Task<List<string>> Roles(NpgsqlConnection look)
    {
        await using var command = new NpgsqlCommand("select distinct usename::text from pg_stat_activity where application_name like 'countersign %' order by 1", look);
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        var roles = new List<string>();
        while (await rows.ReadAsync(Cancel))
            roles.Add(rows.GetString(0));
        return roles;
    }
}
