using System.Text.Json;
using Countersign.Api.Hosting;
using Countersign.Api.Http;
using Microsoft.OpenApi;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>The description of the API is valid, complete, and says what the pages say.</summary>
public sealed class ContractTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_description_is_valid_OpenAPI_3_1()
    {
        await service.Start(Cancel);
        var read = OpenApiDocument.Parse(service.Document.GetRawText(), "json");
        read.Diagnostic!.SpecificationVersion.ShouldBe(OpenApiSpecVersion.OpenApi3_1);
        read.Diagnostic.Errors.Select(e => e.ToString()).ShouldBeEmpty();
        read.Diagnostic.Warnings.Select(w => w.ToString()).ShouldBeEmpty();
        read.Document!.Validate(ValidationRuleSet.GetDefaultRuleSet()).Select(e => e.ToString()).ShouldBeEmpty();
        read.Document!.Paths.Sum(p => p.Value.Operations!.Count).ShouldBe(service.Routes.Count);
    }

    [Fact]
    public async Task Every_operation_says_who_may_call_it_what_it_answers_and_shows_examples()
    {
        await service.Start(Cancel);
        var wrong = new List<string>();
        foreach (var operation in service.Operations)
        {
            var d = operation.Description;
            Check(operation, d.TryGetProperty("operationId", out _) && d.TryGetProperty("tags", out _) && d.TryGetProperty("summary", out _), "has no id, tag or summary");
            Check(operation, d.GetProperty("security")[0].TryGetProperty("bearer", out _), "names no credential");
            Check(operation, operation.Permission.Length > 0 && Countersign.Api.Identity.Permission.All.Contains(operation.Permission), "names no permission");
            int[] problems = [400, 401, 403, 404, 406, 429, 500, 503, .. operation.NeedsKey ? [409, 422] : Array.Empty<int>(), .. operation.NeedsVersion ? [409, 412, 428] : Array.Empty<int>(),
                .. operation.BodyTypes.Length > 0 ? [413, 415, 422] : Array.Empty<int>()];
            foreach (var status in problems.Distinct())
            {
                Check(operation, d.GetProperty("responses").TryGetProperty($"{status}", out var answer) && answer.GetProperty("content").TryGetProperty("application/problem+json", out var problem)
                    && problem.GetProperty("schema").GetProperty("$ref").GetString() == "#/components/schemas/Problem" && problem.GetProperty("example").GetProperty("status").GetInt32() == status,
                    $"does not show problem {status}");
            }

            Check(operation, operation.Method != "POST" || operation.NeedsKey, "acts without an Idempotency-Key");
            Check(operation, operation.Method is "GET" or "POST" || operation.NeedsVersion, "changes without If-Match");
            if (operation.TakesJson)
                Check(operation, operation.Example.Length > 1 && operation.BodySchema.GetProperty("additionalProperties").ValueKind == JsonValueKind.False, "has no example, or its schema takes unknown members");
        }

        service.Routes.Select(r => r.Operation.GetProperty("operationId").GetString()).ShouldBeUnique();
        wrong.ShouldBeEmpty();

        void Check(Operation operation, bool holds, string what)
        {
            if (!holds)
                wrong.Add($"{operation.Name} {what}");
        }
    }

    [Fact]
    public void Every_example_of_a_body_is_read_as_strictly_as_the_routes_read()
    {
        RequestExamples.All.Count.ShouldBeGreaterThan(20);
        foreach (var (type, _) in RequestExamples.All)
        {
            var value = JsonSerializer.Deserialize(RequestExamples.Of(type)!.ToJsonString(), type, StrictJson.Reading);
            StrictJson.FindNull(value!).ShouldBeNull(type.Name);
        }
    }

    [Fact]
    public async Task No_number_of_the_contract_is_described_as_a_text()
    {
        await service.Start(Cancel);
        service.Document.GetRawText().ShouldNotContain("[\"integer\",\"string\"]");
        service.Document.GetRawText().ShouldNotContain("ProblemDetails");
    }

    [Fact]
    public async Task Every_list_takes_limit_and_cursor_and_says_so()
    {
        await service.Start(Cancel);
        var lists = service.Operations.Where(o => o.IsList).ToArray();
        lists.Length.ShouldBeGreaterThan(15);
        foreach (var list in lists)
        {
            list.Query.ShouldContain("limit", list.Name);
            foreach (var bad in (string[])["limit=0", "limit=-1", "limit=201", "limit=1000000000", "limit=99999999999", "limit=x", "limit=1.0", "limit=", "limit=1&limit=2", "limit=%2B1"])
                await Refused(list, bad, "request.parameter_invalid");
            foreach (var bad in (string[])["cursor=", "cursor=x", "cursor=" + new string('A', 300), "cursor=a&cursor=b", "cursor=%00", "cursor=..%2F"])
                await Refused(list, bad, "request.cursor_invalid");
        }

        async Task Refused(Operation list, string query, string code)
        {
            using var request = list.Request(list.Somewhere(service.Acme.GetValueOrDefault(list.Path.Split('/')[2])), "?" + query);
            var got = await service.Send(request, "dora", Cancel);
            got.Status.ShouldBe(400, $"{list.Name}?{query}: {got.Body}");
            ProblemRules.Broken(got).ShouldBeNull();
            got.Json.GetProperty("code").GetString().ShouldBe(code, $"{list.Name}?{query}");
        }
    }

    [Fact]
    public void The_page_of_problems_is_the_table_in_the_code()
    {
        ReferencePages.Compare("docs/reference/problems.md", "problems of the edge", ReferencePages.ProblemsOfTheEdge());
        ReferencePages.Compare("docs/reference/problems.md", "refusals", ReferencePages.ProblemsOfTheDomain());
    }

    [Fact]
    public void A_code_has_one_status()
    {
        ReferencePages.Refusals().Count().ShouldBeGreaterThan(60);
        ReferencePages.Refusals().Select(r => ProblemTable.Of(new Domain.Refusal(r.Kind, r.Code, ""))).Where(k => k.Code != "resource.not_found").Concat(ProblemTable.Kinds.Values)
            .GroupBy(k => k.Code).Where(g => g.Select(k => k.Status).Distinct().Count() > 1).Select(g => g.Key).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_page_of_permissions_is_what_the_routes_declare()
    {
        await service.Start(Cancel);
        ReferencePages.Compare("docs/reference/permissions.md", "permissions", ReferencePages.PermissionTable(service.Operations));
    }
}
