using System.Diagnostics;
using Countersign.Workers.Jobs;
using Hangfire.Client;
using Hangfire.Common;
using Hangfire.Server;

namespace Countersign.Workers.Telemetry;

/// <summary>
/// Carries the trace with a Hangfire job as a parameter beside its arguments, so that a node of the version before still knows the method, and the other way round.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class HangfireTraceAttribute : JobFilterAttribute, IClientFilter, IServerFilter
{
    private const string Parameter = "traceparent";
    private const string Span = "span";

    public void OnCreating(CreatingContext context)
    {
        if (TraceContext.Now is { } parent)
            context.SetJobParameter(Parameter, parent);
    }

    public void OnCreated(CreatedContext context)
    {
        // The parameter was stored with the job.
    }

    public void OnPerforming(PerformingContext context)
    {
        if (TraceContext.Start(WorkersTelemetry.InferenceSpan, ActivityKind.Consumer, context.GetJobParameter<string>(Parameter)) is not { } span)
            return;
        span.SetTag("messaging.system", "hangfire");
        span.SetTag("messaging.destination.name", InferenceJob.Queue);
        span.SetTag("messaging.operation.type", "process");
        span.SetTag("messaging.message.id", context.BackgroundJob.Id);
        context.Items[Span] = span;
    }

    public void OnPerformed(PerformedContext context)
    {
        if (!context.Items.TryGetValue(Span, out var kept) || kept is not Activity span)
            return;
        if (context.Exception is { } error)
            span.Failed(error);
        span.Dispose();
    }
}
