using System.Globalization;
using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Instances;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>A history is told step by step, also where a page ends inside a run of steps that is stored as one fact.</summary>
public sealed class HistoryPageTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_of_any_size_tell_each_step_once_and_in_order()
    {
        await service.Start(Cancel);
        var scripts = string.Concat(Enumerable.Range(0, 9).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"""<bpmn:scriptTask id="t{i}"><bpmn:extensionElements><zeebe:script expression="={i}" resultVariable="v{i}"/></bpmn:extensionElements></bpmn:scriptTask><bpmn:sequenceFlow id="f{i}" sourceRef="{(i == 0 ? "s" : $"t{i - 1}")}" targetRef="t{i}"/>""")));
        var (otto, id) = await Case("historypages", TestProcesses.Process("historypages", $"""
            <bpmn:startEvent id="s"/>{scripts}<bpmn:userTask id="ask"/><bpmn:endEvent id="e"/>
            <bpmn:sequenceFlow id="x" sourceRef="t8" targetRef="ask"/><bpmn:sequenceFlow id="y" sourceRef="ask" targetRef="e"/>
            """));
        var whole = await Pages(id, 200);
        whole.Where(h => h.Type == "element.passed").Select(h => h.Element).ShouldBe(["s", .. Enumerable.Range(0, 9).Select(i => $"t{i}")]);
        whole.GroupBy(h => h.Version).Max(g => g.Count()).ShouldBeGreaterThan(10, "the run is stored as one fact");
        foreach (var size in new[] { 1, 2, 3, 7 })
            (await Pages(id, size)).ShouldBe(whole, $"pages of {size}");
        await otto.Instances.CancelAsync(id, new("done"), cancellationToken: Cancel);
    }

    private async Task<List<(long Version, string Type, string? Element, string Sentence)>> Pages(Guid id, int size)
    {
        var told = new List<(long, string, string?, string)>();
        string? next = null;
        do
        {
            var got = await service.Send("GET", string.Create(CultureInfo.InvariantCulture, $"/v1/instances/{id:D}/history?limit={size}{(next is null ? "" : "&cursor=" + Uri.EscapeDataString(next))}"), "tess", cancel: Cancel);
            got.Status.ShouldBe(200, got.Body);
            var items = got.Json.GetProperty("items").EnumerateArray().ToList();
            items.Count.ShouldBeLessThanOrEqualTo(size);
            told.AddRange(items.Select(i => (i.GetProperty("version").GetInt64(), i.GetProperty("type").GetString()!, i.TryGetProperty("elementId", out var e) ? e.GetString() : null, i.GetProperty("sentence").GetString()!)));
            next = got.Json.TryGetProperty("next", out var cursor) ? cursor.GetString() : null;
        }
        while (next is not null);
        return told;
    }

    private async Task<(CountersignClient Otto, Guid Id)> Case(string key, string bpmn)
    {
        await service.Act("dora").Processes.PublishAsync(new(bpmn, []), cancellationToken: Cancel);
        return (service.Act("otto"), (await service.Act("dora").Instances.StartAsync(new StartInstanceRequest(key, new Dictionary<string, JsonElement>(StringComparer.Ordinal)), cancellationToken: Cancel)).Id);
    }
}
