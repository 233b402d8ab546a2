using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Countersign.Projections.Databases;
using Countersign.TestKit.Services;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Databases;

/// <summary>The service as a process: ready, killed, started again, ended; and what it says when it cannot start.</summary>
public sealed class ServiceStartTests(MadeFolder made) : IClassFixture<MadeFolder>, IDisposable
{
    private static readonly string Service = Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll");

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_killed_service_finds_its_database_running_and_an_ended_one_takes_it_along()
    {
        made.CopyTo(_folder.Path);
        await using var service = new ServiceProcess(Service, Environment());
        using var http = new HttpClient { BaseAddress = service.Address };
        await service.StartAsync(http, Bound, Cancel);
        var database = Cluster.Running().ShouldNotBeNull();

        await service.KillAsync();
        Cluster.Running().ShouldBe(database);
        await service.StartAsync(http, Bound, Cancel);
        Cluster.Running().ShouldBe(database);

        await service.StopAsync(Bound);
        Cluster.Running().ShouldBeNull();
    }

    [Fact]
    public async Task A_service_whose_database_is_killed_brings_it_back_and_is_ready_again()
    {
        made.CopyTo(_folder.Path);
        await using var service = new ServiceProcess(Service, Environment());
        using var http = new HttpClient { BaseAddress = service.Address };
        await service.StartAsync(http, Bound, Cancel);
        var before = Cluster.Running().ShouldNotBeNull();

        using (var server = Process.GetProcessById(before.Pid))
            server.Kill();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Bound);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (Cluster.Running() is not { } now || now.Pid == before.Pid || !await IsReady(http, limit.Token))
            await ticks.WaitForNextTickAsync(limit.Token);

        Cluster.Running().ShouldNotBeNull().Port.ShouldBe(before.Port);
    }

    [Fact]
    public async Task Health_names_each_check_and_nothing_else()
    {
        made.CopyTo(_folder.Path);
        await using var service = new ServiceProcess(Service, Environment());
        using var http = new HttpClient { BaseAddress = service.Address };
        await service.StartAsync(http, Bound, Cancel);

        var live = await http.GetFromJsonAsync<JsonElement>("health/live", Cancel);
        live.GetProperty("status").GetString().ShouldBe("healthy");
        var ready = await http.GetFromJsonAsync<JsonElement>("health/ready", Cancel);
        ready.EnumerateObject().Select(p => p.Name).ShouldBe(["status", "checks"]);
        ready.GetProperty("checks").EnumerateObject().ShouldAllBe(c => c.Value.GetString() == "healthy");
        ready.GetProperty("checks").EnumerateObject().Select(p => p.Name).ShouldContain("database");
    }

    [Fact]
    public async Task A_port_in_use_is_one_sentence_with_the_way_out()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var (code, errors) = await RunToEnd(Environment(("ASPNETCORE_URLS", $"http://localhost:{port}")));

        code.ShouldBe(2);
        Sentence(errors).ShouldContain($"Port {port} is in use");
        errors.ShouldContain("--urls");
        // Refused before anything was made.
        File.Exists(_folder["database.json"]).ShouldBeFalse();
    }

    [Theory]
    [InlineData("Countersign__Roles", "api,kitchen", "names 'kitchen'")]
    [InlineData("Countersign__Database__Nodes", "many", "use a whole number from 1 to 1000")]
    [InlineData("Countersign__Database__Source", "somewhere", "use any, installed or embedded")]
    [InlineData("Countersign__DataFolder", "/proc/countersign", "cannot be written")]
    [InlineData("ConnectionStrings__Countersign", "Host=127.0.0.1;Port=1;Username=x;Password=hidden", "does not answer")]
    [InlineData("ASPNETCORE_URLS", "what is this", "is not one")]
    public async Task A_wrong_setting_is_one_sentence(string name, string value, string complaint)
    {
        var (code, errors) = await RunToEnd(Environment((name, value)));
        code.ShouldBe(2);
        Sentence(errors).ShouldContain(complaint);
        errors.ShouldNotContain("hidden");
    }

    [Fact]
    public async Task A_damaged_folder_is_one_sentence()
    {
        made.CopyTo(_folder.Path);
        await File.WriteAllTextAsync(Path.Combine(Cluster.Data, "PG_VERSION"), "?", Cancel);
        var (code, errors) = await RunToEnd(Environment());
        code.ShouldBe(2);
        Sentence(errors).ShouldContain("PG_VERSION is not a version");
    }

    [Fact]
    public async Task A_machine_without_postgres_and_without_npm_is_one_sentence()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Builds a PATH of links.");
        var tools = Directory.CreateDirectory(_folder["tools"]);
        foreach (var tool in (string[])["id", "setpriv", "runuser", "true", "test", "chown"])
        {
            var at = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(p => Path.Combine(p, tool)).FirstOrDefault(File.Exists);
            if (at is not null)
                File.CreateSymbolicLink(Path.Combine(tools.FullName, tool), at);
        }

        var (code, errors) = await RunToEnd(Environment(("PATH", tools.FullName), ("Countersign__Database__Source", "embedded")));

        code.ShouldBe(2);
        Sentence(errors).ShouldContain("npm to fetch one is not on the PATH");
        errors.ShouldContain("apt-get install postgresql");
    }

    private PostgresCluster Cluster => new(_folder["postgresql"]);

    private Dictionary<string, string> Environment(params (string Name, string Value)[] others)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["Countersign__DataFolder"] = _folder.Path,
            ["Countersign__Database__Source"] = "installed",
        };
        foreach (var (name, value) in others)
            all[name] = value;
        return all;
    }

    private static async Task<(int Code, string Errors)> RunToEnd(Dictionary<string, string> environment)
    {
        var (code, _, errors) = await ServiceRun.ToEnd(environment, Bound, Cancel);
        return (code, errors);
    }

    private static async Task<bool> IsReady(HttpClient http, CancellationToken cancel)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative), cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Sentence(string errors)
    {
        var lines = errors.Trim().Split('\n');
        lines.Length.ShouldBe(1, string.Create(CultureInfo.InvariantCulture, $"one line, but: {errors}"));
        lines[0].ShouldStartWith("Countersign cannot start: ");
        errors.ShouldNotContain("   at ");
        return lines[0];
    }
}
