using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>Bad bodies on every route that takes one.</summary>
public sealed class BodyTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bad_body_gets_its_class_on_every_route()
    {
        await service.Start(Cancel);
        var program = await service.Key("dora", Cancel);
        var wrong = new List<string>();
        var sent = 0;
        foreach (var operation in service.Operations.Where(o => o.TakesJson))
        {
            var who = operation.Someone(program);
            foreach (var (name, bytes, status) in BadBodies.Of(operation.Example))
            {
                var got = await Send(operation, who, bytes);
                sent++;
                if (got.Status != status || ProblemRules.Broken(got) is not null || got.Json.GetProperty("code").GetString() != "request.malformed")
                    wrong.Add($"{operation.Name}, {name}: {got.Status} {got.Body}");
            }
        }

        sent.ShouldBeGreaterThan(700);
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_member_of_another_type_or_missing_is_400_and_names_its_place()
    {
        await service.Start(Cancel);
        var program = await service.Key("dora", Cancel);
        var wrong = new List<string>();
        foreach (var operation in service.Operations.Where(o => o.TakesJson))
        {
            var required = Required(operation);
            foreach (var (name, bytes) in BadBodies.WrongMembers(operation.Example, required))
            {
                var got = await Send(operation, operation.Someone(program), bytes);
                if (got.Status != 400 || ProblemRules.Broken(got) is not null || got.Json.GetProperty("errors").GetArrayLength() != 1)
                    wrong.Add($"{operation.Name}, {name}: {got.Status} {got.Body}");
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_over_its_routes_limit_is_413_whether_its_length_is_said_or_not()
    {
        await service.Start(Cancel);
        var program = await service.Key("dora", Cancel);
        var wrong = new List<string>();
        foreach (var operation in service.Operations.Where(o => o.BodyTypes.Length > 0))
        {
            foreach (var said in (bool[])[true, false])
            {
                using var request = operation.Request();
                // Asked before it is sent, so that a refusal by length costs nobody the bytes.
                request.Headers.ExpectContinue = said;
                request.Headers.TransferEncodingChunked = !said;
                request.Content = Operation.Body(new byte[operation.MaxBytes + 1], operation.BodyTypes[0]);
                var got = await service.Send(request, operation.Someone(program), Cancel);
                if (got.Status != 413 || ProblemRules.Broken(got) is not null || got.Json.GetProperty("code").GetString() != "request.too_large")
                    wrong.Add($"{operation.Name} {(said ? "with" : "without")} its length: {got.Status} {got.Body}");
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_compressed_body_is_refused_before_it_is_inflated()
    {
        await service.Start(Cancel);
        var program = await service.Key("dora", Cancel);
        foreach (var operation in service.Operations.Where(o => o.BodyTypes.Length > 0))
        {
            using var request = operation.Request();
            request.Content = Operation.Body(BadBodies.Bomb(), operation.BodyTypes[0]);
            request.Content.Headers.ContentEncoding.Add("gzip");
            var got = await service.Send(request, operation.Someone(program), Cancel);
            got.Status.ShouldBe(415, operation.Name);
            ProblemRules.Broken(got).ShouldBeNull(operation.Name);
        }
    }

    [Fact]
    public async Task A_null_among_the_items_of_a_list_is_400_where_the_contract_has_none()
    {
        await service.Start(Cancel);
        foreach (var (method, path, body, pointer) in (List<(string, string, string, string)>)[
            ("POST", "/v1/keys", """{"name":"x","roles":[null]}""", "/roles/0"),
            ("POST", "/v1/webhooks", """{"url":"https://partner.example/h","eventTypes":["*",null]}""", "/eventTypes/1"),
            ("POST", "/v1/reference-tables/nulls/versions", """{"columns":["a"],"rows":[["1"],null]}""", "/rows/1"),
            ("POST", "/v1/reference-tables/nulls/versions", """{"columns":[null],"rows":[]}""", "/columns/0"),
            ("POST", "/v1/processes", """{"bpmn":"<a/>","resources":[null]}""", "/resources/0"),
            ("POST", "/v1/processes", """{"bpmn":"<a/>","resources":[{"name":null,"content":"x"}]}""", ""),
            ("PUT", "/v1/members/nobody", """{"roles":["auditor",null],"groups":[],"active":true,"reason":"x"}""", "/roles/1")])
        {
            var got = await service.Send(method, path, "dora", body, cancel: Cancel);
            got.Status.ShouldBe(400, got.Body);
            ProblemRules.Broken(got).ShouldBeNull();
            if (pointer.Length > 0)
                got.Json.GetProperty("errors")[0].GetProperty("pointer").GetString().ShouldBe(pointer);
        }

        // A cell may be empty.
        (await service.Send("POST", "/v1/reference-tables/nulls/versions", "dora", """{"columns":["a","b"],"rows":[["1",null]]}""", cancel: Cancel)).Status.ShouldBe(201);
    }

    [Theory]
    [InlineData("""{"name":"x","roles":["integrator"],"a/b~c":1}""", "/a~1b~0c")]
    [InlineData("""{"name":"x","roles":["integrator"],"it's ']['.x":1}""", null)]
    [InlineData("""{"name":"x","roles":[1]}""", "/roles/0")]
    [InlineData("""{"name":{},"roles":[]}""", "/name")]
    public async Task A_wrong_place_is_named_by_a_JSON_pointer_of_bounded_length(string body, string? pointer)
    {
        await service.Start(Cancel);
        var got = await service.Send("POST", "/v1/keys", "dora", body, cancel: Cancel);
        got.Status.ShouldBe(400);
        var named = got.Json.GetProperty("errors")[0].GetProperty("pointer").GetString()!;
        named.ShouldStartWith("/");
        if (pointer is not null)
            named.ShouldBe(pointer);
        var longName = JsonSerializer.Serialize(new Dictionary<string, int>(StringComparer.Ordinal) { [new string('x', 50_000)] = 1 });
        var cut = await service.Send("POST", "/v1/keys", "dora", longName, cancel: Cancel);
        cut.Body.Length.ShouldBeLessThan(2_000);
    }

    [Theory]
    [InlineData("POST /v1/keys HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /v1/keys HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcd")]
    [InlineData("POST /v1/keys HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\nConnection: close\r\n\r\n")]
    [InlineData("POST /v1/keys HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /v1/me HTTP/1.1\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /v1/me HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /v1/me HTTP/1.1\r\nHost: x\r\nIdempotency-Key: a\rb\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /v1/processes/a%00b/versions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")]
    public async Task A_request_that_is_no_HTTP_is_refused_and_the_connection_closed(string raw)
    {
        await service.Start(Cancel);
        var answer = await Raw(raw);
        answer.ShouldStartWith("HTTP/1.1 4", Case.Sensitive);
        answer[9..12].ShouldBeOneOf("400", "401", "411", "501");
    }

    [Fact]
    public async Task A_body_shorter_than_its_length_is_no_request()
    {
        await service.Start(Cancel);
        var token = await service.Token("dora");
        using var client = new TcpClient("127.0.0.1", service.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: short\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{{\"name\":\"half sent\""), Cancel);
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        var answer = "";
        try
        {
            answer = await reader.ReadToEndAsync(Cancel);
        }
        catch (IOException)
        {
            // Closed without a word: that is an answer to half a request, too.
        }

        (answer.Length == 0 || answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal)).ShouldBeTrue(answer);
        (await service.Send("GET", "/v1/keys", "dora", cancel: Cancel)).Body.ShouldNotContain("\"half sent\"");
    }

    private static IReadOnlyCollection<string> Required(Operation operation)
    {
        // What the description says, not what the code knows.
        using var known = JsonDocument.Parse(operation.Example);
        return [.. operation.Required.Where(name => known.RootElement.TryGetProperty(name, out _))];
    }

    private async Task<Got> Send(Operation operation, string who, byte[] bytes)
    {
        using var request = operation.Request();
        request.Content = Operation.Body(bytes, "application/json");
        return await service.Send(request, who, Cancel);
    }

    private async Task<string> Raw(string request)
    {
        using var client = new TcpClient("127.0.0.1", service.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), Cancel);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(Cancel);
    }
}
