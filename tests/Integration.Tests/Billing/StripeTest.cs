using Countersign.Billing.Payments;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Databases;
using Countersign.TestKit.Services;
using Microsoft.Extensions.DependencyInjection;
using Stripe;
using Xunit;

namespace Countersign.Integration.Tests.Billing;

/// <summary>A tenant of the plan with a price, with its subscription at the fake Stripe and one case told.</summary>
public abstract class StripeTest(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("countersign-billing-");
    private readonly SteppingClock _clock = new();
    private TestDatabase _database = null!;
    private FakeStripe _stripe = null!;
    private BillingHost _node = null!;

    internal SteppingClock Clock => _clock;

    internal BillingHost Node => _node;

    protected FakeStripe Fake => _stripe;

    protected TestDatabase Store => _database;

    public async ValueTask InitializeAsync()
    {
        _database = await BillingHost.Database(postgres);
        _stripe = await FakeStripe.StartAsync();
        _node = await BillingHost.Start(_database, _stripe, _folder.FullName, _clock);
        await _node.Publish(TestProcesses.Straight);
        await _node.Choose("business");
        await _node.Run("straight", 1);
        await Eventually.Holds(async () =>
        {
            await _node.Pass(TestContext.Current.CancellationToken);
            return _stripe.Meter.Count == 1;
        }, "the tenant has an account");
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _stripe.DisposeAsync();
        await _database.DisposeAsync();
        foreach (var file in _folder.EnumerateFiles("*", SearchOption.AllDirectories))
            file.Attributes = FileAttributes.Normal;
        _folder.Delete(recursive: true);
    }

    protected async Task Handle()
    {
        _clock.Advance(TimeSpan.FromMinutes(2));
        await _node.Pass(TestContext.Current.CancellationToken);
    }

    protected Task<Intake> Take(string id, string type, FakeSubscription subscription)
    {
        var body = Body(id, type, subscription);
        return _node.Services.GetRequiredService<StripeInbox>().Take(body, EventUtility.GenerateSignatureHeader(body, BillingHost.Secret, _clock.GetUtcNow().ToUnixTimeSeconds()), CancellationToken.None);
    }

    protected static string Body(string id, string type, FakeSubscription subscription)
    {
        var thing = type.StartsWith("invoice.", StringComparison.Ordinal) ? $$"""{"id":"in_1","object":"invoice","customer":"{{subscription.Customer}}"}""" : (subscription with { Status = "active" }).Json;
        return $$$"""{"id":"{{{id}}}","object":"event","api_version":"2025-01-01.acacia","created":1,"livemode":false,"type":"{{{type}}}","data":{"object":{{{thing}}}},"pending_webhooks":1,"request":{"id":null,"idempotency_key":null}}""";
    }

    protected Task<string> Status() => Scalar<string>("select status from cs.billing_accounts");

    protected async Task<T> Scalar<T>(string sql)
    {
        await using var command = _database.Connections.Writer.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    protected static IEnumerable<string[]> Permutations(string[] items) => items.Length <= 1 ? [items]
        : items.SelectMany((first, i) => Permutations([.. items[..i], .. items[(i + 1)..]]).Select(rest => (string[])[first, .. rest]));
}
