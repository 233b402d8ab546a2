using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>What one tenant has, another cannot tell from what nobody has; checked on every route of the service's own description.</summary>
public sealed partial class IsolationTests(RunningService service)
{
    // Positions in the caller's own trail, and creating a version under a name of the caller's own: no id of anybody else's thing.
    private static readonly HashSet<string> OwnNames = new(StringComparer.Ordinal)
    {
        "GET /v1/trail/entries/{index}/proof", "GET /v1/trail/tile/{level}/{index}", "POST /v1/reference-tables/{name}/versions", "POST /v1/policies/{key}/versions",
    };

    private static readonly Dictionary<string, string> Bodies = new(StringComparer.Ordinal)
    {
        ["POST /v1/incidents/{id}/retry"] = """{"reason":"x"}""",
        ["POST /v1/batches/{id}/cancel"] = """{"reason":"x"}""",
        ["POST /v1/incidents/{id}/skip"] = """{"reason":"x"}""",
        ["POST /v1/incidents/{id}/reroute"] = """{"elementId":"x","reason":"x"}""",
        ["POST /v1/instances/{id}/suspend"] = """{"reason":"x"}""",
        ["POST /v1/instances/{id}/resume"] = """{"reason":"x"}""",
        ["POST /v1/instances/{id}/modify"] = """{"reason":"x","end":["a"]}""",
        ["POST /v1/instances/{id}/variables"] = """{"variables":{"a":1},"reason":"x"}""",
        ["POST /v1/instances/{id}/raise-limit"] = """{"limit":60000,"reason":"x"}""",
        ["POST /v1/instances/{id}/continue"] = """{"reason":"x"}""",
        ["POST /v1/instances/{id}/migrate"] = """{"version":1,"reason":"x"}""",
        ["POST /v1/jobs/{id}/extend"] = """{"attempt":1,"leaseSeconds":60}""",
        ["POST /v1/jobs/{id}/fail"] = """{"attempt":1,"errorCode":"x","message":"x"}""",
        ["POST /v1/jobs/{id}/throw"] = """{"attempt":1,"errorCode":"x","message":"x"}""",
        ["POST /v1/jobs/{id}/complete"] = """{"attempt":1}""",
        ["POST /v1/webhooks/{id}/replay"] = """{"from":"2026-01-01T00:00:00Z","before":"2026-01-02T00:00:00Z"}""",
        ["PUT /v1/members/{id}"] = """{"roles":[],"groups":[],"active":true,"reason":"x"}""",
        ["POST /v1/policies/{key}/versions/{version}/reject"] = """{"reason":"x"}""",
        ["POST /v1/policies/{key}/versions/{version}/publish"] = $$"""{"hash":"{{new string('a', 64)}}"}""",
        ["POST /v1/processes/{key}/versions/{version}/rollout"] = """{"share":0.1,"reason":"x"}""",
        ["POST /v1/processes/{key}/versions/{version}/promote"] = """{"reason":"x"}""",
        ["POST /v1/processes/{key}/versions/{version}/withdraw"] = """{"reason":"x"}""",
        ["POST /v1/policies/{key}/kill-switch"] = """{"on":true,"reason":"x"}""",
        ["POST /v1/instances/{id}/cancel"] = """{"reason":"x"}""",
        ["POST /v1/tasks/{id}/complete"] = """{"verdict":"complete"}""",
        ["POST /v1/tasks/{id}/reassign"] = """{"to":"gia-glob","reason":"x"}""",
        ["POST /v1/keys/{id}/rotate"] = "{}",
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_credential_every_route_answers_401_as_a_problem()
    {
        await service.Start(Cancel);
        service.Routes.Count.ShouldBeGreaterThan(60);
        var wrong = new List<string>();
        foreach (var (method, path, operation) in service.Routes)
        {
            // Sent with a type the route takes.
            var type = operation.TryGetProperty("requestBody", out var body) ? body.GetProperty("content").EnumerateObject().First().Name : null;
            var got = await service.Send(method, Fill(path, Guid.NewGuid().ToString()), null, type is null ? null : "{}"u8.ToArray(), type, Guid.NewGuid().ToString(), Cancel);
            if (got.Status != 401 || got.MediaType != "application/problem+json")
                wrong.Add($"{method} {path}: {got.Status} {got.MediaType}");
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_tenants_id_is_answered_byte_for_byte_like_an_id_nobody_has()
    {
        await service.Start(Cancel);
        var program = await service.Key("gus", Cancel);
        var wrong = new List<string>();
        foreach (var (method, path, _) in service.Routes.Where(r => r.Path.Contains('{', StringComparison.Ordinal) && !OwnNames.Contains($"{r.Method} {r.Path}")))
        {
            var noun = path.Split('/')[2];
            if (!service.Acme.TryGetValue(noun, out var id))
            {
                wrong.Add($"{method} {path}: give it a sample of Acme Finance");
                continue;
            }

            var who = noun == "jobs" ? program : noun == "tasks" && method == "POST" ? "gia" : "gus";
            var body = Bodies.GetValueOrDefault($"{method} {path}");
            var foreign = await service.Send(method, Fill(path, id), who, body, cancel: Cancel);
            var nobodys = await service.Send(method, Fill(path, SameForm(id)), who, body, cancel: Cancel);
            if (foreign.Status != 404 || nobodys.Status != 404 || WithoutTrace(foreign.Body) != WithoutTrace(nobodys.Body))
                wrong.Add($"{method} {path}: {foreign.Status} {foreign.Body} against {nobodys.Status} {nobodys.Body}");
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_samples_are_there_for_their_own_tenant()
    {
        await service.Start(Cancel);
        foreach (var (noun, id) in service.Acme)
        {
            // Read in lists only.
            if (noun is "jobs")
                continue;
            if (noun is "incidents" or "webhook-deliveries")
            {
                (await service.Send("GET", $"/v1/{noun}", "dora", cancel: Cancel)).Body.ShouldContain(id);
                continue;
            }

            var path = noun is "processes" or "policies" ? $"/v1/{noun}/{id}/versions" : $"/v1/{noun}/{id}";
            (await service.Send("GET", path, "dora", cancel: Cancel)).Status.ShouldBe(200, path);
        }
    }

    [Fact]
    public async Task A_tenant_named_in_a_header_or_the_query_is_ignored()
    {
        await service.Start(Cancel);
        foreach (var path in (string[])["/v1/tenant", "/v1/me"])
        {
            var plain = await service.Send("GET", path, "gus", cancel: Cancel);
            plain.Body.ShouldContain("globexoffice");
            (await service.Send("GET", path + "?tenant=acmefinance", "gus", cancel: Cancel)).Body.ShouldBe(plain.Body);
            (await service.Send("GET", path, "gus", null, null, null, Cancel, ("X-Tenant", "acmefinance"))).Body.ShouldBe(plain.Body);
        }

        var document = $"/v1/documents/{service.Acme["documents"]}";
        (await service.Send("GET", document + "?tenant=acmefinance", "gus", null, null, null, Cancel, ("X-Tenant", "acmefinance"))).Status.ShouldBe(404);
    }

    private static string Fill(string path, string id) => Parameter().Replace(path.Replace("{version}", "1", StringComparison.Ordinal).Replace("{index}", "0", StringComparison.Ordinal), id);

    // Hexadecimal ids keep their dashes and version; names get another ending.
    private static string SameForm(string id) => id.Length < 32 ? string.Concat(id.AsSpan(0, id.Length - 1), "q") : Guid.CreateVersion7().ToString(id[8] == '-' ? "D" : "N") + id[(id[8] == '-' ? 36 : 32)..];

    private static string WithoutTrace(string body) => Trace().Replace(body, "");

    [GeneratedRegex("\\{[^}]+\\}", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();

    [GeneratedRegex("\"traceId\":\"[^\"]*\"", RegexOptions.NonBacktracking)]
    private static partial Regex Trace();
}
