using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances.Elements;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances;

/// <content>Jobs. The attempt is the fence: a late or second result adds nothing.</content>
public static partial class Engine
{
    private static Outcome Complete(Execution x, CompleteJob c)
    {
        if (Due(x, c.JobId, c.Attempt) is not { } job || x.Graph.Node(job.ElementId) is not { } node)
            return Outcome.Nothing;
        if (Json.Size(c.Variables) > x.Context.Limits.VariableBytes)
            return GiveUp(x, node, c.JobId, job, "job.result_too_large", $"The result has more than {x.Context.Limits.VariableBytes} bytes as JSON. Let the worker store it as a document and return its id.");
        if (VariableNames.Problem(c.Variables.Keys) is { } unnamed)
            return GiveUp(x, node, c.JobId, job, "job.result_name", unnamed);
        x.Emit(new JobCompleted(c.JobId, c.Attempt, c.Inference, c.By.Id, x.Now));
        Completion.Finish(x, node, job.TokenId, c.Variables, job.Variables);
        x.Run();
        return x.Outcome;
    }

    private static Outcome Fail(Execution x, FailJob c)
    {
        if (Due(x, c.JobId, c.Attempt) is not { } job || x.Graph.Node(job.ElementId) is not { } node)
            return Outcome.Nothing;
        if (!c.Retryable)
            return GiveUp(x, node, c.JobId, job, "job.not_retryable", c.Message, c.ErrorCode);
        if (job.Attempt >= job.Retries)
            return GiveUp(x, node, c.JobId, job, "job.retries_exhausted", c.Message, c.ErrorCode);
        var delay = RetrySchedule.Delay(c.JobId, job.Attempt, c.RetryAfter);
        return Outcome.Of(new JobRetried(c.JobId, job.Attempt + 1, x.Now + delay, c.ErrorCode, c.Message));
    }

    private static Outcome Throw(Execution x, ThrowJobError c)
    {
        if (Due(x, c.JobId, c.Attempt) is not { } job || x.Graph.Node(job.ElementId) is not { } node)
            return Outcome.Nothing;
        if (Unfit(c.Variables, x.Context) is { } unfit)
            return unfit;
        var caught = Errors.FindCatch(x, job.TokenId, c.ErrorCode);
        if (caught is not null || x.State.Parent is not null)
            x.Emit(new JobFailed(c.JobId, c.Attempt, c.ErrorCode, c.Message, x.Now));
        if (caught is not null)
            Errors.Catch(x, caught, c.Variables);
        else if (Errors.NotCaught(x, node, c.ErrorCode) is { } problem)
            return GiveUp(x, node, c.JobId, job, problem.Code, problem.Sentence, c.ErrorCode);
        x.Run();
        return x.Outcome;
    }

    private static Outcome GiveUp(Execution x, GraphNode node, string jobId, JobState job, string code, string message, string? errorCode = null)
    {
        x.Emit(new JobFailed(jobId, job.Attempt, errorCode ?? code, message, x.Now));
        x.Incident(job.TokenId, node, new Problem(code, message), jobId);
        return x.Outcome;
    }

    /// <summary>The job if this attempt of it is the one that is due; null when the result is late, a second one, or foreign.</summary>
    private static JobState? Due(Execution x, string jobId, int attempt) =>
        !x.State.HasEnded && x.State.Jobs.TryGetValue(jobId, out var job) && job.Attempt == attempt && !job.Failed ? job : null;
}
