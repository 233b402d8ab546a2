using Countersign.Domain;
using Countersign.Domain.Tenants;
using Countersign.Domain.Webhooks;
using Countersign.Projections.Store;
using Countersign.Projections.Webhooks;
using Countersign.Workers.Streams;
using Marten;

namespace Countersign.Workers.Webhooks;

/// <summary>Changes to webhook endpoints, with the rows that requests and the sender read.</summary>
public static class WebhookStreams
{
    /// <summary>A change to an endpoint.</summary>
    public static StreamChange<WebhookEndpointState, IWebhookEvent> Change(string tenantId, Guid id, Actor by, Func<WebhookEndpointState?, Outcome> decide) =>
        new(tenantId, StreamsOf.Webhook(id), by, WebhookEndpointState.Evolve, decide, (session, result) => Rows(session, id, result));

    /// <summary>The row of an endpoint.</summary>
    public static WebhookEndpointRecord RecordOf(WebhookEndpointState s, long version)
    {
        ArgumentNullException.ThrowIfNull(s);
        return new WebhookEndpointRecord(s.Id, s.Url, s.EventTypes, s.Description, s.SealedSecret, s.PreviousSealedSecret, s.PreviousUntil, s.DisabledCause, s.Deleted, s.CreatedAt,
            s.CreatedBy, version);
    }

    private static void Rows(IDocumentSession session, Guid id, StreamResult<WebhookEndpointState> result)
    {
        session.Store(RecordOf(result.State!, result.Version));
        // A person says it works again: its five days begin anew.
        if (result.Facts.Any(f => f is WebhookEndpointEnabled))
            session.Store(new WebhookHealth(id, null));
    }
}
