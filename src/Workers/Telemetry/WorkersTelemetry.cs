using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Countersign.Workers.Telemetry;

/// <summary>
/// The names of what this floor says about itself: one source of spans, one meter. docs/reference/telemetry.md is compared with them.
/// No tag holds a person, a document's content or an address: ids, types and results only.
/// </summary>
public static class WorkersTelemetry
{
    /// <summary>Name of the source and of the meter.</summary>
    public const string Name = "Countersign.Workers";

    /// <summary>A command from its arrival at the runner to its durable answer.</summary>
    public const string RunSpan = "run command";

    /// <summary>One transaction of the runner, of one command or of many.</summary>
    public const string CommitSpan = "commit batch";

    /// <summary>A built-in job taken in hand by this node, or handed to the outbox.</summary>
    public const string PublishSpan = "publish job";

    /// <summary>An attempt of an inference handed to Hangfire.</summary>
    public const string EnqueueSpan = "enqueue inference";

    /// <summary>An attempt of an inference that Hangfire carries out.</summary>
    public const string InferenceSpan = "process inference";

    /// <summary>An attempt of a built-in job.</summary>
    public const string AttemptSpan = "attempt job";

    /// <summary>A document read by its reader.</summary>
    public const string ReadSpan = "read document";

    /// <summary>One attempt to deliver a webhook, with the answer to the job that waits for it.</summary>
    public const string DeliverSpan = "deliver webhook";

    /// <summary>A timer that is due.</summary>
    public const string TimerSpan = "fire timer";

    /// <summary>An attempt that nobody held, started again.</summary>
    public const string SweepSpan = "restart job";

    /// <summary>Every span of this floor.</summary>
    public static IReadOnlyList<string> Spans { get; } =
        [RunSpan, CommitSpan, PublishSpan, EnqueueSpan, InferenceSpan, AttemptSpan, ReadSpan, DeliverSpan, TimerSpan, SweepSpan];

    /// <summary>Tag: the tenant.</summary>
    public const string Tenant = "countersign.tenant.id";

    /// <summary>Tag: the process instance.</summary>
    public const string Instance = "countersign.instance.id";

    /// <summary>Tag: BPMN process id.</summary>
    public const string Process = "countersign.process.key";

    /// <summary>Tag: stable name of the command.</summary>
    public const string Command = "countersign.command";

    /// <summary>Tag: job type.</summary>
    public const string JobType = "countersign.job.type";

    /// <summary>Tag: the job.</summary>
    public const string Job = "countersign.job.id";

    /// <summary>Tag: attempt, from 1.</summary>
    public const string Attempt = "countersign.job.attempt";

    /// <summary>Tag: how it came out.</summary>
    public const string Outcome = "countersign.outcome";

    /// <summary>Tag: decision policy.</summary>
    public const string Policy = "countersign.policy.key";

    internal static readonly ActivitySource Source = new(Name);

    internal static readonly Meter Meter = new(Name);
}
