using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances;

namespace Countersign.Workers.Jobs;

/// <summary>A built-in kind of work. Its job type starts with <c>countersign:</c>.</summary>
public interface IJobWorker
{
    /// <summary>Job type it serves.</summary>
    string Type { get; }

    /// <summary>True for inference and other heavy work, which runs as a Hangfire job; otherwise it runs in the message's handler and must end within a minute.</summary>
    bool IsInference { get; }

    /// <summary>
    /// Carries out one attempt. Anything thrown is a failed attempt that may be tried again. The attempt may be carried out twice
    /// after a crash: outside effects carry <see cref="JobContext.EffectId"/>.
    /// </summary>
    Task<JobOutcome> Run(JobContext job, CancellationToken cancellation);
}

/// <summary>What a worker is given.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="InstanceId">The instance.</param>
/// <param name="ProcessKey">BPMN process id.</param>
/// <param name="ProcessVersion">Version number.</param>
/// <param name="ElementId">The step.</param>
/// <param name="JobId">The job.</param>
/// <param name="Attempt">The attempt, from 1.</param>
/// <param name="Headers">Static task headers.</param>
/// <param name="Variables">Input variables, opened.</param>
/// <param name="EffectId">Stable key of the outside effect, the same in every attempt: send it as <c>Idempotency-Key</c>.</param>
public sealed record JobContext(string TenantId, Guid InstanceId, string ProcessKey, int ProcessVersion, string ElementId, string JobId, int Attempt,
    ImmutableDictionary<string, string> Headers, ImmutableDictionary<string, JsonElement> Variables, string EffectId)
{
    /// <summary>The first instance of the chain; <see cref="InstanceId"/> where it never went on in a successor. What an outside record says about the case names this one.</summary>
    public Guid FirstInstanceId { get; init; } = InstanceId;

    /// <summary>Whether the job was made in a predecessor of its instance, which may have begun its effect.</summary>
    public bool IsTakenOver { get; init; }
}

/// <summary>How an attempt ended.</summary>
public abstract record JobOutcome
{
    private JobOutcome()
    {
    }

    /// <summary>It ended well.</summary>
    /// <param name="Variables">Result variables.</param>
    /// <param name="Inference">What a model did, when it was an inference.</param>
    public sealed record Completed(ImmutableDictionary<string, JsonElement> Variables, InferenceResult? Inference = null) : JobOutcome;

    /// <summary>It failed; the engine decides about the next attempt.</summary>
    /// <param name="ErrorCode">Stable code.</param>
    /// <param name="Message">One sentence without personal data.</param>
    /// <param name="Retryable">False ends the retries at once.</param>
    /// <param name="RetryAfter">What the other side asked for.</param>
    public sealed record Failed(string ErrorCode, string Message, bool Retryable = true, TimeSpan? RetryAfter = null) : JobOutcome;

    /// <summary>A BPMN error, to be caught by a boundary event.</summary>
    public sealed record Error(string ErrorCode, string Message, ImmutableDictionary<string, JsonElement> Variables) : JobOutcome;

    /// <summary>The work goes on elsewhere and its result will come as a command of its own; the lease is kept this long.</summary>
    /// <param name="Until">How long to wait before the attempt is carried out again.</param>
    public sealed record Pending(TimeSpan Until) : JobOutcome;
}

/// <summary>Stable keys of outside effects.</summary>
public static class EffectIds
{
    /// <summary>The key of a job's effect: the same for every attempt, also after its instance has gone on in a successor.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="job">The job.</param>
    public static string Of(string tenantId, JobRow job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.FirstId is { } first && InsideId.TryParse(first, out var instance, out _) ? Of(tenantId, instance, first) : Of(tenantId, job.InstanceId, job.Id);
    }

    /// <summary>The key of a job's effect: the same for every attempt, different for every job.</summary>
    public static string Of(string tenantId, Guid instanceId, string jobId) => Convert.ToHexStringLower(
        System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"countersign-effect-1\n{tenantId}\n{instanceId:D}\n{jobId}")))[..32];
}
