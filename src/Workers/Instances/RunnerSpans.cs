using System.Diagnostics;
using System.Globalization;
using Countersign.Domain.Instances;
using Countersign.Projections.Store;
using Countersign.Workers.Telemetry;

namespace Countersign.Workers.Instances;

/// <summary>
/// Spans of the runner. A command's span lasts until its answer is durable. A transaction of one command is part of that command's trace;
/// one of many belongs to none of them: it begins a trace of its own, and the two link to each other.
/// </summary>
internal static class RunnerSpans
{
    public static Activity? Run(InstanceCommand command)
    {
        var span = WorkersTelemetry.Source.StartActivity(WorkersTelemetry.RunSpan);
        if (span is not { IsAllDataRequested: true })
            return span;
        span.SetTag(WorkersTelemetry.Command, MessageAliases.Of(command.GetType()) ?? command.GetType().Name);
        span.SetTag(WorkersTelemetry.Tenant, command.TenantId);
        span.SetTag(WorkersTelemetry.Instance, command.InstanceId.ToString("D", CultureInfo.InvariantCulture));
        return span;
    }

    public static Activity? Commit(IReadOnlyList<CommandWork> batch)
    {
        // A writer's loop belongs to nobody's request.
        Activity.Current = null;
        if (batch is [var only])
            return WorkersTelemetry.Source.StartActivity(WorkersTelemetry.CommitSpan, ActivityKind.Internal, only.Span?.Context ?? default);
        var links = batch.Where(w => w.Span is not null).Select(w => new ActivityLink(w.Span!.Context));
        var span = WorkersTelemetry.Source.StartActivity(WorkersTelemetry.CommitSpan, ActivityKind.Internal, default(ActivityContext), links: links);
        if (span is not { IsAllDataRequested: true })
            return span;
        span.SetTag("countersign.batch.commands", batch.Count);
        var back = new ActivityLink(span.Context);
        foreach (var work in batch)
        {
            // Only the runner's own span may be written to: what stands in its place belongs to somebody else.
            if (work.Span is { OperationName: WorkersTelemetry.RunSpan, IsAllDataRequested: true } of)
                of.AddLink(back);
        }

        return span;
    }

    /// <summary>While a job of a command is handed on, that command is what is under way.</summary>
    public static Activity? Publish(CommandWork by, JobRow job)
    {
        var span = WorkersTelemetry.Source.StartActivity(WorkersTelemetry.PublishSpan, ActivityKind.Producer, by.Span?.Context ?? default);
        if (span is not { IsAllDataRequested: true })
            return span;
        span.SetTag("messaging.system", "wolverine");
        span.SetTag("messaging.operation.type", "send");
        span.SetTag("messaging.destination.name", "job_ready");
        span.SetTag(WorkersTelemetry.JobType, job.Type);
        span.SetTag(WorkersTelemetry.Job, job.Id);
        return span;
    }
}
