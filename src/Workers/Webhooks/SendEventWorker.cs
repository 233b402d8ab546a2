using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Webhooks;
using Countersign.Projections.Webhooks;
using Countersign.Workers.Jobs;
using Marten;

namespace Countersign.Workers.Webhooks;

/// <summary>
/// Job type <c>countersign:send-event</c>: header <c>event</c> names the type, variable <c>data</c> is sent (all variables when there is none). The job completes when
/// every endpoint subscribed at its first attempt has answered 2xx; an endpoint that never does is an incident, whose retry sends again.
/// </summary>
public sealed class SendEventWorker(IDocumentStore store, WebhookDeliveries deliveries, WebhookWake wake) : IJobWorker
{
    // Deliveries report by themselves; this is for a report that was lost with its node.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public string Type => "countersign:send-event";

    /// <inheritdoc/>
    public bool IsInference => false;

    /// <inheritdoc/>
    public async Task<JobOutcome> Run(JobContext job, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (!job.Headers.TryGetValue("event", out var type) || string.IsNullOrWhiteSpace(type))
            return new JobOutcome.Failed("webhook.event_missing", "The step has no header 'event' with the type of the event. Correct the process and publish it again.", Retryable: false);
        if (WebhookTypes.IsReserved(type))
            return new JobOutcome.Failed("webhook.event_reserved", $"Events of type '{type}' are sent by the service alone. Give the event a name of your own in the process and publish it again.", Retryable: false);
        await using var session = store.LightweightSession(job.TenantId);
        // Deliveries that a predecessor of the instance began have its job's id, and the same message id.
        var deliveriesOf = session.Query<WebhookDelivery>();
        var sent = await (job.IsTakenOver ? deliveriesOf.Where(d => d.MessageId == job.EffectId) : deliveriesOf.Where(d => d.JobId == job.JobId)).ToListAsync(cancellation);
        if (sent.Count == 0)
        {
            var endpoints = (await session.Query<WebhookEndpointRecord>().ToListAsync(cancellation)).Where(e => e.Wants(type)).ToList();
            if (endpoints.Count == 0)
                return new JobOutcome.Completed(Note("No endpoint is subscribed to this event; nothing was sent.", 0));
            var data = job.Variables.TryGetValue("data", out var named) ? named : JsonSerializer.SerializeToElement(job.Variables);
            session.Insert(endpoints.Select(e => deliveries.Make(job.TenantId, e.Id, job.EffectId, type, job.InstanceId, data, (job.JobId, job.Attempt))).ToArray());
            await session.SaveChangesAsync(cancellation);
            wake.Now();
            return new JobOutcome.Pending(LookAgain);
        }

        if (sent.All(d => d.Status == "delivered"))
            return new JobOutcome.Completed(Note("Every subscribed endpoint has taken it.", sent.Count));
        if (sent.Any(d => d.Status == "failed" && d.Attempt == job.Attempt))
            return Failed(sent.Count(d => d.Status == "failed"));
        // A new attempt of the job (an operator's retry): what failed is sent again, under the same message id.
        foreach (var delivery in sent.Where(d => d.Status != "delivered"))
        {
            session.Store(delivery.Status == "failed"
                ? delivery with { Status = "pending", Attempt = job.Attempt, Attempts = 0, Replays = delivery.Replays + 1, DueAt = delivery.CreatedAt, LeasedUntil = null }
                : delivery with { Attempt = job.Attempt });
        }

        await session.SaveChangesAsync(cancellation);
        wake.Now();
        return new JobOutcome.Pending(LookAgain);
    }

    internal static ImmutableDictionary<string, JsonElement> Note(string sentence, int endpoints) =>
        ImmutableDictionary<string, JsonElement>.Empty.Add("sent", JsonSerializer.SerializeToElement(new { endpoints, sentence }));

    internal static JobOutcome.Failed Failed(int count) => new("webhook.not_delivered",
        $"{count} endpoint(s) did not take the event. Look at the deliveries, repair or disable the endpoint, then retry.", Retryable: false);
}

/// <summary>Wakes the sender of this node.</summary>
public sealed class WebhookWake
{
    private readonly SemaphoreSlim _due = new(0, 1);

    /// <summary>Something is due.</summary>
    public void Now()
    {
        try
        {
            _due.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already woken.
        }
    }

    internal Task<bool> Wait(TimeSpan longest, CancellationToken cancellation) => _due.WaitAsync(longest, cancellation);
}
