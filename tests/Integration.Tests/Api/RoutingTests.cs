using System.Text;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>Wrong methods, content types and accepted types, on every route of the service's own description.</summary>
public sealed class RoutingTests(RunningService service)
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "BREW"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_method_that_a_path_has_not_is_405_with_the_methods_it_has()
    {
        await service.Start(Cancel);
        var wrong = new List<string>();
        foreach (var path in service.Operations.GroupBy(o => o.Path))
        {
            var has = path.Select(o => o.Method).Order(StringComparer.Ordinal).ToArray();
            foreach (var method in Methods.Except(has, StringComparer.Ordinal))
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path.First().Somewhere().TrimStart('/'));
                var got = await service.Send(request, "dora", Cancel);
                var allow = got.Headers.GetValueOrDefault("Allow", "").Split(", ", StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
                // An answer to HEAD has no body.
                if (got.Status != 405 || !allow.SequenceEqual(has) || (method != "HEAD" && (ProblemRules.Broken(got) is not null || got.Json.GetProperty("code").GetString() != "request.method_not_allowed")))
                    wrong.Add($"{method} {path.Key}: {got.Status} Allow '{string.Join(',', allow)}' {got.Body}");
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_content_type_that_a_route_does_not_take_is_415()
    {
        await service.Start(Cancel);
        var program = await service.Key("dora", Cancel);
        var wrong = new List<string>();
        foreach (var operation in service.Operations.Where(o => o.BodyTypes.Length > 0))
        {
            string?[] types = [null, "text/plain", "application/xml", "application/yaml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json; charset=utf-16",
                "application/json; charset=iso-8859-1", "application/jsonx", "json", "application/*", "a/b/c"];
            foreach (var type in types.Except(operation.BodyTypes, StringComparer.Ordinal))
                await Expect415(operation, r => r.Content = Operation.Body("{}"u8.ToArray(), type), $"as {type ?? "nothing"}");
            foreach (var encoding in (string[])["gzip", "br", "deflate", "gzip, gzip"])
                await Expect415(operation, r => r.Content!.Headers.TryAddWithoutValidation("Content-Encoding", encoding), $"encoded as {encoding}");
        }

        wrong.ShouldBeEmpty();

        async Task Expect415(Operation operation, Action<HttpRequestMessage> change, string how)
        {
            using var request = operation.Request();
            change(request);
            var got = await service.Send(request, operation.Someone(program), Cancel);
            if (got.Status != 415 || ProblemRules.Broken(got) is not null || got.Json.GetProperty("code").GetString() != "request.media_type_unsupported")
                wrong.Add($"{operation.Name} {how}: {got.Status} {got.Body}");
        }
    }

    [Fact]
    public async Task A_caller_who_accepts_none_of_a_routes_types_gets_406_and_nothing_is_done()
    {
        await service.Start(Cancel);
        var program = await service.Key("dora", Cancel);
        var wrong = new List<string>();
        foreach (var operation in service.Operations.Where(o => o.Answers.Length > 0))
        {
            var who = operation.Someone(program);
            foreach (var (accept, refused) in (List<(string, bool)>)[("image/gif", true), ("text/html, text/css", true), ("nonsense", true), ("*/*;q=0", true),
                ("*/*", false), ("text/html, */*;q=0.1", false), (operation.Answers[0], false), (operation.Answers[0].Split('/')[0] + "/*", false), (operation.Answers[0] + ";q=0", true)])
            {
                using var request = operation.Request();
                request.Headers.TryAddWithoutValidation("Accept", accept);
                var got = await service.Send(request, who, Cancel);
                if ((got.Status == 406) != refused || ProblemRules.Broken(got) is not null)
                    wrong.Add($"{operation.Name} accepting '{accept}': {got.Status} {got.Body}");
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/v1/")]
    [InlineData("/v1/nothing")]
    [InlineData("/v1/me/more")]
    [InlineData("/v1/keys/no-guid")]
    [InlineData("/v1/documents/%2e%2e%2f%2e%2e%2fetc%2fpasswd/content")]
    [InlineData("/v1/processes/../../v1/nothing")]
    public async Task What_is_nowhere_below_v1_is_a_problem_and_no_page(string path)
    {
        await service.Start(Cancel);
        foreach (var who in (string?[])[null, "dora"])
        {
            var got = await service.Send("GET", path, who, cancel: Cancel);
            ProblemRules.Broken(got).ShouldBeNull();
            (who is null ? got.Status is 401 or 404 or 400 : got.Status is 404 or 400).ShouldBeTrue($"{path}: {got.Status}");
        }
    }

    [Fact]
    public async Task A_method_in_a_header_or_a_field_is_not_the_method()
    {
        await service.Start(Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/keys?_method=DELETE");
        request.Headers.Add("X-HTTP-Method-Override", "DELETE");
        request.Headers.Add("X-HTTP-Method", "DELETE");
        (await service.Send(request, "dora", Cancel)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Forged_forwarding_headers_change_no_address_in_an_answer()
    {
        await service.Start(Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/exports");
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("X-Forwarded-Prefix", "/evil");
        request.Headers.Add("X-Forwarded-Proto", "gopher");
        request.Content = new StringContent("""{"from":"2026-01-01T00:00:00Z","before":"2026-01-02T00:00:00Z","purpose":"forwarded"}""", Encoding.UTF8, "application/json");
        var got = await service.Send(request, "dora", Cancel);
        got.Status.ShouldBe(201);
        got.Headers["Location"].ShouldStartWith("/v1/exports/");
        string.Concat(got.Headers.Values).ShouldNotContain("evil");
        got.Body.ShouldNotContain("evil");
    }
}
