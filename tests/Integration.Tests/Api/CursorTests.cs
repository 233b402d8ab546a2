using System.Text.Json;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>Walking lists while they grow, and cursors that are not what they were.</summary>
public sealed class CursorTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/keys", "/v1/keys", """{"name":"walk","roles":["auditor"]}""")]
    [InlineData("/v1/instances?process=approval", "/v1/instances", """{"process":"approval"}""")]
    [InlineData("/v1/tasks?process=approval", "/v1/instances", """{"process":"approval"}""")]
    [InlineData("/v1/webhooks", "/v1/webhooks", """{"url":"https://partner.example/walk","eventTypes":["walk.happened"]}""")]
    public async Task A_walk_while_the_list_grows_shows_none_twice_and_misses_none(string list, string make, string body)
    {
        await service.Start(Cancel);
        // Many at once, so that several are of one commit and of one time.
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Make(make, body)));
        var whole = new List<string>();
        // The list of instances is a read model: what was made is in it a moment later.
        await Eventually.Holds(async () =>
        {
            whole.Clear();
            await Walk(list, 200, whole, null);
            return whole.Count >= 20;
        }, $"the twenty made are listed at {list}");
        whole.ShouldBeUnique();
        foreach (var limit in (int[])[1, 3])
        {
            var seen = new List<string>();
            var pages = 0;
            await Walk(list, limit, seen, () => pages++ % 5 == 0 ? Make(make, body) : Task.CompletedTask);
            seen.ShouldBeUnique();
            whole.Except(seen, StringComparer.Ordinal).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_cursor_opens_its_own_list_of_its_own_tenant_with_its_own_filters_only()
    {
        await service.Start(Cancel);
        foreach (var who in (string[])["dora", "gus"])
        {
            for (var i = 0; i < 2; i++)
                (await service.Send("POST", "/v1/keys", who, """{"name":"cursor","roles":["auditor"]}""", cancel: Cancel)).Status.ShouldBe(201);
        }

        var cursor = (await service.Send("GET", "/v1/keys?limit=1", "dora", cancel: Cancel)).Json.GetProperty("next").GetString()!;
        (await service.Send("GET", $"/v1/keys?limit=1&cursor={cursor}", "dora", cancel: Cancel)).Status.ShouldBe(200);
        (await service.Send("GET", $"/v1/keys?limit=100&cursor={cursor}", "dora", cancel: Cancel)).Status.ShouldBe(200, "the size of a page may change on the way");
        var foreign = new List<(string Path, string Who)> { ($"/v1/keys?cursor={cursor}", "gus"), ($"/v1/keys?cursor={cursor}&process=invoice", "dora"), ($"/v1/keys/?cursor={cursor}", "dora") };
        foreign.AddRange(service.Operations.Where(o => o.IsList && o.Path != "/v1/keys").Select(o => ($"{o.Somewhere(service.Acme.GetValueOrDefault(o.Path.Split('/')[2]))}?cursor={cursor}", "dora")));
        // Every place of it, one bit changed; and it cut and lengthened.
        foreign.AddRange(Enumerable.Range(0, cursor.Length).Select(i => ($"/v1/keys?cursor={Uri.EscapeDataString($"{cursor[..i]}{(cursor[i] == 'A' ? 'g' : 'A')}{cursor[(i + 1)..]}")}", "dora")));
        foreign.AddRange([($"/v1/keys?cursor={cursor[..^1]}", "dora"), ($"/v1/keys?cursor={cursor}A", "dora"), ($"/v1/keys?cursor={cursor}{cursor}", "dora")]);
        var wrong = new List<string>();
        foreach (var (path, who) in foreign)
        {
            var got = await service.Send("GET", path, who, cancel: Cancel);
            if (got.Status != 400 || ProblemRules.Broken(got) is not null || got.Json.GetProperty("code").GetString() != "request.cursor_invalid")
                wrong.Add($"{path}: {got.Status} {got.Body}");
        }

        wrong.ShouldBeEmpty();
    }

    private async Task Make(string path, string body) => (await service.Send("POST", path, "dora", body, cancel: Cancel)).Status.ShouldBeOneOf(201, 202);

    private async Task Walk(string list, int limit, List<string> seen, Func<Task>? between)
    {
        string? cursor = null;
        do
        {
            var page = await service.Send("GET", $"{list}{(list.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit={limit}{(cursor is null ? "" : "&cursor=" + cursor)}", "dora", cancel: Cancel);
            page.Status.ShouldBe(200, page.Body);
            seen.AddRange(page.Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            cursor = page.Json.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.String ? next.GetString() : null;
            if (between is not null)
                await between();
        }
        while (cursor is not null);
    }
}
