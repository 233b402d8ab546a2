using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Webhooks;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Countersign.Workers.Jobs;
using Countersign.Workers.Webhooks;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Webhooks;

/// <summary>Names of events that only the service sends.</summary>
public sealed class ReservedTypeTests(PostgresFixture postgres)
{
    [Fact]
    public void The_types_of_the_service_are_names_of_the_trail() =>
        WebhookTypes.Lifecycle.Except(EventAliases.All.Select(a => a.Value), StringComparer.Ordinal).ShouldBeEmpty();

    [Fact]
    public async Task A_process_cannot_send_an_event_in_the_services_name()
    {
        await using var host = await SenderHost.Start(postgres);
        foreach (var type in WebhookTypes.Lifecycle.Append(WebhookTypes.Disabled))
        {
            var outcome = await host.Worker.Run(Job(host.Tenant, type), TestContext.Current.CancellationToken);
            var failed = outcome.ShouldBeOfType<JobOutcome.Failed>(type);
            (failed.ErrorCode, failed.Retryable).ShouldBe(("webhook.event_reserved", false));
        }

        (await host.Worker.Run(Job(host.Tenant, "invoice.booked"), TestContext.Current.CancellationToken)).ShouldBeOfType<JobOutcome.Completed>("nobody subscribed");
    }

    private static JobContext Job(string tenant, string type) => new(tenant, Guid.CreateVersion7(), "p", 1, "e", "j", 1,
        ImmutableDictionary<string, string>.Empty.Add("event", type), ImmutableDictionary<string, JsonElement>.Empty, "effect");
}
