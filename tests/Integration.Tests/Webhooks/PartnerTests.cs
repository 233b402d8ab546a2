using System.Globalization;
using System.Net;
using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Incidents;
using Countersign.Client.Instances;
using Countersign.Client.Tasks;
using Countersign.Client.Webhooks;
using Countersign.Integration.Tests.Api;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Services;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Webhooks;

/// <summary>The whole way, with the service as a process: a partner subscribes over the API, an invoice case runs to its end, the partner's receiver is told.</summary>
public sealed class PartnerTests(PartnerTests.Own own) : IClassFixture<PartnerTests.Own>
{
    private readonly RunningService service = own.Service;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_partner_is_told_of_a_booked_invoice_once_with_a_signature_it_can_check_and_can_ask_for_it_again()
    {
        await service.Start(Cancel);
        await using var receiver = await EffectReceiver.StartAsync(Cancel);
        var refused = 0;
        receiver.Answer = d => d.Body.Contains("invoice.booked", StringComparison.Ordinal) && Interlocked.Increment(ref refused) == 1 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK;
        var dora = service.Act("dora");
        var created = await dora.Webhooks.CreateAsync(new CreateWebhookEndpointRequest(receiver.Address.AbsoluteUri, ["invoice.booked", "invoice.decided"], "The ERP"), cancellationToken: Cancel);
        created.Secret.ShouldStartWith("whsec_");

        var instance = await RunInvoice(0);

        var booked = receiver.Deliveries.Where(d => d.Body.Contains("invoice.booked", StringComparison.Ordinal)).ToList();
        booked.Count.ShouldBe(2, "refused once, then taken");
        booked.Select(d => (d.EffectId, d.Headers["webhook-id"], d.Body)).Distinct().ShouldHaveSingleItem("a repeat is the same message");
        var decided = receiver.Deliveries.Where(d => d.Body.Contains("invoice.decided", StringComparison.Ordinal)).ShouldHaveSingleItem();
        decided.EffectId.ShouldNotBe(booked[0].EffectId);
        foreach (var delivery in receiver.Deliveries)
        {
            StandardWebhook.IsAuthentic(created.Secret, delivery).ShouldBeTrue();
            StandardWebhook.IsAuthentic("whsec_" + Convert.ToBase64String(new byte[32]), delivery).ShouldBeFalse();
            StandardWebhook.AgeOf(delivery, TimeProvider.System.GetUtcNow()).ShouldBeInRange(TimeSpan.FromSeconds(-5), TimeSpan.FromMinutes(5));
            delivery.EffectId.ShouldBe(delivery.Headers["webhook-id"]);
            delivery.Headers["Content-Type"].ShouldStartWith("application/cloudevents+json");
            CloudEvent(delivery.Body, instance);
        }

        await SeenAndSentAgain(dora, created, receiver);
        await Remove(dora, created.Endpoint.Id);
    }

    [Fact]
    public async Task A_receiver_that_is_gone_is_switched_off_and_everybody_who_must_know_can_see_it()
    {
        await service.Start(Cancel);
        await using var receiver = await EffectReceiver.StartAsync(Cancel);
        var gone = true;
        receiver.Answer = _ => gone ? HttpStatusCode.Gone : HttpStatusCode.OK;
        var dora = service.Act("dora");
        var created = await dora.Webhooks.CreateAsync(new CreateWebhookEndpointRequest(receiver.Address.AbsoluteUri, ["invoice.decided"]), cancellationToken: Cancel);

        var instance = await StartInvoice(1);
        await Eventually.Holds(async () => await Answered(instance) && (await dora.Webhooks.GetAsync(created.Endpoint.Id, Cancel)).Status == WebhookEndpointStatus.Disabled, "the endpoint is off");

        var off = await dora.Webhooks.GetAsync(created.Endpoint.Id, Cancel);
        off.DisabledBecause.ShouldNotBeNull().ShouldContain("410");
        var failed = await dora.Webhooks.ListDeliveriesAsync(new DeliveryFilter(off.Id), Cancel).SingleAsync(Cancel);
        (failed.Status, failed.Log.Single().Status).ShouldBe((DeliveryStatus.Failed, 410));
        (await Should.ThrowAsync<CountersignProblemException>(() => dora.Webhooks.ReplayAsync(failed.Id, cancellationToken: Cancel))).Problem.Type.ShouldEndWith("webhook.endpoint_off");
        var incident = (await service.Act("otto").Incidents.ListAsync(cancellationToken: Cancel).ToListAsync(Cancel)).Single(i => i.InstanceId == instance);

        gone = false;
        await dora.Webhooks.EnableAsync(off.Id, cancellationToken: Cancel);
        await service.Act("otto").Incidents.RetryAsync(incident.Id, new RetryIncidentRequest("The ERP is back."), cancellationToken: Cancel);
        await Eventually.Holds(async () => (await service.Act("ana").Instances.GetAsync(instance, Cancel)).Status == InstanceStatus.Completed, "the case goes on");
        receiver.Deliveries.Select(d => d.EffectId).Distinct().ShouldHaveSingleItem();
        await Remove(dora, off.Id);
    }

