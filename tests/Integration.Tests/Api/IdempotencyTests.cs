using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Services;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>G24: what acts, acts once for each key, whoever repeats it and whenever.</summary>
public sealed class IdempotencyTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_operation_that_acts_asks_for_one_usable_key()
    {
        await service.Start(Cancel);
        var program = await service.Key("dora", Cancel);
        var wrong = new List<string>();
        var acting = service.Operations.Where(o => o.Method is "POST" or "PATCH").ToList();
        acting.Count.ShouldBeGreaterThanOrEqualTo(30);
        foreach (var operation in acting)
        {
            if (!operation.NeedsKey)
                wrong.Add($"{operation.Name}: the description asks for no key");
            foreach (var (values, code) in (List<(string[] Values, string Code)>)[
                ([], "idempotency.key_missing"), ([""], "idempotency.key_invalid"), ([new string('k', 256)], "idempotency.key_invalid"), (["with space"], "idempotency.key_invalid"),
                (["one", "two"], "idempotency.key_invalid")])
            {
                using var request = operation.Request();
                request.Headers.Remove("Idempotency-Key");
                if (values.Length > 0)
                    request.Headers.TryAddWithoutValidation("Idempotency-Key", values);
                var got = await service.Send(request, operation.Someone(program), Cancel);
                if (got.Status != 400 || ProblemRules.Broken(got) is not null || got.Json.GetProperty("code").GetString() != code)
                    wrong.Add($"{operation.Name}, '{string.Join("|", values)}': {got.Status} {got.Body}");
            }
        }

        wrong.ShouldBeEmpty();
    }

    public static TheoryData<string, string, string, string> Creations => new()
    {
        { "dora", "/v1/keys", """{"name":"erp","roles":["integrator"]}""", """{"name":"other","roles":["integrator"]}""" },
        { "dora", "/v1/webhooks", """{"url":"https://partner.example/idem","eventTypes":["sample.idem"]}""", """{"url":"https://partner.example/other","eventTypes":["sample.idem"]}""" },
        { "dora", "/v1/reference-tables/idem/versions", """{"columns":["a"],"rows":[["1"]]}""", """{"columns":["a"],"rows":[["2"]]}""" },
        { "dora", "/v1/exports", """{"from":"2026-01-01T00:00:00Z","before":"2026-01-02T00:00:00Z","purpose":"once"}""", """{"from":"2026-01-01T00:00:00Z","before":"2026-01-02T00:00:00Z","purpose":"twice"}""" },
        { "dora", "/v1/batches", """{"kind":"resume","selection":{"instances":["0198c0de-0000-7000-8000-000000000001"]},"reason":"once"}""", """{"kind":"resume","selection":{"instances":["0198c0de-0000-7000-8000-000000000001"]},"reason":"twice"}""" },
        { "ana", "/v1/instances", """{"process":"approval","businessKey":"once"}""", """{"process":"approval","businessKey":"twice"}""" },
        { "dora", "/v1/plan/choose", """{"plan":"business","reason":"once"}""", """{"plan":"business","reason":"twice"}""" },
    };

    [Theory]
    [MemberData(nameof(Creations))]
    public async Task A_repeat_gets_the_first_answer_and_another_body_is_refused(string who, string path, string body, string other)
    {
        await service.Start(Cancel);
        var key = Guid.NewGuid().ToString();
        var first = await service.Send("POST", path, who, body, key, Cancel);
        first.Status.ShouldBeInRange(200, 202, first.Body);
        for (var i = 0; i < 3; i++)
        {
            var again = await service.Send("POST", path, who, body, key, Cancel);
            again.Status.ShouldBe(first.Status);
            again.Body.ShouldBe(first.Body);
            again.Headers.GetValueOrDefault("Location").ShouldBe(first.Headers.GetValueOrDefault("Location"));
            again.Headers.GetValueOrDefault("ETag").ShouldBe(first.Headers.GetValueOrDefault("ETag"));
        }

        var reused = await service.Send("POST", path, who, other, key, Cancel);
        reused.Status.ShouldBe(422, reused.Body);
        reused.Json.GetProperty("code").GetString().ShouldBe("idempotency.key_reused");
        // The same key at another address is another request as well.
        var elsewhere = await service.Send("POST", path + "?x=1", who, body, key, Cancel);
        elsewhere.Status.ShouldBeInRange(400, 422, elsewhere.Body);
    }

    [Fact]
    public async Task The_same_key_of_another_person_or_tenant_is_another_call()
    {
        await service.Start(Cancel);
        var key = Guid.NewGuid().ToString();
        const string body = """{"process":"approval"}""";
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var who in (string[])["ana", "dora"])
            ids.Add((await service.Send("POST", "/v1/instances", who, body, key, Cancel)).Json.GetProperty("id").GetString()!).ShouldBeTrue(who);
        (await service.Send("POST", "/v1/processes", "gus", JsonSerializer.Serialize(new { bpmn = TestProcesses.Approval.Replace("\"approval\"", "\"globexonly\"", StringComparison.Ordinal) }), null, Cancel)).Status.ShouldBeInRange(200, 201);
        foreach (var who in (string[])["gus", "gia"])
        {
            var got = await service.Send("POST", "/v1/instances", who, """{"process":"globexonly"}""", key, Cancel);
            ids.Add(got.Json.GetProperty("id").GetString()!).ShouldBeTrue(who);
        }

        ids.Count.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task A_hundred_calls_at_once_under_one_key_are_one_instance()
    {
        await service.Start(Cancel);
        var key = Guid.NewGuid().ToString();
        var businessKey = "race-" + key;
        var body = $$"""{"process":"approval","businessKey":"{{businessKey}}"}""";
        var answers = new ConcurrentBag<Got>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 100), new ParallelOptions { MaxDegreeOfParallelism = 100, CancellationToken = Cancel }, async (_, stop) =>
        {
            var got = await service.Send("POST", "/v1/instances", "ana", body, key, stop);
            // Told to come again in a moment, as a client does.
            for (var i = 0; got.Status == 409 && i < 100; i++)
            {
                got.Json.GetProperty("code").GetString().ShouldBe("idempotency.in_flight");
                got.Headers.ContainsKey("Retry-After").ShouldBeTrue();
                await Task.Delay(100, stop);
                got = await service.Send("POST", "/v1/instances", "ana", body, key, stop);
            }

            answers.Add(got);
        });
        answers.Count.ShouldBe(100);
        answers.Select(a => a.Status).Distinct().ShouldBe([201]);
        var id = answers.Select(a => a.Json.GetProperty("id").GetString()).Distinct().ShouldHaveSingleItem();
        await Eventually.Holds(async () => (await service.Send("GET", "/v1/instances?limit=100&businessKey=" + businessKey, "ana", cancel: Cancel)).Body.Contains(id!, StringComparison.Ordinal), "the list shows it");
    }

    [Fact]
    public async Task A_key_outlives_the_death_of_the_service()
    {
        using var folder = new TemporaryFolder();
        await using var process = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Countersign__DataFolder"] = folder.Path,
        });
        using var http = new HttpClient { BaseAddress = process.Address };
        await process.StartAsync(http, TimeSpan.FromMinutes(2), Cancel);
        var publish = JsonSerializer.Serialize(new { bpmn = TestProcesses.Approval });
        (await Post(http, process.Address, "/v1/processes", publish, "publish")).Status.ShouldBe(201);
        var first = await Post(http, process.Address, "/v1/instances", """{"process":"approval"}""", "start");
        first.Status.ShouldBe(201, first.Body);
        await process.KillAsync();
        await process.StartAsync(http, TimeSpan.FromMinutes(2), Cancel);
        var again = await Post(http, process.Address, "/v1/instances", """{"process":"approval"}""", "start");
        (again.Status, again.Body).ShouldBe((first.Status, first.Body));
        (await Post(http, process.Address, "/v1/instances", """{"process":"approval","businessKey":"x"}""", "start")).Status.ShouldBe(422);
    }

    private static async Task<(int Status, string Body)> Post(HttpClient http, Uri address, string path, string json, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path.TrimStart('/')) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await new DemoPerson(address, "dora").GetTokenAsync(renew: false, Cancel));
        using var answer = await http.SendAsync(request, Cancel);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
