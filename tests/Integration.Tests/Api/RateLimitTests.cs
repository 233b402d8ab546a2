using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Domain.Tenants;
using Countersign.Integration.Tests.Databases;
using Countersign.Projections.Databases;
using Countersign.TestKit.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>G29: one call too many is told so and when to come back, and costs nobody else anything.</summary>
public sealed class RateLimitTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public void The_limit_is_granted_and_the_next_call_is_not_until_time_has_passed()
    {
        var limits = new RateLimits(new RateLimitOptions { Credential = 60, Tenant = 1_000 }, _clock);
        for (var i = 0; i < 60; i++)
            Count(limits, "acme", "ana").Problem.ShouldBeNull($"call {i + 1}");

        var refused = Count(limits, "acme", "ana");
        refused.Problem.ShouldNotBeNull().Kind.Status.ShouldBe(429);
        refused.Problem.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        refused.Header.ShouldBe("\"credential\";r=0;t=1");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Count(limits, "acme", "ana").Problem.ShouldBeNull();
        Count(limits, "acme", "ana").Problem.ShouldNotBeNull();
        _clock.Advance(TimeSpan.FromHours(1));
        Enumerable.Range(0, 100).Count(_ => Count(limits, "acme", "ana").Problem is null).ShouldBe(60, "a minute's calls at most, however long the silence");
    }

    [Fact]
    public void A_tenant_s_limit_is_shared_by_its_credentials_and_by_no_other_tenant()
    {
        var limits = new RateLimits(new RateLimitOptions { Credential = 60, Tenant = 90 }, _clock);
        var granted = Enumerable.Range(0, 100).Count(_ => Count(limits, "acme", "ana").Problem is null);
        granted += Enumerable.Range(0, 100).Count(_ => Count(limits, "acme", "ben").Problem is null);

        granted.ShouldBe(90);
        Count(limits, "acme", "ben").Header.ShouldStartWith("\"tenant\";r=0");
        Enumerable.Range(0, 60).ShouldAllBe(_ => Count(limits, "globex", "ana").Problem == null);
    }

    [Fact]
    public void A_credential_at_its_limit_uses_up_nothing_of_its_tenant()
    {
        var limits = new RateLimits(new RateLimitOptions { Credential = 10, Tenant = 20 }, _clock);
        for (var i = 0; i < 500; i++)
            Count(limits, "acme", "ana");

        Enumerable.Range(0, 10).ShouldAllBe(_ => Count(limits, "acme", "ben").Problem == null);
    }

    [Fact]
    public void Nodes_share_a_limit_within_a_tenth()
    {
        var nodes = Enumerable.Range(0, 3).Select(_ => new RateLimits(new RateLimitOptions { Credential = 100, Tenant = 1_000, Nodes = 3 }, _clock)).ToArray();

        Enumerable.Range(0, 600).Count(i => Count(nodes[i % 3], "acme", "ana").Problem is null).ShouldBeInRange(90, 110);
    }

    [Fact]
    public async Task Many_calls_at_once_are_counted_one_by_one()
    {
        var limits = new RateLimits(new RateLimitOptions { Credential = 500, Tenant = 1_000 }, _clock);

        var granted = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 200).Count(_ => Count(limits, "acme", "ana").Problem is null))));

        granted.Sum().ShouldBe(500);
    }

    [Fact]
    public void A_limit_that_is_no_number_stops_the_start()
    {
        static IConfiguration Settings(string value) => new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Countersign:RateLimits:TenantPerMinute"] = value }).Build();

        RateLimitOptions.From(Settings("7")).Tenant.ShouldBe(7);
        Should.Throw<StartUpException>(() => RateLimitOptions.From(Settings("0")));
        Should.Throw<StartUpException>(() => RateLimitOptions.From(Settings("many")));
    }

    [Fact]
    public async Task Over_the_wire_one_call_too_many_is_a_problem_with_its_headers_and_the_other_tenant_goes_on()
    {
        const int limit = 40;
        var cancel = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using var service = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Countersign__DataFolder"] = folder.Path,
            ["Countersign__RateLimits__CredentialPerMinute"] = limit.ToString(CultureInfo.InvariantCulture),
        });
        using var http = new HttpClient { BaseAddress = service.Address };
        await service.StartAsync(http, TimeSpan.FromSeconds(120), cancel);
        var (ana, gus) = (await new DemoPerson(service.Address, "ana").GetTokenAsync(renew: false, cancel), await new DemoPerson(service.Address, "gus").GetTokenAsync(renew: false, cancel));

        var first = await Get(http, ana!, cancel);
        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        first.Headers.GetValues("RateLimit").Single().ShouldStartWith($"\"credential\";r={limit - 1};t=");
        first.Headers.GetValues("RateLimit-Policy").Single().ShouldContain($"\"credential\";q={limit};w=60");
        var answers = await Task.WhenAll(Enumerable.Range(0, 3 * limit).Select(_ => Get(http, ana!, cancel)));
        var refused = answers.First(a => a.StatusCode == HttpStatusCode.TooManyRequests);

        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        refused.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await refused.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("type").GetString().ShouldBe("urn:countersign:problem:request.rate_limited");
        answers.ShouldAllBe(a => a.StatusCode == HttpStatusCode.OK || a.StatusCode == HttpStatusCode.TooManyRequests);
        (await Get(http, gus!, cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<HttpResponseMessage> Get(HttpClient http, string token, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/me") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        return await http.SendAsync(request, cancel);
    }

    private static (ProblemAnswer? Problem, string Header) Count(RateLimits limits, string tenant, string who)
    {
        var http = new DefaultHttpContext();
        var caller = new Caller(tenant, tenant, who, new Actor(who, ActorKind.Person, [], []), FrozenSet<string>.Empty);
        return (limits.Count(http, caller), http.Response.Headers["RateLimit"].ToString());
    }
}
