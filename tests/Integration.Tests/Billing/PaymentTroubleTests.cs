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

/// <summary>A payment that fails, on the running service: what the tenant sees, what is refused, and all that is not.</summary>
public sealed class PaymentTroubleTests
{
    [Fact]
    public async Task An_overdue_payment_and_an_ended_subscription_refuse_new_starts_only_and_say_what_to_do()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using var stripe = await FakeStripe.StartAsync(cancel);
        var plans = Path.Combine(folder.Path, "plans.json");
        await System.IO.File.WriteAllTextAsync(plans, """
            [{"key":"small","name":"Small","summary":"One case.","casesPerMonth":1,"pricePerCase":0,"currency":"EUR"},
             {"key":"business","name":"Business","summary":"Per case.","casesPerMonth":null,"pricePerCase":0.45,"currency":"EUR"}]
            """, cancel);
        await using var service = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Countersign__DataFolder"] = Path.Combine(folder.Path, "data"),
            ["Countersign__Billing__Plans"] = plans,
            ["Countersign__Billing__DefaultPlan"] = "small",
            ["Countersign__Billing__GraceDays"] = "0",
            ["Countersign__Billing__StripePrices__business"] = BillingHost.Price,
            ["Countersign__Stripe__ApiKey"] = FakeStripe.Key,
            ["Countersign__Stripe__ApiBase"] = stripe.Address.AbsoluteUri,
            ["Countersign__Stripe__WebhookSecret"] = BillingHost.Secret,
        });
        using var http = new HttpClient { BaseAddress = service.Address };
        await service.StartAsync(http, TimeSpan.FromMinutes(2), cancel);
        var dora = new DemoPerson(service.Address, "dora").Act();
        var ben = new DemoPerson(service.Address, "ben").Act();
        await dora.Processes.PublishAsync(new PublishProcessRequest(TestProcesses.Approval), cancellationToken: cancel);
        var open = await dora.Instances.StartAsync(new StartInstanceRequest("approval"), cancellationToken: cancel);
        await dora.Instances.StartAsync(new StartInstanceRequest("approval"), cancellationToken: cancel);
        FakeSubscription? mine = null;
        await Eventually.Holds(() => Task.FromResult((mine = stripe.Subscriptions.Values.FirstOrDefault(s => stripe.Customers[s.Customer] == "acmefinance")) is not null), "the tenant is subscribed", 60);

        await Tell(stripe, http, mine! with { Status = "past_due" }, cancel);
        await Eventually.Holds(async () => (await dora.Usage.GetAsync(cancellationToken: cancel)) is { Payment.Status: "limited", MayStart: false, Open: 2 }, "the payment is overdue", 60);
        await Refused(dora, "plan.payment_overdue", "Pay the open invoice", cancel);
        // Nothing else is: what is open is finished, documents are taken, the trail is read.
        (await dora.Documents.UploadAsync("later.xml", "application/xml", Encoding.UTF8.GetBytes("<Invoice/>"), cancellationToken: cancel)).Size.ShouldBe(10);
        var task = (await ben.Tasks.ListPageAsync(new TaskFilter(), 10, null, cancel)).Items.First(t => t.InstanceId == open.Id);
        await ben.Tasks.ClaimAsync(task.Id, cancellationToken: cancel);
        await ben.Tasks.CompleteAsync(task.Id, new CompleteTaskRequest("complete"), cancellationToken: cancel);
        await Eventually.Holds(() => Task.FromResult(stripe.Meter.Count == 1), "what was completed is told to Stripe all the same", 60);
        (await dora.Trail.ListEntriesPageAsync(0, 5, null, cancel)).Items.ShouldNotBeEmpty();

        await Tell(stripe, http, mine, cancel);
        await Eventually.Holds(async () => (await dora.Usage.GetAsync(cancellationToken: cancel)) is { Payment: null, MayStart: true }, "it was paid", 60);
        await dora.Instances.StartAsync(new StartInstanceRequest("approval"), cancellationToken: cancel);

        await Tell(stripe, http, mine with { Status = "canceled", EndedAt = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() }, cancel);
        await Eventually.Holds(async () => (await dora.Usage.GetAsync(cancellationToken: cancel)) is { Payment: { Status: "ended", Plan: "business" }, Plan.Key: "small" }, "the subscription ended", 60);
        await Refused(dora, "plan.limit_reached", "choose a plan", cancel);
        stripe.Subscriptions.Values.Count(s => s.Customer == mine.Customer).ShouldBe(1);
        await dora.Usage.ChoosePlanAsync(new ChoosePlanRequest("business", "The card works again"), cancellationToken: cancel);
        await dora.Instances.StartAsync(new StartInstanceRequest("approval"), cancellationToken: cancel);
        await Eventually.Holds(() => Task.FromResult(stripe.Subscriptions.Values.Count(s => s.Customer == mine.Customer && s.Status == "active") == 1), "the newer choice has a subscription", 60);
        stripe.Faults.ShouldBeEmpty();
    }

    private static async Task Refused(CountersignClient person, string code, string remedy, CancellationToken cancel)
    {
        var refused = await Should.ThrowAsync<CountersignProblemException>(() => person.Instances.StartAsync(new StartInstanceRequest("approval"), cancellationToken: cancel));
        refused.Problem.Status.ShouldBe(402);
        refused.Problem.Type.ShouldBe("urn:countersign:problem:" + code);
        refused.Problem.Detail.ShouldNotBeNull().ShouldContain(remedy);
        refused.Problem.Detail.ShouldContain("What is open goes on");
    }

    private static async Task Tell(FakeStripe stripe, HttpClient http, FakeSubscription now, CancellationToken cancel)
    {
        stripe.Subscriptions[now.Id] = now;
        var body = $$$"""{"id":"evt_{{{now.Status}}}","object":"event","api_version":"2025-01-01.acacia","created":1,"livemode":false,"type":"customer.subscription.updated","data":{"object":{{{now.Json}}}}}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "hooks/stripe") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Stripe-Signature", EventUtility.GenerateSignatureHeader(body, BillingHost.Secret, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
        using var answer = await http.SendAsync(request, cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
