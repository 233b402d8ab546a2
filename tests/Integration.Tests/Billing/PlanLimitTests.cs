using System.Net;
using System.Text;
using Countersign.Client;
using Countersign.Client.Instances;
using Countersign.Client.Processes;
using Countersign.Client.Tasks;
using Countersign.Client.Usage;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Services;
using Shouldly;
using Stripe;
using Xunit;

namespace Countersign.Integration.Tests.Billing;

/// <summary>A plan's limit on the running service: new starts are refused, and no work is lost.</summary>
public sealed class PlanLimitTests
{
    [Fact]
    public async Task At_the_limit_new_starts_are_refused_and_everything_else_goes_on()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var plans = Path.Combine(folder.Path, "plans.json");
        await System.IO.File.WriteAllTextAsync(plans, """
            [{"key":"small","name":"Small","summary":"Two cases.","casesPerMonth":2,"pricePerCase":0,"currency":"EUR"},
             {"key":"business","name":"Business","summary":"Per case.","casesPerMonth":null,"pricePerCase":0.45,"currency":"EUR"}]
            """, cancel);
        await using var service = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Countersign__DataFolder"] = Path.Combine(folder.Path, "data"),
            ["Countersign__Billing__Plans"] = plans,
            ["Countersign__Billing__DefaultPlan"] = "small",
            ["Countersign__Stripe__WebhookSecret"] = BillingHost.Secret,
        });
        using var http = new HttpClient { BaseAddress = service.Address };
        await service.StartAsync(http, TimeSpan.FromMinutes(2), cancel);
        var dora = new DemoPerson(service.Address, "dora").Act();
        var ben = new DemoPerson(service.Address, "ben").Act();
        await dora.Processes.PublishAsync(new PublishProcessRequest(TestProcesses.Approval), cancellationToken: cancel);
        await dora.Usage.ChoosePlanAsync(new ChoosePlanRequest("small", "We try it first"), cancellationToken: cancel);
        var first = await dora.Instances.StartAsync(new StartInstanceRequest("approval"), options: new CallOptions("the-first-start"), cancellationToken: cancel);
        var second = await dora.Instances.StartAsync(new StartInstanceRequest("approval"), cancellationToken: cancel);
        await dora.Instances.SuspendAsync(second.Id, new SuspendInstanceRequest("To see whether it counts"), cancellationToken: cancel);
        await Eventually.Holds(async () => await dora.Instances.ListAsync(new InstanceFilter(Status: InstanceStatus.Suspended), cancel).AnyAsync(cancel), "one is suspended");
        await Eventually.Holds(async () => (await dora.Usage.GetAsync(cancellationToken: cancel)) is { Open: 2, MayStart: false }, "two cases are open, suspended or not");

        var refused = await Should.ThrowAsync<CountersignProblemException>(() => dora.Instances.StartAsync(new StartInstanceRequest("approval"), cancellationToken: cancel));
        refused.Problem.Status.ShouldBe(402);
        refused.Problem.Type.ShouldBe("urn:countersign:problem:plan.limit_reached");
        refused.Problem.Detail.ShouldNotBeNull().ShouldContain("What is open goes on");
        (await dora.Instances.StartAsync(new StartInstanceRequest("approval"), options: new CallOptions("the-first-start"), cancellationToken: cancel)).Id.ShouldBe(first.Id);
        var file = Encoding.UTF8.GetBytes("<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\"/>");
        (await dora.Documents.UploadAsync("later.xml", "application/xml", file, cancellationToken: cancel)).Size.ShouldBe(file.Length);
        var task = (await ben.Tasks.ListPageAsync(new TaskFilter(), 10, null, cancel)).Items.First(t => t.InstanceId == first.Id);
        await ben.Tasks.ClaimAsync(task.Id, cancellationToken: cancel);
        await ben.Tasks.CompleteAsync(task.Id, new CompleteTaskRequest("complete"), cancellationToken: cancel);

        await Eventually.Holds(async () => (await dora.Usage.GetAsync(cancellationToken: cancel)) is { Completed: 1, Open: 1 }, "the case is a line of the ledger");
        var line = (await dora.Usage.ListLinesAsync(cancellationToken: cancel).ToListAsync(cancel)).ShouldHaveSingleItem();
        line.InstanceId.ShouldBe(first.Id);
        var leaf = (await dora.Trail.ListEntriesPageAsync(line.Leaf, 1, null, cancel)).Items.ShouldHaveSingleItem();
        leaf.Index.ShouldBe(line.Leaf);
        leaf.Record.GetRawText().ShouldContain("instance.completed");
        await dora.Usage.ChoosePlanAsync(new ChoosePlanRequest("business", "It works"), cancellationToken: cancel);
        await dora.Instances.StartAsync(new StartInstanceRequest("approval"), cancellationToken: cancel);
        (await dora.Usage.ListPlansAsync(cancel).Where(p => p.Current).ToListAsync(cancel)).ShouldHaveSingleItem().Key.ShouldBe("business");
        var unknown = await Should.ThrowAsync<CountersignProblemException>(() => dora.Usage.ChoosePlanAsync(new ChoosePlanRequest("gold", "Why not"), cancellationToken: cancel));
        unknown.Problem.Type.ShouldBe("urn:countersign:problem:plan.unknown");
        await Hook(http, cancel);
    }

    private static async Task Hook(HttpClient http, CancellationToken cancel)
    {
        const string body = """{"id":"evt_1","object":"event","api_version":"2025-01-01.acacia","created":1,"livemode":false,"type":"customer.updated","data":{"object":{"id":"cus_1","object":"customer"}}}""";
        (await Send(http, body, EventUtility.GenerateSignatureHeader(body, BillingHost.Secret, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()), cancel)).ShouldBe(HttpStatusCode.OK);
        (await Send(http, body, EventUtility.GenerateSignatureHeader(body, BillingHost.Secret, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()), cancel)).ShouldBe(HttpStatusCode.OK);
        (await Send(http, body, "t=1,v1=00", cancel)).ShouldBe(HttpStatusCode.BadRequest);
        (await Send(http, new string('x', 300 * 1024), "t=1,v1=00", cancel)).ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    private static async Task<HttpStatusCode> Send(HttpClient http, string body, string signature, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "hooks/stripe") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Stripe-Signature", signature);
        using var answer = await http.SendAsync(request, cancel);
        return answer.StatusCode;
    }
}
