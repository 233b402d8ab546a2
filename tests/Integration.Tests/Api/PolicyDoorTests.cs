using System.Text.Json;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>What the door says to a policy before anybody approves it.</summary>
public sealed class PolicyDoorTests(RunningService service)
{
    [Fact]
    public async Task A_gate_with_a_mistake_is_not_drafted_and_the_answer_names_element_sentence_and_remedy()
    {
        var cancel = TestContext.Current.CancellationToken;
        var gate = (await RunningService.Sample("gate.dmn", cancel)).Replace("<text>corrected</text>", "<text>corected</text>", StringComparison.Ordinal);
        var got = await Draft("misspelt", gate, cancel);
        got.Status.ShouldBe(422, got.Body);
        got.Json.GetProperty("type").GetString().ShouldBe("urn:countersign:problem:policy.invalid");
        var error = got.Json.GetProperty("errors")[0];
        error.GetProperty("pointer").GetString().ShouldBe("e4");
        error.GetProperty("detail").GetString()!.ShouldContain("'corrected'");
        (await service.Send("GET", "/v1/policies/misspelt/versions/1", "dora", cancel: cancel)).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_gate_with_a_gap_is_drafted_and_the_version_says_so()
    {
        var cancel = TestContext.Current.CancellationToken;
        var gate = System.Text.RegularExpressions.Regex.Replace(
            await RunningService.Sample("gate.dmn", cancel), "<rule id=\"otherwise\">.*?</rule>", "", System.Text.RegularExpressions.RegexOptions.Singleline | System.Text.RegularExpressions.RegexOptions.NonBacktracking);
        (await Draft("gapped", gate, cancel)).Status.ShouldBe(201);
        var version = await service.Send("GET", "/v1/policies/gapped/versions/1", "dora", cancel: cancel);
        version.Json.GetProperty("findings").EnumerateArray().ShouldContain(f => f.GetProperty("rule").GetString() == "table.gap" && f.GetProperty("remedy").GetString()!.Length > 10);
    }

    private async Task<Got> Draft(string key, string gate, CancellationToken cancel)
    {
        await service.Start(cancel);
        var body = JsonSerializer.Serialize(new { document = await RunningService.Sample("policy.json", cancel), gate, note = "a draft" });
        return await service.Send("POST", $"/v1/policies/{key}/versions", "dora", body, cancel: cancel);
    }
}
