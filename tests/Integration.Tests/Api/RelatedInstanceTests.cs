using System.Text.Json;
using Countersign.Client.Instances;
using Countersign.Client.Processes;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>From an instance to those that work for it and back, over HTTP.</summary>
public sealed class RelatedInstanceTests(RunningService service)
{
    [Fact]
    public async Task A_large_multi_instance_names_its_parts_and_they_name_it()
    {
        var cancel = TestContext.Current.CancellationToken;
        await service.Start(cancel);
        await service.Act("dora").Processes.PublishAsync(new PublishProcessRequest(TestProcesses.ManyJobs.Replace("\"many-jobs\"", "\"manyparts\"", StringComparison.Ordinal).Replace("bank:work", "manyparts:work", StringComparison.Ordinal)), cancellationToken: cancel);
        var otto = service.Act("otto");
        var variables = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["many"] = JsonSerializer.SerializeToElement(1_001) };
        var whole = await service.Act("ana").Instances.StartAsync(new StartInstanceRequest("manyparts", variables), cancellationToken: cancel);
        whole.ParentId.ShouldBeNull();
        whole.Called!.Select(c => (c.ElementId, c.ProcessKey, c.Failed, c.From, c.Count)).ShouldBe([("work", "manyparts", false, 1, 1_000), ("work", "manyparts", false, 1_001, 1)]);

        var last = whole.Called![1].InstanceId;
        // A part that had not begun would not begin any more once the whole is cancelled.
        await Eventually.Holds(async () => (await otto.Instances.ListAsync(new InstanceFilter("manyparts"), cancel).ToListAsync(cancel)).Count == 3, "both parts run");
        (await otto.Instances.GetAsync(last, cancel)).ParentId.ShouldBe(whole.Id);
        await otto.Instances.CancelAsync(last, new("wrong"), cancellationToken: cancel);
        await Eventually.Holds(async () => (await otto.Instances.GetAsync(whole.Id, cancel)).Called!.Any(c => c.InstanceId == last && c.Failed), "the whole says which part failed");
        await otto.Instances.CancelAsync(whole.Id, new("seen"), cancellationToken: cancel);
        await Eventually.Holds(async () => (await otto.Instances.GetAsync(whole.Called![0].InstanceId, cancel)).Status == InstanceStatus.Cancelled, "the other part ends with it");
    }
}
