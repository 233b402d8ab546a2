using System.Text.Json;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>Every route with every role: allowed exactly where docs/reference/permissions.md says so.</summary>
public sealed class PermissionTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_role_may_call_what_the_page_says_and_nothing_else()
    {
        await service.Start(Cancel);
        var page = ReferencePages.ReadPermissions();
        page.Keys.Order(StringComparer.Ordinal).ShouldBe(service.Operations.Select(o => o.Name).Order(StringComparer.Ordinal));
        var callers = new Dictionary<string, string>(StringComparer.Ordinal) { ["any group"] = "ana", ["policy-approvers"] = "cleo" };
        foreach (var (title, roles, _) in ReferencePages.Columns.Where(c => c.Roles.Length > 0))
            callers[title] = await Key(roles);
        var wrong = new List<string>();
        foreach (var operation in service.Operations)
        {
            foreach (var (column, who) in callers)
            {
                using var request = operation.Request();
                var got = await service.Send(request, who, Cancel);
                // Who is in the approvers of policies is also in a group.
                var may = page[operation.Name].Contains(column);
                if ((got.Status == 403) == may || got.Status == 401 || ProblemRules.Broken(got) is not null || (!may && got.Json.GetProperty("code").GetString() != "permission.denied"))
                    wrong.Add($"{operation.Name} as {column}: {got.Status}, the page says {(may ? "yes" : "no")}: {got.Body}");
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refused_call_stands_in_the_trail_with_who_tried_what()
    {
        await service.Start(Cancel);
        var made = await service.Send("POST", "/v1/keys", "dora", """{"name":"curious","roles":["auditor"]}""", cancel: Cancel);
        var (id, secret) = (made.Json.GetProperty("key").GetProperty("id").GetGuid(), made.Json.GetProperty("secret").GetString()!);
        (await service.Send("POST", "/v1/instances", secret, """{"process":"approval"}""", cancel: Cancel)).Status.ShouldBe(403);
        JsonElement? cursor = null;
        await Eventually.Holds(
            async () =>
            {
                var page = (await service.Send("GET", "/v1/trail/entries?limit=200" + (cursor is { } c ? "&cursor=" + c.GetString() : ""), "tess", cancel: Cancel)).Json;
                var found = page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("record").GetRawText())
                    .Any(r => r.Contains($"access/{id:N}", StringComparison.Ordinal));
                if (!found && page.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.String)
                    cursor = next;
                return found;
            },
            "the refused attempt in the trail");
    }

    private async Task<string> Key(string[] roles) =>
        (await service.Send("POST", "/v1/keys", "dora", JsonSerializer.Serialize(new { name = "matrix", roles }), cancel: Cancel)).Json.GetProperty("secret").GetString()!;
}
