using System.Net;
using Countersign.Domain.Webhooks;
using Countersign.TestKit.Databases;
using Countersign.TestKit.Services;
using Countersign.Workers.Webhooks;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Webhooks;

/// <summary>What the sender does with receivers that misbehave, and over days. The clock is the test's; the connections are real.</summary>
public sealed class DeliveryTests(PostgresFixture postgres)
{
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10),
        TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    private static readonly WebhookOptions Hasty = new() { AllowLoopback = true, Timeout = TimeSpan.FromMilliseconds(400) };

    [Fact]
    public async Task An_endpoint_that_always_fails_is_tried_ten_times_over_three_days_under_one_id_and_then_no_more()
    {
        await using var receiver = await EffectReceiver.StartAsync(TestContext.Current.CancellationToken);
        receiver.Answer = _ => HttpStatusCode.InternalServerError;
        await using var host = await SenderHost.Start(postgres);
        var (endpoint, secret) = await host.Endpoint(receiver.Address, "invoice.booked");
        var id = await host.Deliver(endpoint);

        (await host.Send()).ShouldBe(1);
        foreach (var pause in Pauses)
        {
            var delivery = await host.Delivery(id);
            delivery.Status.ShouldBe("pending");
            var wait = delivery.DueAt!.Value - host.Clock.GetUtcNow();
            wait.ShouldBeInRange(pause * 0.8, pause * 1.2, $"after attempt {delivery.Attempts}");
            host.Clock.Advance(wait - TimeSpan.FromMilliseconds(1));
            (await host.Send()).ShouldBe(0, "nothing is due before its time");
            host.Clock.Advance(TimeSpan.FromMilliseconds(1));
            (await host.Send()).ShouldBe(1);
        }

        var ended = await host.Delivery(id);
        (ended.Status, ended.DueAt, ended.Attempts).ShouldBe(("failed", null, 10));
        ended.Log.Select(a => (a.Number, a.Status)).ShouldBe(Enumerable.Range(1, 10).Select(n => (n, (int?)500)));
        host.Clock.Advance(TimeSpan.FromDays(30));
        (await host.Send()).ShouldBe(0);
        receiver.Deliveries.Count.ShouldBe(10);
        receiver.Deliveries.Select(d => (d.EffectId, d.Headers["webhook-id"], d.Body)).Distinct().Count().ShouldBe(1, "every attempt says the same under the same id");
        receiver.Deliveries.Select(d => d.Headers["webhook-timestamp"]).Distinct().Count().ShouldBe(10, "each attempt is signed at its own time");
        receiver.Deliveries.ShouldAllBe(d => StandardWebhook.IsAuthentic(secret, d));
    }

    [Theory]
    [InlineData("timeout", "did not answer within")]
    [InlineData("slow", "did not answer within")]
    [InlineData("reset", "connection failed")]
    [InlineData("reset in the middle", "connection failed")]
    [InlineData("not http", "connection failed")]
    public async Task A_receiver_that_gives_no_whole_answer_has_not_taken_the_event(string script, string error)
    {
        await using var receiver = new ScriptedReceiver(script switch
        {
            "timeout" => ScriptedReceiver.Silence(),
            "slow" => ScriptedReceiver.SlowLoris(TimeSpan.FromMilliseconds(20)),
            "reset" => ScriptedReceiver.Reset(),
            "reset in the middle" => ScriptedReceiver.Reset("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nThank"),
            _ => ScriptedReceiver.Reset("220 mail.example ESMTP\r\n"),
        });
        await using var host = await SenderHost.Start(postgres, Hasty);
        var (endpoint, _) = await host.Endpoint(receiver.Address, "*");
        var id = await host.Deliver(endpoint);

        (await host.Send()).ShouldBe(1);

        var delivery = await host.Delivery(id);
        delivery.Status.ShouldBe("pending");
        delivery.DueAt.ShouldNotBeNull();
        delivery.Log.ShouldHaveSingleItem().Error!.ShouldContain(error);
        receiver.Script = ScriptedReceiver.Status(204);
        host.Clock.Advance(TimeSpan.FromSeconds(6));
        await host.Send();
        (await host.Delivery(id)).Status.ShouldBe("delivered");
        receiver.Deliveries.Select(d => d.EffectId).Distinct().ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_a_failure_and_is_never_followed(int status)
    {
        await using var inner = new ScriptedReceiver(ScriptedReceiver.Status(200));
        await using var receiver = new ScriptedReceiver(ScriptedReceiver.Status(status, ("Location", inner.Address.AbsoluteUri)));
        await using var host = await SenderHost.Start(postgres, Hasty);
        var (endpoint, _) = await host.Endpoint(receiver.Address, "*");
        var id = await host.Deliver(endpoint);

        await host.Send();

        (await host.Delivery(id)).Log.ShouldHaveSingleItem().Status.ShouldBe(status);
        (await host.Delivery(id)).Status.ShouldBe("pending");
        inner.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task A_receiver_that_says_410_is_switched_off_at_once_and_an_administrator_s_system_is_told()
    {
        await using var receiver = await EffectReceiver.StartAsync(TestContext.Current.CancellationToken);
        receiver.Answer = _ => HttpStatusCode.Gone;
        await using var watcher = await EffectReceiver.StartAsync(TestContext.Current.CancellationToken);
        await using var host = await SenderHost.Start(postgres);
        var (gone, _) = await host.Endpoint(receiver.Address, "*");
        var (_, secret) = await host.Endpoint(watcher.Address, "webhook.disabled");
        var (first, second) = (await host.Deliver(gone, "effect-1"), await host.Deliver(gone, "effect-2"));

        await host.Send();

        (await host.Row(gone)).DisabledCause.ShouldBe("gone");
        (await host.Delivery(first)).Status.ShouldBe("failed");
        (await host.Delivery(second)).Status.ShouldBe("failed");
        var told = watcher.Applied.Values.ShouldHaveSingleItem();
        StandardWebhook.IsAuthentic(secret, told).ShouldBeTrue();
        told.Body.ShouldContain("com.countersign.webhook.disabled.v1");
        told.Body.ShouldContain(gone.ToString());
        var sent = receiver.Deliveries.Count;
        await host.Deliver(gone, "effect-3");
        await host.Send();
        receiver.Deliveries.Count.ShouldBe(sent, "nothing is sent to an endpoint that is off");
    }

    [Theory]
    [InlineData(429, "7200", 7200)]
    [InlineData(503, "7200", 7200)]
    [InlineData(503, "date", 7200)]
    [InlineData(429, "999999999", 24 * 3600)]
    public async Task A_receiver_that_asks_for_time_gets_it(int status, string asked, int seconds)
    {
        await using var host = await SenderHost.Start(postgres, Hasty);
        var value = asked == "date" ? host.Clock.GetUtcNow().AddSeconds(seconds).ToString("R", System.Globalization.CultureInfo.InvariantCulture) : asked;
        await using var receiver = new ScriptedReceiver(ScriptedReceiver.Status(status, ("Retry-After", value)));
        var (endpoint, _) = await host.Endpoint(receiver.Address, "*");
        var id = await host.Deliver(endpoint);

        await host.Send();

        (await host.Delivery(id)).DueAt.ShouldBe(host.Clock.GetUtcNow().AddSeconds(seconds));
    }

    [Fact]
    public async Task Of_an_answer_of_100_MB_only_the_beginning_is_read()
    {
        await using var receiver = new ScriptedReceiver(ScriptedReceiver.Silence());
        receiver.Script = receiver.Large(100 * 1024 * 1024);
        await using var host = await SenderHost.Start(postgres, new WebhookOptions { AllowLoopback = true, Timeout = TimeSpan.FromSeconds(10) });
        var (endpoint, _) = await host.Endpoint(receiver.Address, "*");
        var id = await host.Deliver(endpoint);

        await host.Send();

        var attempt = (await host.Delivery(id)).Log.ShouldHaveSingleItem();
        (attempt.Status, attempt.Response!.Length).ShouldBe((200, 1_000));
        // The system's own buffers on both sides take some megabytes at most; the rest was never sent.
        receiver.Sent.ShouldBeLessThan(16 * 1024 * 1024);
    }

    [Fact]
    public async Task A_compressed_answer_is_not_unpacked()
    {
        const string packed = "\u001f\u008bnot really gzip";
        await using var receiver = new ScriptedReceiver((connection, cancellation) => connection.WriteAsync(
            System.Text.Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\nConnection: close\r\n\r\n{packed}"), cancellation).AsTask());
        await using var host = await SenderHost.Start(postgres, Hasty);
        var (endpoint, _) = await host.Endpoint(receiver.Address, "*");
        var id = await host.Deliver(endpoint);

        await host.Send();

        (await host.Delivery(id)).Log.ShouldHaveSingleItem().Response!.ShouldContain("not really gzip");
        receiver.Deliveries.Single().Headers.Keys.ShouldNotContain("Accept-Encoding");
    }

    [Fact]
    public async Task An_endpoint_without_a_success_for_five_days_is_switched_off_and_gets_five_days_again_when_switched_on()
    {
        await using var receiver = await EffectReceiver.StartAsync(TestContext.Current.CancellationToken);
        receiver.Answer = _ => HttpStatusCode.InternalServerError;
        await using var host = await SenderHost.Start(postgres);
        var (endpoint, _) = await host.Endpoint(receiver.Address, "*");
        for (var hour = 0; hour < 5 * 24; hour += 12)
        {
            await host.Deliver(endpoint, $"effect-{hour}");
            await host.Send();
            (await host.Row(endpoint)).DisabledCause.ShouldBeNull($"hour {hour}");
            host.Clock.Advance(TimeSpan.FromHours(12));
        }

        await host.Send();
        (await host.Row(endpoint)).DisabledCause.ShouldBe("failing");

        await host.Change(endpoint, s => WebhookDecider.Decide(s, new EnableWebhookEndpoint(SenderHost.Dora), host.Clock.GetUtcNow()));
        var after = await host.Deliver(endpoint, "after");
        await host.Send();
        (await host.Row(endpoint)).DisabledCause.ShouldBeNull("the first failure after a person said that it works is not its end");
        receiver.Answer = _ => HttpStatusCode.OK;
        host.Clock.Advance(TimeSpan.FromSeconds(6));
        await host.Send();
        (await host.Delivery(after)).Status.ShouldBe("delivered");
    }

    [Fact]
    public async Task For_24_hours_after_a_rotation_both_secrets_verify_and_then_the_new_one_alone()
    {
        await using var receiver = await EffectReceiver.StartAsync(TestContext.Current.CancellationToken);
        await using var host = await SenderHost.Start(postgres);
        var (endpoint, old) = await host.Endpoint(receiver.Address, "*");
        var fresh = WebhookSecrets.Draw();
        await host.Change(endpoint, s => WebhookDecider.Decide(s, new RotateWebhookSecret(host.Secrets.Seal(fresh, host.Tenant, endpoint), SenderHost.Dora), host.Clock.GetUtcNow()));

        host.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        await host.Deliver(endpoint, "within");
        await host.Send();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        await host.Deliver(endpoint, "after");
        await host.Send();

        var (within, after) = (receiver.Applied["within"], receiver.Applied["after"]);
        (StandardWebhook.IsAuthentic(old, within), StandardWebhook.IsAuthentic(fresh, within)).ShouldBe((true, true));
        (StandardWebhook.IsAuthentic(old, after), StandardWebhook.IsAuthentic(fresh, after)).ShouldBe((false, true));
    }

    [Fact]
    public async Task A_receiver_that_hangs_holds_its_own_places_and_nobody_else_s()
    {
        await using var stuck = new ScriptedReceiver(ScriptedReceiver.Silence());
        await using var quick = await EffectReceiver.StartAsync(TestContext.Current.CancellationToken);
        await using var host = await SenderHost.Start(postgres, new WebhookOptions { AllowLoopback = true, Timeout = TimeSpan.FromSeconds(60), Parallel = (8, 2) });
        var (slow, _) = await host.Endpoint(stuck.Address, "*");
        var (fast, _) = await host.Endpoint(quick.Address, "*");
        for (var i = 0; i < 40; i++)
            await host.Deliver(slow, $"slow-{i}");
        for (var i = 0; i < 10; i++)
            await host.Deliver(fast, $"fast-{i}");

        await host.Run();
        await Instances.Eventually.Holds(() => Task.FromResult(quick.Applied.Count == 10), "the quick receiver has its ten", seconds: 20);

        stuck.Connections.ShouldBe(2);
        stuck.Script = ScriptedReceiver.Status(200);
    }
}
