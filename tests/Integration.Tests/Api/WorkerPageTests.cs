using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Client;
using Countersign.Client.Instances;
using Countersign.Client.Jobs;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Services;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>The commands of docs/how-to/write-a-worker.md against the running service, as they stand there; and what the page says of late workers.</summary>
public sealed partial class WorkerPageTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_commands_of_the_page_work_as_they_stand()
    {
        var page = Page();
        foreach (var tool in (string[])["bash", "curl", "jq", "od", "cmp"])
            Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(p => File.Exists(Path.Combine(p, tool))), $"'{tool}' is not on this machine, so the page's commands cannot be run.");
        await service.Start(Cancel);
        var instance = await Begin("workerpage", "acme:ship-parcel");
        using var folder = new TemporaryFolder();
        var script = string.Join('\n', Shell().Matches(page).Select(m => m.Groups["code"].Value));
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script]) { WorkingDirectory = folder.Path, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["COUNTERSIGN"] = service.Address.ToString().TrimEnd('/');
        start.Environment["KEY"] = await service.Key("dora", Cancel);

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);

        process.ExitCode.ShouldBe(0, $"{await output}\n{await error}");
        (await File.ReadAllTextAsync(Path.Combine(folder.Path, "late.json"), Cancel)).ShouldContain("job.lease_lost");
        var view = await service.Act("dora").Instances.GetAsync(instance, Cancel);
        view.Status.ShouldBe(InstanceStatus.Completed);
        view.Variables["tracking"].GetString().ShouldBe("P-4711");
    }

    [Fact]
    public async Task The_lines_for_dotnet_stand_in_this_test_and_complete_the_job()
    {
        await service.Start(Cancel);
        var instance = await Begin("workernet", "acme:ship-parcel");
        var stop = Cancel;
        using var http = new HttpClient { BaseAddress = service.Address };
        var client = new CountersignClient(http, new FixedToken(await service.Key("dora", Cancel)));

        foreach (var job in await client.Jobs.ActivateAsync(new ActivateJobsRequest("acme:ship-parcel", "packer-1"), wait: TimeSpan.FromSeconds(20), cancellationToken: stop))
        {
            var tracking = JsonSerializer.SerializeToElement("P-4711");
            await client.Jobs.CompleteAsync(job.Id, new CompleteJobRequest(job.Attempt, new Dictionary<string, JsonElement> { ["tracking"] = tracking }, job.LeaseToken), cancellationToken: stop);
        }

        var view = await service.Act("dora").Instances.GetAsync(instance, Cancel);
        view.Status.ShouldBe(InstanceStatus.Completed);
        view.Variables["tracking"].GetString().ShouldBe("P-4711");
        var here = Flat(File.ReadAllText(Path.Combine(Repository, "tests", "Integration.Tests", "Api", "WorkerPageTests.cs")));
        here.ShouldContain(Flat(CSharp().Match(Page()).Groups["code"].Value));
    }

    [Fact]
    public async Task A_worker_that_died_loses_its_lease_to_the_next_and_its_late_result_is_refused()
    {
        await service.Start(Cancel);
        var instance = await Begin("workerlate", "acme:late");
        var (program, path) = (await service.Key("dora", Cancel), "/v1/jobs/activate?wait=30s");
        var dead = (await Post(path, program, """{"type":"acme:late","worker":"dead","leaseSeconds":5}""")).GetProperty("items")[0];
        // It waits for the end of the lease and is woken by it; no lease is shorter than five seconds.
        var next = (await Post(path, program, """{"type":"acme:late","worker":"next","leaseSeconds":60}""")).GetProperty("items")[0];
        var (id, lease) = (dead.GetProperty("id").GetString()!, dead.GetProperty("leaseToken").GetString()!);
        next.GetProperty("id").GetString().ShouldBe(id);
        next.GetProperty("attempt").GetInt32().ShouldBe(1);
        next.GetProperty("leaseToken").GetString().ShouldNotBe(lease);

        foreach (var (act, more) in new[] { ("complete", ""), ("fail", ""","errorCode":"x","message":"x" """), ("throw", ""","errorCode":"x","message":"x" """), ("extend", ""","leaseSeconds":60""") })
        {
            var refused = await service.Send("POST", $"/v1/jobs/{id}/{act}", program, $$"""{"attempt":1,"leaseToken":"{{lease}}"{{more}}}""", cancel: Cancel);
            (refused.Status, refused.Json.GetProperty("code").GetString()).ShouldBe((409, "job.lease_lost"), act);
        }

        var mine = $$"""{"attempt":1,"leaseToken":"{{next.GetProperty("leaseToken").GetString()}}"}""";
        var unnamed = await service.Send("POST", $"/v1/jobs/{id}/complete", program, """{"attempt":1,"variables":{"":1}}""", cancel: Cancel);
        (unnamed.Status, unnamed.Json.GetProperty("errors")[0].GetProperty("pointer").GetString()).ShouldBe((422, "/variables"));
        var done = await service.Send("POST", $"/v1/jobs/{id}/complete", program, mine, "late-done-1", Cancel);
        (done.Status, done.Json.GetProperty("applied").GetBoolean()).ShouldBe((200, true));
        (await service.Send("POST", $"/v1/jobs/{id}/complete", program, mine, "late-done-1", Cancel)).Body.ShouldBe(done.Body, "the same call again gets the same answer");
        (await service.Send("POST", $"/v1/jobs/{id}/complete", program, mine, "late-done-2", Cancel)).Status.ShouldBe(409);
        (await service.Send("POST", $"/v1/jobs/{id}/complete", program, """{"attempt":1}""", cancel: Cancel)).Json.GetProperty("applied").GetBoolean().ShouldBeFalse();
        (await service.Act("dora").Instances.GetAsync(instance, Cancel)).Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public async Task One_waiting_call_too_many_is_refused_for_its_tenant_alone_and_one_that_finds_work_is_not()
    {
        await service.Start(Cancel);
        var program = await service.Key("dora", Cancel);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        // Waits for a type that nobody has; told to stop as soon as the room is full.
        var waiting = Enumerable.Range(0, 101).Select(_ => service.Send("POST", "/v1/jobs/activate?wait=30", program, """{"type":"acme:never","worker":"w"}""", cancel: over.Token)).ToList();
        var refused = await (await Task.WhenAny(waiting));
        (refused.Status, refused.Json.GetProperty("code").GetString()).ShouldBe((429, "job.too_many_waiting"));
        refused.Headers["Retry-After"].ShouldBe("5");
        await Begin("workerfull", "acme:full");
        (await Post("/v1/jobs/activate?wait=30", program, """{"type":"acme:full","worker":"w"}""")).GetProperty("items").GetArrayLength().ShouldBe(1);

        await over.CancelAsync();
        await Task.WhenAll(waiting.Select(w => w.ContinueWith(_ => { }, TaskScheduler.Default)));
        // Who hung up has left the room: a call that waits is let in again.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await service.Send("POST", "/v1/jobs/activate?wait=1", program, """{"type":"acme:never","worker":"w"}""", cancel: limit.Token)).Status == 429)
            await ticks.WaitForNextTickAsync(limit.Token);
    }

    [Theory]
    [InlineData("?wait=31", """{"type":"a:b","worker":"w"}""", 400)]
    [InlineData("?wait=-1", """{"type":"a:b","worker":"w"}""", 400)]
    [InlineData("?wait=2ss", """{"type":"a:b","worker":"w"}""", 400)]
    [InlineData("?wait=s", """{"type":"a:b","worker":"w"}""", 400)]
    [InlineData("?wait=0s", """{"type":"a:b","worker":"w"}""", 200)]
    [InlineData("", """{"type":"countersign:read-invoice","worker":"w"}""", 422)]
    public async Task What_cannot_be_fetched_is_refused(string query, string body, int status)
    {
        await service.Start(Cancel);
        (await service.Send("POST", "/v1/jobs/activate" + query, await service.Key("dora", Cancel), body, cancel: Cancel)).Status.ShouldBe(status);
    }

    private async Task<Guid> Begin(string process, string type)
    {
        await service.Act("dora").Processes.PublishAsync(new Client.Processes.PublishProcessRequest(TestProcesses.Job(process, type)), cancellationToken: Cancel);
        return (await service.Act("dora").Instances.StartAsync(new StartInstanceRequest(process), cancellationToken: Cancel)).Id;
    }

    private async Task<JsonElement> Post(string path, string who, string body)
    {
        var got = await service.Send("POST", path, who, body, cancel: Cancel);
        got.Status.ShouldBe(200, got.Body);
        return got.Json;
    }

    private static string Repository
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Saas.sln")))
                folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }

    private static string Page() => File.ReadAllText(Path.Combine(Repository, "docs", "how-to", "write-a-worker.md"));

    private static string Flat(string code) => string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0));

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CSharp();

    [GeneratedRegex("```sh\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Shell();
}
