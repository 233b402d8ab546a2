using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Projections.Webhooks;

namespace Countersign.Workers.Telemetry;

/// <summary>What is counted and measured where it happens. Facts are counted after their transaction is durable.</summary>
internal static class Instruments
{
    private static readonly Counter<long> Started = WorkersTelemetry.Meter.CreateCounter<long>("countersign.instances.started", "{instance}", "Instances started");
    private static readonly Counter<long> Ended = WorkersTelemetry.Meter.CreateCounter<long>("countersign.instances.ended", "{instance}", "Instances completed or cancelled");
    private static readonly Counter<long> Decisions = WorkersTelemetry.Meter.CreateCounter<long>("countersign.decisions", "{decision}", "Decisions recorded, by verdict");
    private static readonly Counter<long> Incidents = WorkersTelemetry.Meter.CreateCounter<long>("countersign.incidents.raised", "{incident}", "Incidents raised");
    private static readonly Counter<long> NearLimit = WorkersTelemetry.Meter.CreateCounter<long>("countersign.instances.near_limit", "{instance}", "Instances that came near their limit of facts");
    private static readonly Counter<long> Deliveries = WorkersTelemetry.Meter.CreateCounter<long>("countersign.webhook.attempts", "{attempt}", "Attempts to deliver a webhook, by what became of the delivery");

    private static readonly Histogram<long> BatchSize = WorkersTelemetry.Meter.CreateHistogram("countersign.runner.batch.size", "{command}", "Commands in one transaction",
        advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] });

    private static readonly Histogram<double> BatchDuration = WorkersTelemetry.Meter.CreateHistogram("countersign.runner.batch.duration", "s", "Time of one transaction, from loading to durable",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] });

    private static readonly Histogram<double> AttemptDuration = WorkersTelemetry.Meter.CreateHistogram("countersign.job.attempt.duration", "s", "Time of one attempt of a built-in job",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60] });

    public static void Happened(string tenantId, InstanceState? state, IInstanceEvent fact)
    {
        var process = state?.ProcessKey;
        switch (fact)
        {
            case InstanceStarted started:
                Started.Add(1, new(WorkersTelemetry.Tenant, tenantId), new(WorkersTelemetry.Process, started.ProcessKey));
                break;
            case InstanceCompleted or InstanceCancelled:
                Ended.Add(1, new(WorkersTelemetry.Tenant, tenantId), new(WorkersTelemetry.Process, process), new(WorkersTelemetry.Outcome, fact is InstanceCompleted ? "completed" : "cancelled"));
                break;
            case DecisionRecorded { Decision: var d }:
                var verdict = JsonNamingPolicy.SnakeCaseLower.ConvertName(d.Verdict.ToString());
                Decisions.Add(1, new(WorkersTelemetry.Tenant, tenantId), new(WorkersTelemetry.Policy, d.Policy.Key), new(WorkersTelemetry.Outcome, verdict));
                break;
            case InstanceLimitNeared:
                NearLimit.Add(1, new(WorkersTelemetry.Tenant, tenantId), new(WorkersTelemetry.Process, process));
                break;
            case IncidentRaised:
                Incidents.Add(1, new(WorkersTelemetry.Tenant, tenantId), new(WorkersTelemetry.Process, process));
                break;
        }
    }

    public static void Committed(int commands, TimeSpan took)
    {
        BatchSize.Record(commands);
        BatchDuration.Record(took.TotalSeconds);
    }

    public static void Attempted(string jobType, string outcome, TimeSpan took) =>
        AttemptDuration.Record(took.TotalSeconds, new(WorkersTelemetry.JobType, jobType), new(WorkersTelemetry.Outcome, outcome));

    /// <summary>After an attempt: delivered, failed for good, or pending and tried again.</summary>
    public static void Delivered(WebhookDelivery delivery)
    {
        var status = delivery.Log is [.., { Status: { } code }] ? code : 0;
        var tags = new TagList { { WorkersTelemetry.Outcome, delivery.Status == "pending" ? "retry" : delivery.Status } };
        if (status > 0)
            tags.Add("http.response.status_code", status);
        Deliveries.Add(1, tags);
    }
}
