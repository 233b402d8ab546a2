using System.Diagnostics;

namespace Countersign.Workers.Telemetry;

/// <summary>Carries a trace over what does not flow by itself: a queue, a table, another process. W3C trace context; nothing else travels.</summary>
internal static class TraceContext
{
    /// <summary>The <c>traceparent</c> of what is under way, or null.</summary>
    public static string? Now => Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Id : null;

    /// <summary>A span below one that was written down; without one, below what is under way, or the first of its trace.</summary>
    public static Activity? Start(string name, ActivityKind kind, string? traceParent) =>
        traceParent is not null && ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent)
            ? WorkersTelemetry.Source.StartActivity(name, kind, parent)
            : WorkersTelemetry.Source.StartActivity(name, kind);

    /// <summary>Says in the span that it failed; the exception's text may hold personal data, so its kind only.</summary>
    public static void Failed(this Activity? span, Exception error)
    {
        span?.SetStatus(ActivityStatusCode.Error);
        span?.SetTag("error.type", error.GetType().FullName);
    }
}