    [Fact]
    public async Task A_partner_hears_what_becomes_of_its_cases_once_each_and_nothing_personal()
    {
        await service.Start(Cancel);
        await using var receiver = await EffectReceiver.StartAsync(Cancel);
        var dora = service.Act("dora");
        var before = await StartInvoice(2);
        await Eventually.Holds(() => Answered(before), "a case before anybody listens", seconds: 60);
        var endpoint = (await dora.Webhooks.CreateAsync(new CreateWebhookEndpointRequest(receiver.Address.AbsoluteUri, ["instance.*", "task.created", "decision.recorded"]), cancellationToken: Cancel)).Endpoint;

        var (told, cancelled) = (await StartInvoice(3), (await dora.Instances.StartAsync(new StartInstanceRequest("approval", BusinessKey: "told-7"), cancellationToken: Cancel)).Id);
        await dora.Instances.CancelAsync(cancelled, new CancelInstanceRequest("Handed in by mistake."), cancellationToken: Cancel);
        await Eventually.Holds(() => Answered(told), "the case ends", seconds: 60);
        await Eventually.Holds(() => Task.FromResult(Types(told).Contains("instance.completed") && Types(cancelled).Contains("instance.cancelled")), "both ends are told", seconds: 60);

        Types(before).ShouldBeEmpty("an endpoint hears from its own time on");
        Types(told).ShouldBe(["instance.started", "instance.completed", "decision.recorded", .. Types(told).Where(t => t == "task.created")], ignoreOrder: true);
        Types(cancelled).ShouldBe(["instance.started", "task.created", "instance.cancelled"], ignoreOrder: true);
        receiver.Deliveries.Select(d => d.EffectId).ShouldBeUnique();
        using var last = JsonDocument.Parse(receiver.Deliveries.Single(d => d.Body.Contains("instance.cancelled", StringComparison.Ordinal)).Body);
        var data = last.RootElement.GetProperty("data");
        (data.GetProperty("instanceId").GetGuid(), data.GetProperty("process").GetString(), data.GetProperty("businessKey").GetString()).ShouldBe((cancelled, "approval", "told-7"));
        receiver.Deliveries.ShouldAllBe(d => !d.Body.Contains("mistake", StringComparison.Ordinal) && !d.Body.Contains("dora", StringComparison.Ordinal));
        await Remove(dora, endpoint.Id);

        List<string> Types(Guid instance) => [.. receiver.Deliveries.Where(d => d.Body.Contains(instance.ToString(), StringComparison.Ordinal))
            .Select(d => JsonDocument.Parse(d.Body).RootElement.GetProperty("type").GetString()!["com.countersign.".Length..^".v1".Length])];
    }

    [Theory]
    [InlineData("https://10.0.0.1/hooks")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("https://example.com:6379/")]
    [InlineData("ftp://example.com/")]
    [InlineData("https://user@example.com/")]
    public async Task An_address_inside_is_refused_with_a_sentence(string url)
    {
        await service.Start(Cancel);
        var error = await Should.ThrowAsync<CountersignProblemException>(() => service.Act("dora").Webhooks.CreateAsync(new CreateWebhookEndpointRequest(url, ["*"]), cancellationToken: Cancel));
        (error.Problem.Status, error.Problem.Type).ShouldBe((422, "urn:countersign:problem:webhook.url_refused"));
    }

    private static void CloudEvent(string body, Guid instance)
    {
        using var json = JsonDocument.Parse(body);
        var root = json.RootElement;
        root.GetProperty("specversion").GetString().ShouldBe("1.0");
        root.GetProperty("id").GetString().ShouldNotBeNullOrEmpty();
        root.GetProperty("source").GetString().ShouldStartWith("urn:countersign:");
        root.GetProperty("type").GetString().ShouldBeOneOf("com.countersign.invoice.booked.v1", "com.countersign.invoice.decided.v1");
        root.GetProperty("subject").GetString().ShouldBe(instance.ToString());
        DateTimeOffset.Parse(root.GetProperty("time").GetString()!, CultureInfo.InvariantCulture).Offset.ShouldBe(TimeSpan.Zero);
        root.GetProperty("datacontenttype").GetString().ShouldBe("application/json");
        root.GetProperty("data").GetProperty("invoiceNumber").GetString().ShouldNotBeNullOrEmpty();
    }

