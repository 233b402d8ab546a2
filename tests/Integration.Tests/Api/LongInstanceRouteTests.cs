using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Instances;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>What an operator does about a very long case, over HTTP, and each way in which it is refused.</summary>
public sealed class LongInstanceRouteTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_raises_the_limit_of_one_case_and_its_view_says_so()
    {
        var (otto, id) = await Case("longraise");
        (await otto.Instances.GetAsync(id, Cancel)).Growth.ShouldBeNull("it is far from any limit");
        var raised = await otto.Instances.RaiseLimitAsync(id, new(60_000, "nearly done"), cancellationToken: Cancel);
        raised.Growth.ShouldNotBeNull();
        (raised.Growth.Limit, raised.Growth.Near, raised.Growth.Most, raised.Growth.Facts).ShouldBe((60_000, false, 90_000, (int)raised.Version));
        (await otto.Instances.RaiseLimitAsync(id, new(60_000, "again"), cancellationToken: Cancel)).Version.ShouldBe(raised.Version, "twice adds nothing");
        (await otto.Instances.GetHistoryAsync(id, Cancel).ToListAsync(Cancel))[^1].Sentence.ShouldBe("otto-acme raised the instance's limit from 50000 to 60000 facts: nearly done");
        // Nothing is near its limit, and the filter says so; that it finds what is near, the summary's own test shows.
        (await otto.Instances.ListAsync(new InstanceFilter("longraise", NearLimit: true), Cancel).ToListAsync(Cancel)).ShouldBeEmpty();

        await Refused(422, "instance.limit_range", "Name a number above 60000 and up to 90000", () => otto.Instances.RaiseLimitAsync(id, new(55_000, "x"), cancellationToken: Cancel));
        await Refused(422, "instance.limit_range", "up to 90000", () => otto.Instances.RaiseLimitAsync(id, new(90_001, "x"), cancellationToken: Cancel));
        await Refused(422, "instance.limit_range", "up to 90000", () => otto.Instances.RaiseLimitAsync(id, new(-1, "x"), cancellationToken: Cancel));
        await Refused(422, "request.invalid", "reason", () => otto.Instances.RaiseLimitAsync(id, new(70_000, " "), cancellationToken: Cancel));
        await Refused(403, "permission.denied", "", () => service.Act("ana").Instances.RaiseLimitAsync(id, new(70_000, "x"), cancellationToken: Cancel));
        await Refused(404, "resource.not_found", "", () => service.Act("gus").Instances.RaiseLimitAsync(id, new(70_000, "x"), cancellationToken: Cancel));
        await otto.Instances.CancelAsync(id, new("done"), cancellationToken: Cancel);
        await Refused(409, "instance.ended", "Start a new one", () => otto.Instances.RaiseLimitAsync(id, new(70_000, "x"), cancellationToken: Cancel));
    }

    private static async Task Refused(int status, string code, string says, Func<Task> act)
    {
        var problem = (await Should.ThrowAsync<CountersignProblemException>(act)).Problem;
        (problem.Status, problem.Code).ShouldBe((status, code), problem.Detail);
        problem.Detail.ShouldNotBeNull().ShouldContain(says);
    }

    private async Task<(CountersignClient Otto, Guid Id)> Case(string key, string bpmn)
    {
        await service.Start(Cancel);
        await service.Act("dora").Processes.PublishAsync(new(bpmn, []), cancellationToken: Cancel);
        return (service.Act("otto"), (await service.Act("dora").Instances.StartAsync(new StartInstanceRequest(key, new Dictionary<string, JsonElement>(StringComparer.Ordinal)), cancellationToken: Cancel)).Id);
    }

    private Task<(CountersignClient Otto, Guid Id)> Case(string key) => Case(key, TestProcesses.Again.Replace("\"again\"", $"\"{key}\"", StringComparison.Ordinal));
}
