using System.Net;
using System.Net.Http.Json;
using Countersign.Console.Session;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Countersign.Console.Tests.Session;

public sealed class SessionRefreshTests : IDisposable
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero));
    private readonly Authority authority = new();
    private readonly HttpClient channel;
    private readonly SessionStore store;
    private readonly SessionRefresh refresh;
    private readonly string id = SessionStore.NewId();

    public SessionRefreshTests()
    {
        channel = new HttpClient(authority);
        store = new SessionStore(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())), new EphemeralDataProtectionProvider(), Options.Create(new ConsoleOptions()), clock);
        var options = new OpenIdConnectOptions
        {
            ClientId = "console",
            ClientSecret = "console-secret",
            Backchannel = channel,
            ConfigurationManager = new StaticConfigurationManager<OpenIdConnectConfiguration>(new OpenIdConnectConfiguration { TokenEndpoint = "https://login.example.com/token" }),
        };
        options.Scope.Clear();
        options.Scope.Add("openid");
        options.Scope.Add("api://1/access_as_user");
        refresh = new SessionRefresh(store, new Fixed(options), clock, NullLogger<SessionRefresh>.Instance);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        channel.Dispose();
        authority.Dispose();
    }

    [Fact]
    public async Task A_token_that_ends_is_renewed_once_for_the_scopes_of_the_sign_in()
    {
        await SignIn();
        var both = await Task.WhenAll(refresh.Fresh(id, null, Ct), refresh.Fresh(id, null, Ct));
        both.ShouldAllBe(s => s!.AccessToken == "access-2" && s.RefreshToken == "refresh-2");
        var sent = authority.Forms.ShouldHaveSingleItem();
        sent.ShouldContain("grant_type=refresh_token");
        sent.ShouldContain("refresh_token=refresh-1");
        sent.ShouldContain("scope=openid+api%3A%2F%2F1%2Faccess_as_user");
        sent.ShouldContain("client_secret=console-secret");
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task An_authority_that_cannot_answer_ends_no_session(HttpStatusCode status)
    {
        await SignIn();
        authority.Status = status;
        await Should.ThrowAsync<HttpRequestException>(() => refresh.Fresh(id, null, Ct));
        authority.Status = HttpStatusCode.OK;
        (await refresh.Fresh(id, null, Ct))!.AccessToken.ShouldBe("access-2");
    }

    [Fact]
    public async Task An_authority_that_refuses_ends_the_session()
    {
        await SignIn();
        authority.Status = HttpStatusCode.BadRequest;
        (await refresh.Fresh(id, null, Ct)).ShouldBeNull();
        (await store.Find(id, Ct)).ShouldBeNull();
    }

    private Task SignIn()
    {
        var now = clock.GetUtcNow();
        return store.Save(id, new ConsoleSession("Ben", "ben", "access-1", now.AddSeconds(10), "refresh-1", null, now, now), Ct);
    }

    private sealed class Authority : HttpMessageHandler
    {
        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public List<string> Forms { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Forms.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            return new HttpResponseMessage(Status) { Content = JsonContent.Create(new { access_token = "access-2", refresh_token = "refresh-2", expires_in = 600 }) };
        }
    }

    private sealed class Fixed(OpenIdConnectOptions options) : IOptionsMonitor<OpenIdConnectOptions>
    {
        public OpenIdConnectOptions CurrentValue => options;

        public OpenIdConnectOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<OpenIdConnectOptions, string?> listener) => null;
    }
}