    private static async Task SeenAndSentAgain(CountersignClient dora, WebhookEndpointCreated created, EffectReceiver receiver)
    {
        var id = created.Endpoint.Id;
        var log = await dora.Webhooks.ListDeliveriesAsync(new DeliveryFilter(id), Cancel).ToListAsync(Cancel);
        log.Count.ShouldBe(2);
        var booked = log.Single(d => d.EventType == "com.countersign.invoice.booked.v1");
        booked.Log.Select(a => (a.Number, a.Status)).ShouldBe([(1, 500), (2, 200)]);
        (booked.Log[1].At - booked.Log[0].At).ShouldBeInRange(TimeSpan.FromSeconds(3.9), TimeSpan.FromSeconds(12));
        (log[0].CreatedAt - booked.CreatedAt).ShouldBeGreaterThan(TimeSpan.Zero, "the newest first");

        var rotated = await dora.Webhooks.RotateSecretAsync(id, cancellationToken: Cancel);
        rotated.Secret.ShouldNotBe(created.Secret);
        rotated.Endpoint.PreviousSecretUntil.ShouldNotBeNull();
        JsonSerializer.Serialize(await dora.Webhooks.GetAsync(id, Cancel)).ShouldNotContain("whsec_");
        JsonSerializer.Serialize(await dora.Webhooks.ListAsync(Cancel).ToListAsync(Cancel)).ShouldNotContain("whsec_");

        var before = receiver.Deliveries.Count;
        await dora.Webhooks.ReplayAsync(booked.Id, cancellationToken: Cancel);
        await Eventually.Holds(() => Task.FromResult(receiver.Deliveries.Count == before + 1), "the replay by id");
        var again = receiver.Deliveries.Last();
        again.EffectId.ShouldBe(booked.MessageId, "a receiver that knows the id takes it once");
        (StandardWebhook.IsAuthentic(created.Secret, again), StandardWebhook.IsAuthentic(rotated.Secret, again)).ShouldBe((true, true));

        var period = new ReplayDeliveriesRequest(booked.CreatedAt.AddMinutes(-5), booked.CreatedAt.AddMinutes(5), OnlyFailed: false);
        var options = new CallOptions { IdempotencyKey = Guid.NewGuid().ToString() };
        (await dora.Webhooks.ReplayRangeAsync(id, period, options, Cancel)).Queued.ShouldBe(2);
        (await dora.Webhooks.ReplayRangeAsync(id, period, options, Cancel)).Queued.ShouldBe(2, "the stored answer");
        await Eventually.Holds(() => Task.FromResult(receiver.Deliveries.Count == before + 3), "the replay of a period, once");
        (await dora.Webhooks.ReplayRangeAsync(id, period with { OnlyFailed = true }, cancellationToken: Cancel)).Queued.ShouldBe(0);
        receiver.Applied.Count.ShouldBe(2, "two effects, whatever was sent again");
    }

    // A later case would wait for a receiver that has left.
    private static async Task Remove(CountersignClient dora, Guid endpoint) => await dora.Webhooks.DeleteAsync(endpoint, (await dora.Webhooks.GetAsync(endpoint, Cancel)).Version, Cancel);

    private async Task<Guid> RunInvoice(int document)
    {
        var id = await StartInvoice(document);
        try
        {
            await Eventually.Holds(() => Answered(id), "the case ends", seconds: 60);
        }
        catch (TimeoutException late)
        {
            var history = await service.Act("ana").Instances.GetHistoryAsync(id, Cancel).Select(h => h.Sentence).ToListAsync(Cancel);
            throw new TimeoutException(late.Message + "\n" + string.Join('\n', history), late);
        }

        return id;
    }

    private async Task<Guid> StartInvoice(int number)
    {
        var ana = service.Act("ana");
        await Eventually.Holds(async () => (await service.Send("GET", "/v1/processes/invoice/versions/1", "dora", cancel: Cancel)).Status == 200, "the invoice pack is published", seconds: 90);
        var file = Directory.EnumerateFiles(RunningService.Samples()).Order(StringComparer.Ordinal).ElementAt(number);
        var type = Path.GetExtension(file) == ".pdf" ? "application/pdf" : "application/xml";
        var stored = await ana.Documents.UploadAsync(Path.GetFileName(file), type, await File.ReadAllBytesAsync(file, Cancel), cancellationToken: Cancel);
        var variables = new Dictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["document"] = JsonSerializer.SerializeToElement(new { id = stored.Id, name = stored.Name, mediaType = stored.MediaType, sha256 = stored.Sha256 }),
        };
        return (await ana.Instances.StartAsync(new StartInstanceRequest("invoice", variables), cancellationToken: Cancel)).Id;
    }

    // Whatever the policy asks of people, they say yes to: the first who may.
    private async Task<bool> Answered(Guid instance)
    {
        foreach (var login in new[] { "ben", "cleo" })
        {
            var person = service.Act(login);
            await foreach (var task in person.Tasks.ListAsync(new TaskFilter(Instance: instance), Cancel))
            {
                if (task.InstanceId == instance && (await person.Tasks.GetAsync(task.Id, Cancel)).Duties.All(d => !d.AppliesToCaller))
                    await person.Tasks.CompleteAsync(task.Id, new CompleteTaskRequest("approve"), cancellationToken: Cancel);
            }
        }

        var view = await service.Act("ana").Instances.GetAsync(instance, Cancel);
        return view.Status == InstanceStatus.Completed || view.WaitingFor.Any(w => w.Kind == WaitKind.Incident);
    }

    /// <summary>A service of their own: a partner of another test that never answers would hold up these cases.</summary>
    public sealed class Own : IAsyncDisposable
    {
        public RunningService Service { get; } = new();

        public ValueTask DisposeAsync() => Service.DisposeAsync();
    }
}
