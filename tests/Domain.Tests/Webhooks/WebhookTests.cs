using System.Net;
using System.Text;
using Countersign.Domain.Tenants;
using Countersign.Domain.Webhooks;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Webhooks;

public sealed class WebhookTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const long Seconds = 1614265330;
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("{\"test\": 2432232314}");
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(Seconds);
    private static readonly Actor Admin = new("dora", ActorKind.Person, [Role.Admin], []);

    [Fact]
    public void A_message_is_signed_as_the_specification_s_libraries_sign_it()
    {
        WebhookSignature.Sign(WebhookSignature.KeyOf(Secret), Id, Seconds, Body).ShouldBe(Signature);
        WebhookSignature.Sign(WebhookSignature.KeyOf(Secret["whsec_".Length..]), Id, Seconds, Body).ShouldBe(Signature);
    }

    [Theory]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("whsec_not base64!")]
    public void A_secret_without_bytes_is_refused(string secret) => Should.Throw<ArgumentException>(() => WebhookSignature.KeyOf(secret));

    [Theory]
    [InlineData(null, "1614265330", Signature)]
    [InlineData(Id, null, Signature)]
    [InlineData(Id, "1614265330", null)]
    [InlineData(Id, "161426533.0", Signature)]
    [InlineData(Id, "hello", Signature)]
    [InlineData(Id, "1614265330", "v1,dawfeoifkpqwoekfpqoekf")]
    [InlineData(Id, "1614265330", "v1,")]
    [InlineData("msg_another", "1614265330", Signature)]
    [InlineData(Id, "1614265331", Signature)]
    public void A_message_that_lacks_or_changes_anything_is_not_ours(string? id, string? timestamp, string? signature) =>
        WebhookSignature.Verify(WebhookSignature.KeyOf(Secret), id, timestamp, signature, Body, At).ShouldBeFalse();

    [Fact]
    public void One_right_signature_among_several_is_enough_and_five_minutes_are_the_limit()
    {
        var key = WebhookSignature.KeyOf(Secret);
        var several = $"v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,x {Signature}";
        WebhookSignature.Verify(key, Id, "1614265330", several, Body, At).ShouldBeTrue();
        WebhookSignature.Verify(key, Id, "1614265330", Signature, Body, At.AddMinutes(5)).ShouldBeTrue();
        WebhookSignature.Verify(key, Id, "1614265330", Signature, Body, At.AddSeconds(301)).ShouldBeFalse();
        WebhookSignature.Verify(key, Id, "1614265330", Signature, Body, At.AddSeconds(-301)).ShouldBeFalse();
    }

    [Fact]
    public void A_body_changed_by_one_bit_is_not_ours() => Gen.Select(Gen.Int[0, Body.Length - 1], Gen.Int[0, 7]).Sample((at, bit) =>
    {
        var changed = (byte[])Body.Clone();
        changed[at] ^= (byte)(1 << bit);
        return !WebhookSignature.Verify(WebhookSignature.KeyOf(Secret), Id, "1614265330", Signature, changed, At);
    });

    [Theory]
    [InlineData("http://example.com/")]
    [InlineData("https://127.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f.0.0.1/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://１２７.0.0.1/")]
    [InlineData("https://foo@127.0.0.1:80#@example.com/")]
    [InlineData("https://0/")]
    [InlineData("https://[::]/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://localhost/")]
    [InlineData("https://localhost./")]
    [InlineData("https://a.localhost/")]
    [InlineData("https://169.254.169.254/")]
    [InlineData("https://169.254.169.254./")]
    [InlineData("https://[fd00:ec2::254]/")]
    [InlineData("https://metadata.google.internal/")]
    [InlineData("https://10.1.2.3/")]
    [InlineData("https://172.16.0.1/")]
    [InlineData("https://192.168.1.1/")]
    [InlineData("https://100.64.0.1/")]
    [InlineData("https://198.18.0.1/")]
    [InlineData("https://224.0.0.1/")]
    [InlineData("https://240.0.0.1/")]
    [InlineData("https://[fe80::1]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://[64:ff9b::7f00:1]/")]
    [InlineData("https://[2002:7f00:1::]/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://example.com/")]
    [InlineData("ftp://example.com/")]
    [InlineData("https://user:word@example.com/")]
    [InlineData("https://example.com:22/")]
    [InlineData("https://example.com:25/")]
    [InlineData("https://example.com:5432/")]
    [InlineData("https://example.com:6379/")]
    [InlineData("https://example.com/#part")]
    [InlineData("https://exämple.com/")]
    [InlineData("")]
    public void An_address_that_leads_inside_is_refused(string url) => WebhookTarget.Problem(url, allowPlain: false).ShouldNotBeNull();

    [Theory]
    [InlineData("https://example.com/hook?x=1")]
    [InlineData("https://hooks.example.com:8443/")]
    [InlineData("https://93.184.216.34/")]
    [InlineData("https://[2606:2800:220:1:248:1893:25c8:1946]/")]
    public void A_public_address_is_taken(string url) => WebhookTarget.Problem(url, allowPlain: false).ShouldBeNull();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("fc00::1")]
    [InlineData("2001:db8::1")]
    public void An_inner_address_is_not_connected_to(string address) => WebhookTarget.MayConnect(IPAddress.Parse(address), allowLoopback: false).ShouldBeFalse();

    [Fact]
    public void The_schedule_lasts_three_days_and_each_pause_is_within_a_fifth()
    {
        TimeSpan[] pauses =
        [
            TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10),
            TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
        ];
        Gen.Double[0, 1].Sample(jitter =>
        {
            var now = At;
            for (var made = 1; made <= pauses.Length; made++)
            {
                var next = WebhookSchedule.Next(made, now, jitter, null)!.Value;
                if (next - now < pauses[made - 1] * 0.8 || next - now > pauses[made - 1] * 1.2)
                    return false;
                now = next;
            }

            return WebhookSchedule.Next(pauses.Length + 1, now, jitter, null) is null;
        });
        pauses.Sum(p => p.TotalHours).ShouldBeGreaterThan(72);
    }

    [Fact]
    public void A_receiver_can_ask_for_more_time_but_not_for_less_and_not_for_ever()
    {
        WebhookSchedule.Next(1, At, 0.5, TimeSpan.FromHours(1)).ShouldBe(At.AddHours(1));
        WebhookSchedule.Next(3, At, 0.5, TimeSpan.FromSeconds(1)).ShouldBe(At.AddMinutes(30));
        WebhookSchedule.Next(1, At, 0.5, TimeSpan.FromDays(365)).ShouldBe(At.AddHours(24));
    }

    [Theory]
    [InlineData("invoice.booked", "invoice.booked", true)]
    [InlineData("invoice.booked", "invoice.decided", false)]
    [InlineData("invoice.booked", "invoice.booked.late", false)]
    [InlineData("invoice.*", "invoice.booked", true)]
    [InlineData("invoice.*", "invoice.line.booked", true)]
    [InlineData("invoice.*", "invoices.booked", false)]
    [InlineData("invoice.*", "invoice", false)]
    [InlineData("*", "anything.at_all", true)]
    public void A_subscription_is_a_type_a_noun_or_everything(string subscription, string type, bool included)
    {
        WebhookTypes.IsSubscription(subscription).ShouldBeTrue();
        WebhookTypes.Include([subscription], type).ShouldBe(included);
        WebhookTypes.Include([], type).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("invoice")]
    [InlineData("*.booked")]
    [InlineData("invoice.*.booked")]
    [InlineData("invoice.b*")]
    [InlineData("**")]
    [InlineData(".*")]
    [InlineData("Invoice.booked")]
    [InlineData("invoice.booked\n")]
    [InlineData("a.b.c.d.e.f")]
    public void Nothing_else_is_a_subscription(string text) => WebhookTypes.IsSubscription(text).ShouldBeFalse();

    [Fact]
    public void Types_of_the_service_are_events_of_the_trail_and_reserved()
    {
        WebhookTypes.Lifecycle.ShouldAllBe(t => WebhookTypes.IsReserved(t) && WebhookTypes.IsSubscription(t));
        WebhookTypes.IsReserved(WebhookTypes.Disabled).ShouldBeTrue();
        WebhookTypes.IsReserved("invoice.booked").ShouldBeFalse();
    }

    [Fact]
    public void Every_act_on_an_endpoint_twice_adds_nothing()
    {
        var created = State(WebhookDecider.Decide(null, new CreateWebhookEndpoint(Guid.Empty, "https://example.com/", ["invoice.booked"], null, "sealed", Admin), At), null);
        created.DisabledCause.ShouldBeNull();
        var off = State(WebhookDecider.Decide(created, new DisableWebhookEndpoint("gone", Actor.System), At), created);
        off.DisabledCause.ShouldBe("gone");
        WebhookDecider.Decide(off, new DisableWebhookEndpoint("gone", Actor.System), At).ShouldBeOfType<Outcome.None>();
        var on = State(WebhookDecider.Decide(off, new EnableWebhookEndpoint(Admin), At), off);
        WebhookDecider.Decide(on, new EnableWebhookEndpoint(Admin), At).ShouldBeOfType<Outcome.None>();
        var rotated = State(WebhookDecider.Decide(on, new RotateWebhookSecret("sealed2", Admin), At), on);
        (rotated.SealedSecret, rotated.PreviousSealedSecret, rotated.PreviousUntil).ShouldBe(("sealed2", "sealed", At.AddHours(24)));
        var gone = State(WebhookDecider.Decide(rotated, new DeleteWebhookEndpoint(Admin), At), rotated);
        WebhookDecider.Decide(gone, new DeleteWebhookEndpoint(Admin), At).ShouldBeOfType<Outcome.None>();
        WebhookDecider.Decide(gone, new EnableWebhookEndpoint(Admin), At).ShouldBeOfType<Outcome.Refused>().Refusal.Kind.ShouldBe(RefusalKind.NotFound);
    }

    private static WebhookEndpointState State(Outcome outcome, WebhookEndpointState? state) =>
        outcome.ShouldBeOfType<Outcome.Facts>().Events.Cast<IWebhookEvent>().Aggregate(state, WebhookEndpointState.Evolve)!;
}
