using System.Collections.Concurrent;
using Countersign.Billing;
using Countersign.Billing.Payments;
using Countersign.Billing.Usage;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Databases;
using Marten.Exceptions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Billing;

/// <summary>The service's own loop over a database that fails in the middle of a pass.</summary>
public sealed class BillingServiceTests(PostgresFixture postgres) : StripeTest(postgres)
{
    [Fact]
    public async Task A_pass_whose_read_of_a_plan_fails_in_the_database_is_logged_and_made_again()
    {
        var cancel = TestContext.Current.CancellationToken;
        var log = new Reasons();
        var options = Node.Services.GetRequiredService<StripeOptions>() with { Poll = TimeSpan.FromMilliseconds(50) };
        using var service = new BillingService(Store.Connections, Node.Services.GetRequiredService<UsageLedger>(), options, Node.Services.GetRequiredService<StripeWork>(), Clock, log);
        var subscription = Fake.Subscriptions.Values.Single();
        await Sql("alter table cs.mt_doc_planrecord rename to mt_doc_planrecord_away");
        await service.StartAsync(cancel);
        await Eventually.Holds(() => Task.FromResult(log.Failures.OfType<MartenCommandException>().Any()), "the failed read is logged");
        service.ExecuteTask!.IsCompleted.ShouldBeFalse("The loop goes on.");
        await Sql("alter table cs.mt_doc_planrecord_away rename to mt_doc_planrecord");

        Fake.Subscriptions[subscription.Id] = subscription with { Status = "past_due" };
        await Take("evt_after", "customer.subscription.updated", subscription);
        await Eventually.Holds(async () => await Status() == "past_due" && await Scalar<long>("select count(*) from cs.mt_events where type = 'plan.payment_changed'") == 1, "passes are made again");
        await service.StopAsync(cancel);
        service.ExecuteTask.IsCompletedSuccessfully.ShouldBeTrue();
    }

    private async Task Sql(string sql)
    {
        await using var command = Store.Connections.Migrator.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private sealed class Reasons : ILogger<BillingService>
    {
        public ConcurrentQueue<Exception> Failures { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not null)
                Failures.Enqueue(exception);
        }
    }
}
