using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Countersign.Projections.Databases;
using Countersign.Workers.Webhooks;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Webhooks;

/// <summary>G32: no connection to an inner address, however it is written, named or reached. Listeners on loopback count what arrives.</summary>
public sealed class GuardTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("１２７.0.0.1")]
    [InlineData("foo@127.0.0.1")]
    [InlineData("0")]
    [InlineData("0.0.0.0")]
    [InlineData("localhost")]
    [InlineData("localhost.")]
    [InlineData("[::1]")]
    [InlineData("[::]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::127.0.0.1]")]
    public async Task No_spelling_of_this_machine_is_connected_to(string host)
    {
        await using var listeners = Listeners.Open();

        // Names are resolved as every machine resolves these; addresses never come here.
        await Refused($"http://{host}:{listeners.Port}/", (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));

        listeners.Accepted.ShouldBe(0);
    }

    [Fact]
    public async Task The_same_listener_is_reached_where_loopback_is_allowed()
    {
        await using var listeners = Listeners.Open();
        using var client = new HttpClient(WebhookHttp.Handler(allowLoopback: true)) { Timeout = TimeSpan.FromSeconds(5) };

        await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync(new Uri($"http://127.1:{listeners.Port}/"), Cancel));

        listeners.Accepted.ShouldBeGreaterThan(0, "or the other tests of this class would prove nothing");
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("fd00:ec2::254")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("0.1.2.3")]
    [InlineData("224.0.0.1")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1::a00:1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001::1")]
    public async Task A_name_that_leads_inside_is_refused_when_connecting_and_when_registering(string address)
    {
        Task<IPAddress[]> Resolve(string name, CancellationToken cancellation) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]);

        await Refused("http://hooks.partner.example:8080/", Resolve);

        (await new WebhookNames(Resolve, new WebhookOptions()).Problem("https://hooks.partner.example/", Cancel)).ShouldNotBeNull();
    }

    [Fact]
    public async Task One_inner_address_among_public_ones_is_enough_to_refuse()
    {
        await using var listeners = Listeners.Open();
        Task<IPAddress[]> Resolve(string name, CancellationToken cancellation) => Task.FromResult<IPAddress[]>([IPAddress.Parse("93.184.216.34"), IPAddress.Loopback]);

        await Refused($"http://hooks.partner.example:{listeners.Port}/", Resolve);

        listeners.Accepted.ShouldBe(0);
    }

    [Fact]
    public async Task A_name_whose_answer_changes_between_check_and_connection_does_not_get_in()
    {
        await using var listeners = Listeners.Open();
        var asked = new ConcurrentQueue<string>();
        Task<IPAddress[]> Resolve(string name, CancellationToken cancellation)
        {
            asked.Enqueue(name);
            return Task.FromResult<IPAddress[]>([asked.Count == 1 ? IPAddress.Parse("93.184.216.34") : IPAddress.Loopback]);
        }

        (await new WebhookNames(Resolve, new WebhookOptions()).Problem($"https://rebind.example:{listeners.Port}/", Cancel)).ShouldBeNull();
        await Refused($"http://rebind.example:{listeners.Port}/", Resolve);

        asked.Count.ShouldBe(2, "what is judged is the answer that is connected to; the name is not asked a third time");
        listeners.Accepted.ShouldBe(0);
    }

    [Fact]
    public async Task A_name_nobody_knows_may_be_registered_and_fails_when_sent_to()
    {
        static Task<IPAddress[]> Resolve(string name, CancellationToken cancellation) => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound));

        (await new WebhookNames(Resolve, new WebhookOptions()).Problem("https://not-yet.partner.example/", Cancel)).ShouldBeNull();
        using var client = new HttpClient(WebhookHttp.Handler(allowLoopback: false, Resolve));
        await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync(new Uri("http://not-yet.partner.example/"), Cancel));
    }

    [Fact]
    public void Nothing_of_the_surroundings_changes_where_a_webhook_goes()
    {
        using var handler = WebhookHttp.Handler(allowLoopback: false);

        (handler.UseProxy, handler.AllowAutoRedirect, handler.UseCookies, handler.AutomaticDecompression).ShouldBe((false, false, false, DecompressionMethods.None));
    }

    [Fact]
    public void Loopback_is_a_setting_of_Development_and_anywhere_else_stops_the_start()
    {
        static IConfiguration Settings(string? value) => new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Countersign:Webhooks:AllowLoopback"] = value }).Build();

        WebhookOptions.From(Settings(null), development: true).AllowLoopback.ShouldBeTrue();
        WebhookOptions.From(Settings("false"), development: true).AllowLoopback.ShouldBeFalse();
        WebhookOptions.From(Settings(null), development: false).AllowLoopback.ShouldBeFalse();
        WebhookOptions.From(Settings("false"), development: false).AllowLoopback.ShouldBeFalse();
        Should.Throw<StartUpException>(() => WebhookOptions.From(Settings("true"), development: false)).Message.ShouldContain("Remove the setting");
        Should.Throw<StartUpException>(() => WebhookOptions.From(Settings("perhaps"), development: true));
    }

    private static async Task Refused(string url, ResolveName resolve)
    {
        using var client = new HttpClient(WebhookHttp.Handler(allowLoopback: false, resolve)) { Timeout = TimeSpan.FromSeconds(5) };
        var error = await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync(new Uri(url), Cancel));
        error.InnerException.ShouldBeOfType<WebhookTargetRefusedException>(url);
    }

    /// <summary>One port on every address of this machine, IPv4 and IPv6; hangs up at once and counts.</summary>
    private sealed class Listeners : IAsyncDisposable
    {
        private readonly TcpListener _listener;
        private readonly Task _accepts;
        private int _accepted;

        private Listeners(TcpListener listener)
        {
            _listener = listener;
            _accepts = Task.Run(Accept);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Accepted => Volatile.Read(ref _accepted);

        public static Listeners Open()
        {
            var listener = Socket.OSSupportsIPv6 ? TcpListener.Create(0) : new TcpListener(IPAddress.Any, 0);
            listener.Start();
            return new Listeners(listener);
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _accepts;
        }

        private async Task Accept()
        {
            try
            {
                while (true)
                {
                    using var socket = await _listener.AcceptSocketAsync(CancellationToken.None);
                    Interlocked.Increment(ref _accepted);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Closed, perhaps before it was asked.
            }
        }
    }
}
