using System.Text.Json;
using Countersign.Domain.Exports;
using Countersign.Domain.Keys;
using Countersign.Domain.Tenants;
using Countersign.Integration.Tests.Instances;
using Countersign.Projections.Store;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>G58: every act that matters to security leaves a fact that names tenant and actor. The list of facts comes from the code: a new one without an act here fails.</summary>
public sealed class SecurityEventTests(RunningService service)
{
    /// <summary>Families of facts about who may do what and who took what.</summary>
    private static readonly Type[] Families = [typeof(IAccessEvent), typeof(IKeyEvent), typeof(IMemberEvent), typeof(IExportEvent)];

    /// <summary>Facts that no call makes at will, and the test that holds each.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new(StringComparer.Ordinal)
    {
        ["export.failed"] = nameof(Exports.ExportNodeTests),
        ["export.expired"] = nameof(Exports.ExportWorkTests),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task G58_every_kind_of_security_fact_is_made_by_its_act()
    {
        await service.Start(Cancel);
        var acts = Acts();
        var kinds = EventAliases.All.Where(a => Families.Any(f => a.Key.IsAssignableTo(f))).Select(a => a.Value).ToList();
        kinds.Except(acts.Keys).Except(Elsewhere.Keys).ShouldBeEmpty("a kind of security fact has no act in this test");
        acts.Keys.Concat(Elsewhere.Keys).Except(kinds).ShouldBeEmpty();
        foreach (var act in acts.Values.Distinct())
            await act();

        var seen = new List<JsonElement>();
        await Eventually.Holds(
            async () =>
            {
                seen = await Trail();
                return acts.Keys.All(k => seen.Any(e => e.GetProperty("type").GetString() == k));
            },
            "all acts are in the trail");
        foreach (var entry in seen.Where(e => acts.ContainsKey(e.GetProperty("type").GetString()!)))
        {
            entry.GetProperty("tenant").GetString().ShouldBe("acmefinance");
            entry.GetProperty("actor").GetString().ShouldNotBeNullOrEmpty(entry.ToString());
            entry.GetProperty("time").GetString().ShouldNotBeNullOrEmpty();
        }

        // Refusals carry what was refused, sign-ins whose they were: the streams are those of the actors.
        seen.ShouldContain(e => e.GetProperty("type").GetString() == "access.denied" && e.GetProperty("stream").GetString()!.StartsWith("access/ana", StringComparison.Ordinal));
        seen.ShouldContain(e => e.GetProperty("type").GetString() == "access.signed_in" && e.GetProperty("stream").GetString()!.StartsWith("access/", StringComparison.Ordinal));
    }

    private Dictionary<string, Func<Task>> Acts()
    {
        Func<Task> key = KeyLife, export = ExportLife;
        return new(StringComparer.Ordinal)
        {
            ["access.denied"] = async () => (await service.Send("POST", "/v1/keys", "ana", """{"name":"mine","roles":["admin"]}""", cancel: Cancel)).Status.ShouldBe(403),
            ["access.signed_in"] = async () => (await service.Send("GET", "/v1/me", "tess", cancel: Cancel)).Status.ShouldBe(200),
            ["access.signed_out"] = () => service.SignOut("otto", Cancel),
            ["key.made"] = key,
            ["key.replaced"] = key,
            ["key.revoked"] = key,
            ["member.added"] = () => Task.CompletedTask,
            ["member.changed"] = async () => (await service.Send("PUT", "/v1/members/otto-acme", "dora", """{"roles":["operator"],"groups":["security-test"],"active":true,"reason":"test"}""", cancel: Cancel)).Status.ShouldBeOneOf(200, 412),
            ["export.requested"] = export,
            ["export.begun"] = export,
            ["export.completed"] = export,
            ["export.downloaded"] = export,
        };
    }

    private async Task KeyLife()
    {
        var made = (await service.Send("POST", "/v1/keys", "dora", """{"name":"short","roles":["integrator"]}""", cancel: Cancel)).Json.GetProperty("key").GetProperty("id").GetString();
        var next = await service.Send("POST", $"/v1/keys/{made}/rotate", "dora", """{"overlapHours":1}""", cancel: Cancel);
        next.Status.ShouldBe(201, next.Body);
        (await service.Send("POST", $"/v1/keys/{made}/revoke", "dora", "{}", cancel: Cancel)).Status.ShouldBe(200);
    }

    private async Task ExportLife()
    {
        var asked = await service.Send("POST", "/v1/exports", "tess", """{"from":"2026-01-01T00:00:00Z","before":"2199-01-01T00:00:00Z","purpose":"security test"}""", cancel: Cancel);
        asked.Status.ShouldBe(201, asked.Body);
        var id = asked.Json.GetProperty("id").GetString();
        try
        {
            await Eventually.Holds(
                async () =>
                {
                    var export = (await service.Send("GET", $"/v1/exports/{id}", "tess", cancel: Cancel)).Json;
                    export.GetProperty("status").GetString().ShouldNotBe("failed", export.ToString());
                    return export.GetProperty("status").GetString() == "ready";
                },
                "the export is ready",
                90);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}: {(await service.Send("GET", "/v1/exports", "tess", cancel: Cancel)).Body}{Environment.NewLine}{service.Output}", e);
        }

        (await service.Send("GET", $"/v1/exports/{id}/content", "tess", cancel: Cancel)).Status.ShouldBe(200);
    }

    private async Task<List<JsonElement>> Trail()
    {
        var entries = new List<JsonElement>();
        string? next = null;
        do
        {
            var page = (await service.Send("GET", $"/v1/trail/entries?limit=200{(next is null ? "" : "&cursor=" + Uri.EscapeDataString(next))}", "tess", cancel: Cancel)).Json;
            entries.AddRange(page.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("record")).Where(r => r.GetProperty("kind").GetString() == "event"));
            next = page.TryGetProperty("next", out var more) ? more.GetString() : null;
        }
        while (next is not null);
        return entries;
    }
}
